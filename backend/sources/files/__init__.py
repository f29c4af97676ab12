"""Files that people hold: bytes in, bars, articles and listings out; nothing of a file's size stays in memory.

`reading` makes a table of text of any file, its columns told by their names; `layouts` and `evidence` say what its
prices are, `values` reads one cell, `bars`, `articles` and `listed` a row. What is refused has a kind of `refusals`.
"""
