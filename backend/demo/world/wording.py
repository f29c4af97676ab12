"""Fields of the templates in `backend.demo.world.events`, and edits of titles by other papers."""

import random
from collections.abc import Mapping

from backend.demo.world import events
from backend.demo.world.stocks import DemoStock


def with_particle(word: str, after_consonant: str, after_vowel: str) -> str:
    """`word` with the Korean particle that its last letter requires; Latin letters count as vowels."""
    last = ord(word[-1]) - ord("가")
    closed = 0 <= last < 11_172 and last % 28 > 0
    return word + (after_consonant if closed else after_vowel)


def amount(eok: int) -> str:
    """Format an amount in units of 100 million won as papers do: 3,450억원, 1조2,340억원."""
    trillions, rest = divmod(eok, 10_000)
    if not trillions:
        return f"{eok:,}억원"
    return f"{trillions}조{rest:,}억원" if rest else f"{trillions}조원"


def make_fields(rng: random.Random, stock: DemoStock, year: int, month: int) -> dict[str, str]:
    """The template fields of one story, shared by all its copies."""
    party, broker, product = rng.choice(events.PARTIES), rng.choice(events.BROKERS), rng.choice(stock.products)
    return {
        "n": stock.name,
        "n_i": with_particle(stock.name, "이", "가"),
        "n_eun": with_particle(stock.name, "은", "는"),
        "code": stock.code,
        "q": f"{((month - 1) // 3 - 1) % 4 + 1}분기",
        "eok": str(eok := rng.choice((rng.randint(30, 990) * 10, rng.randint(100, 3_000) * 10))),
        "amt": amount(eok),
        "pct": f"{rng.randint(21, 398) / 10:g}",
        "won": f"{rng.randint(4, 900) * 500:,}",
        "num": f"{rng.randint(12, 980) * 10:,}",
        "year": str(year + rng.randint(1, 5)),
        "party": party,
        "party_i": with_particle(party, "이", "가"),
        "broker": broker,
        "broker_eun": with_particle(broker, "은", "는"),
        "prod": product,
        "prod_eul": with_particle(product, "을", "를"),
        "person": rng.choice(events.PEOPLE),
    }


def edit(rng: random.Random, title: str) -> str:
    """The title in another paper: the same or slightly edited."""
    edits = (
        title,
        title,
        title.replace(", ", " ", 1),
        title.replace("…", "... ", 1),
        f"{title}(종합)",
        f"[공시] {title}",
    )
    return rng.choice(edits)


def correct(rng: random.Random, title: str, fields: Mapping[str, str]) -> str:
    """The title of a correction ([정정]), with another figure if it had one."""
    wrong, right = fields["pct"], f"{rng.randint(21, 398) / 10:g}"
    return f"[정정] {title.replace(wrong, right, 1)}"
