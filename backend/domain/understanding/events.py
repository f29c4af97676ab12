"""What a headline or a filing says happened: the kind of event, which way it points, how far it is, how much it is.

docs/events.md holds the same list for people who label titles.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """Whom a text is about."""

    COMPANY = "company"
    COMPANIES = "companies"  # two to five of them
    SECTOR = "sector"
    FUND = "fund"
    MARKET = "market"  # the exchange, the economy, roundups of many stocks
    OTHER = "other"


class Sign(StrEnum):
    """Which way an event points for holders of the share, told from the event and never from the price."""

    POSITIVE = "+"
    NEGATIVE = "-"
    NEUTRAL = "0"
    REVERSED = "reversed"  # it undoes an event of its type: a contract cancelled, an issue withdrawn


class Stage(StrEnum):
    RUMOURED = "rumoured"
    ANNOUNCED = "announced"
    DECIDED = "decided"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


NO_TYPE: Final = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """`amount_krw` is None where no amount in won is said; `counterparty` "" where none is named.

    `share` is the company's own figure for how large the event is (a contract as a share of sales, .25 for 25 %), and
    `surprise` that of results against the consensus, or a year before (.1 for 10 % above): None where not said.
    """

    scope: Scope = Scope.OTHER
    type: str = NO_TYPE
    sign: Sign = Sign.NEUTRAL
    stage: Stage = Stage.ANNOUNCED
    amount_krw: int | None = None
    counterparty: str = ""
    share: float | None = None
    surprise: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the fields of a filing say of its event; None and "" where they say nothing."""

    amount_krw: int | None = None
    counterparty: str = ""
    share: float | None = None
    sign: Sign | None = None


def with_fields(event: Event, told: Told) -> Event:
    """The event of a filing's title, with what its fields say. What the title undoes stays undone."""
    sign = event.sign if told.sign is None or event.sign is Sign.REVERSED else told.sign
    return replace(
        event,
        amount_krw=event.amount_krw if told.amount_krw is None else told.amount_krw,
        counterparty=told.counterparty or event.counterparty,
        share=event.share if told.share is None else told.share,
        sign=sign,
    )
