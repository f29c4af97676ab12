"""A stored report as a file: Markdown as it is, HTML that prints well, and PDF drawn by a process of its own."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from enum import StrEnum
from typing import Final

from backend.errors import AzakError, MissingFontError
from backend.reports.documents import html
from backend.reports.documents.fonts import NO_FONT

PDF_WITHIN_S: Final = 60
_DRAW: Final = (sys.executable, "-m", "backend.reports.documents.pdf")


class FileForm(StrEnum):
    MARKDOWN = "md"
    HTML = "html"
    PDF = "pdf"


MEDIA_TYPES: Final = {
    FileForm.MARKDOWN: "text/markdown; charset=utf-8",
    FileForm.HTML: "text/html; charset=utf-8",
    FileForm.PDF: "application/pdf",
}


async def make_file(markdown: str, form: FileForm, language: str) -> bytes:
    """The report in this form. Raises MissingFontError, and AzakError where drawing failed or took too long."""
    if form is FileForm.PDF:
        return await _draw_pdf(markdown, language)
    return (html.to_page(markdown, language=language) if form is FileForm.HTML else markdown).encode()


async def _draw_pdf(markdown: str, language: str) -> bytes:
    process = await asyncio.create_subprocess_exec(*_DRAW, language, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        async with asyncio.timeout(PDF_WITHIN_S):
            drawn, complaint = await process.communicate(markdown.encode())
    except TimeoutError:
        raise AzakError(f"The PDF was not drawn within {PDF_WITHIN_S} s; take .html and print it.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == NO_FONT:
        raise MissingFontError
    if process.returncode:
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2][:200]
        raise AzakError(f"The PDF could not be drawn ({last}); take .html and print it.")
    return drawn
