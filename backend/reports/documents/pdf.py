"""`python -m backend.reports.documents.pdf LANGUAGE`: reads a report's Markdown, writes it as PDF (A4).

A process of its own, because a Korean font and what embeds it take 150 MB that the API would never give back. Exit code
NO_FONT: this machine has no Korean font.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from backend.errors import MissingFontError
from backend.reports.documents.fonts import NO_FONT, Font, find_font

_FAMILY: Final = "report"
_MARGIN_MM, _BODY_PT, _TABLE_PT = 15, 9.5, 8
_SIZES_PT: Final = {"h1": 15.0, "h2": 11.0}
_GREY: Final = (110, 110, 110)


def render(markdown: str, language: str, font: Font | None = None) -> bytes:
    """The PDF. Raises MissingFontError without a Korean font."""
    pdf = _open(font or find_font())
    pdf.set_lang(language)
    pdf.set_title(markdown.partition("\n")[0].lstrip("# "))
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown)
    for node in SyntaxTreeNode(tokens).children:
        _draw(pdf, node)
    return bytes(pdf.output())


def _open(font: Font) -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_margin(_MARGIN_MM)
    for style, path in (("", font.regular), ("B", font.bold)):
        pdf.add_font(_FAMILY, style, Path(path), collection_font_number=font.number)
    pdf.add_page()
    return pdf


def _draw(pdf: FPDF, node: SyntaxTreeNode) -> None:
    if node.type == "heading":
        pdf.ln(2)
        _write(pdf, _text(node), size=_SIZES_PT.get(node.tag, _BODY_PT), bold=True)
    elif node.type == "bullet_list":
        for item in node.children:
            _write(pdf, f"• {_text(item)}")
    elif node.type == "table":
        _draw_table(pdf, [[_text(cell) for cell in row.children] for part in node.children for row in part.children])
    else:
        pdf.set_text_color(*_GREY)
        _write(pdf, _text(node), size=_TABLE_PT)
        pdf.set_text_color(0, 0, 0)


def _write(pdf: FPDF, text: str, *, size: float = _BODY_PT, bold: bool = False) -> None:
    pdf.set_font(_FAMILY, "B" if bold else "", size)
    pdf.multi_cell(0, size * 0.55, text, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(1)


def _draw_table(pdf: FPDF, rows: Sequence[Sequence[str]]) -> None:
    pdf.set_font(_FAMILY, "", _TABLE_PT)
    heading = FontFace(emphasis="BOLD", fill_color=(240, 240, 240))
    widths = tuple(max(6, *(len(row[column]) for row in rows)) for column in range(len(rows[0])))
    with pdf.table(
        col_widths=widths, line_height=_TABLE_PT * 0.55, text_align="LEFT", headings_style=heading,
        borders_layout=TableBordersLayout.HORIZONTAL_LINES, padding=0.8,
    ) as table:  # fmt: skip
        for row in rows:
            table.row(list(row))
    pdf.ln(2)


def _text(node: SyntaxTreeNode) -> str:
    return "".join(_pieces(node))


def _pieces(node: SyntaxTreeNode) -> Iterator[str]:
    if node.type in {"text", "code_inline"}:
        yield node.content
    elif node.type in {"softbreak", "hardbreak"}:
        yield " "
    for child in node.children:
        yield from _pieces(child)


def main() -> int:
    try:
        sys.stdout.buffer.write(render(sys.stdin.buffer.read().decode(), sys.argv[1]))
    except MissingFontError:
        return NO_FONT
    return 0


if __name__ == "__main__":
    sys.exit(main())
