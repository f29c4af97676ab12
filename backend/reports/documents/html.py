"""A report as one HTML page that prints well: no script, no outside address, its style inside.

The Markdown is ours, with text from outside escaped in it (report_markdown); raw HTML in it stays text.
"""

import base64
import hashlib
import html
from typing import Final

_STYLE: Final = """
@page { size: A4; margin: 16mm 15mm; }
body { font: 10.5pt/1.5 "Noto Sans KR", "Noto Sans CJK KR", "Nanum Gothic", "Apple SD Gothic Neo", "Malgun Gothic",
  sans-serif; color: #1a1a1a; max-width: 180mm; margin: 8mm auto; padding: 0 4mm; word-break: keep-all; }
h1 { font-size: 16pt; line-height: 1.3; border-bottom: 1.5pt solid #1a1a1a; padding-bottom: 2mm; }
h2 { font-size: 11.5pt; margin: 5mm 0 1.5mm; break-after: avoid; }
ul { margin: 1mm 0; padding-left: 5mm; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; margin: 1.5mm 0; break-inside: avoid; }
th, td { border-bottom: .4pt solid #bbb; padding: 1mm 1.5mm; text-align: left; vertical-align: top; }
th { border-bottom: .8pt solid #1a1a1a; }
a { color: inherit; text-decoration: none; }
em { font-style: normal; color: #555; font-size: 8.5pt; }
"""


# Of the page's own style alone, whatever a headline may hold.
CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def to_body(markdown: str) -> str:
    """HTML of a report's Markdown, without a page around it."""
    from markdown_it import MarkdownIt  # noqa: PLC0415  (an API that nobody asks for a page does without it)

    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown))


def to_page(markdown: str, *, language: str) -> str:
    """A whole HTML page. Its title is the report's claim."""
    title = markdown.partition("\n")[0].lstrip("# ")
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(html.unescape(title))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"{to_body(markdown)}</body>\n</html>\n"
    )
