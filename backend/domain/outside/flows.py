"""Who bought a stock in a session, net: foreigners, institutions, and people."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class InvestorFlow:
    """Net purchases of one session, negative where more was sold; KRW are None where the source does not tell them."""

    stock_code: str
    trade_date: date
    foreign_shares: int
    institution_shares: int
    individual_shares: int
    foreign_krw: int | None
    institution_krw: int | None
    individual_krw: int | None
    source: str
