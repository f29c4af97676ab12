"""Reads what a model's part of a report says, by rules of its own: figures and citations that a sheet does not hold."""

import re
from dataclasses import dataclass

from backend.reports.fact_sheet import FactSheet
from tests.reports.llm.storyteller import numbers_of


@dataclass(frozen=True)
class Findings:
    """Percentages, prices and citations that are not of the sheet."""

    numbers: list[str]
    citations: list[str]


def read_section(text: str) -> str:
    """The part that the model wrote, as a reader sees it; empty if there is none."""
    found = re.search(r"## AI (?:요약|summary)\n(.*?)\n_", text, re.DOTALL)
    return found[1].replace("\\", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") if found else ""


def read_false(text: str, sheet: FactSheet) -> Findings:
    """What is false in the model's part of a report."""
    section, known = read_section(text), numbers_of(sheet)
    titles = " ".join(story.title for story in sheet.stories)
    shares = [
        share for share in re.findall(r"(\d+(?:\.\d+)?)\s?(?:%|퍼센트|percent)", section)
        if not any(abs(float(share) - one) <= 0.051 for one in known)
    ]  # fmt: skip
    prices = [
        price for price in re.findall(r"(?<![만억조] )(?<![\d,])(\d{1,3}(?:,\d{3})+)(?:원| won)", section)
        if not any(abs(float(price.replace(",", "")) - one) < 1 for one in known) and price not in titles
    ]  # fmt: skip
    ids = {f"n{story.news_id}" for story in sheet.stories}
    return Findings(shares + prices, [one for one in re.findall(r"\[(n\d+)\]", section) if one not in ids])
