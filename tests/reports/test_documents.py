"""A report as HTML and PDF: nothing from outside becomes markup, and a machine without a font says so."""

import subprocess
import sys
from pathlib import Path

import pytest

from backend.errors import MissingFontError
from backend.reports.documents import html
from backend.reports.documents.fonts import CANDIDATES, Font, find_font
from backend.reports.report_markdown import escape
from backend.services.reports.report_files import FileForm, make_file

(REPORT,) = (Path(__file__).parent / "golden").glob("whole.k*")
HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) ![p](http://evil.example/p.png)"
HAS_FONT = any(font.regular.is_file() for font in CANDIDATES)


def test_a_page_holds_the_report_its_title_and_no_address_outside() -> None:
    page = html.to_page(REPORT.read_text(), language="ko")
    assert '<html lang="ko">' in page
    assert "<title>삼성전자 (005930): 테슬라와 4조원 수주·공급 계약에 주가 +1.4%</title>" in page
    assert page.count("<table>") == 11
    assert '<a href="/api/news/123">n123</a>' in page
    assert "http" not in page


def test_what_a_headline_holds_is_text_in_a_page() -> None:
    page = html.to_page(f"# {escape(HOSTILE)}\n\n- {escape(HOSTILE)}\n\n- {HOSTILE}\n", language="ko")
    assert "<script" not in page
    assert "javascript:" not in page.replace("javascript:alert(1))", "")  # as text it may stand there
    assert 'href="javascript' not in page
    assert "<img" not in page.split("</li>")[0]


def test_the_first_font_that_is_here_is_taken_and_none_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "plain.ttf"
    plain.touch()
    missing = Font(tmp_path / "no.ttf", tmp_path / "no.ttf")
    assert find_font([missing, Font(plain, tmp_path / "bold.ttf", 2)]) == Font(plain, plain, 2)
    with pytest.raises(MissingFontError, match=r"no Korean font for PDF; install one"):
        find_font([missing])


async def test_a_report_is_its_markdown_or_a_page_of_it() -> None:
    assert await make_file("# 가나", FileForm.MARKDOWN, "ko") == "# 가나".encode()
    assert b'<html lang="en">' in await make_file("# A", FileForm.HTML, "en")


@pytest.mark.skipif(not HAS_FONT, reason="no Korean font on this machine: apt install fonts-nanum")
async def test_the_api_asks_a_process_for_the_pdf() -> None:
    drawn = await make_file(
        "# 가나 (000010): 주가\n\n- 하나\n\n| 가 | 나 |\n| --- | --- |\n| 1 | 2 |\n", FileForm.PDF, "ko"
    )
    assert drawn.startswith(b"%PDF-")


@pytest.mark.skipif(not HAS_FONT, reason="no Korean font on this machine: apt install fonts-nanum")
def test_a_report_is_drawn_as_pdf_by_a_process_of_its_own() -> None:
    command = [sys.executable, "-W", "error", "-m", "backend.reports.documents.pdf", "ko"]
    drawn = subprocess.run(command, input=REPORT.read_bytes(), capture_output=True, check=True)
    assert drawn.stdout.startswith(b"%PDF-")
    assert drawn.stdout.rstrip().endswith(b"%%EOF")
    assert drawn.stderr == b""
