"""What changed at the exchange from one session to the next: pure comparisons of what its files said.

A change is told by the files alone; only `rebased` also needs the close before, which the files do not have.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend.domain.market import Listing, ListingEvent, LockClass, ParChange

# The tick in KRW at a price (backend.krx has it, with holiday tables that the API process shall not load).
TickSize = Callable[[float], int]


@dataclass(frozen=True, slots=True)
class Change:
    """An event of a stock; `old` and `new` are names, markets, KRW or classes, as the kind has it."""

    stock_code: str
    kind: ListingEvent
    old: str | None = None
    new: str | None = None


def list_changes(
    before: Listing | None, now: Listing, previous_close_krw: float | None, tick_size: TickSize
) -> list[Change]:
    """The events between two files; `before` None: the stock is new in them.

    `previous_close_krw`: the raw close of the session before, None where azak has none.
    """
    if before is None:
        return [Change(now.code, ListingEvent.LISTED, new=now.name)]
    if is_other_stock(before, now):
        return [
            Change(now.code, ListingEvent.DELISTED, old=before.name),
            Change(now.code, ListingEvent.LISTED, new=now.name),
        ]
    return [*_identity(before, now), *_state(before, now), *_price(before, now, previous_close_krw, tick_size)]


def is_other_stock(before: Listing, now: Listing) -> bool:
    """Whether the exchange gave the code of one stock to another: it was listed on another day.

    A move to another market brings a new day of listing, too, and keeps the stock.
    """
    dates = (before.listed_on, now.listed_on)
    return None not in dates and before.listed_on != now.listed_on and before.market == now.market


def _identity(before: Listing, now: Listing) -> Iterator[Change]:
    if before.name != now.name:
        yield Change(now.code, ListingEvent.RENAMED, before.name, now.name)
    if before.market != now.market:
        yield Change(now.code, ListingEvent.MOVED, before.market, now.market)


def _state(before: Listing, now: Listing) -> Iterator[Change]:
    if before.is_halted != now.is_halted:
        yield Change(now.code, ListingEvent.HALTED if now.is_halted else ListingEvent.RESUMED)
    if now.is_liquidation and not before.is_liquidation:
        yield Change(now.code, ListingEvent.LIQUIDATION)
    if before.is_managed != now.is_managed:
        yield Change(now.code, ListingEvent.MANAGED if now.is_managed else ListingEvent.RELEASED)


def _price(before: Listing, now: Listing, previous_close_krw: float | None, tick_size: TickSize) -> Iterator[Change]:
    pars = (before.par_value_krw, now.par_value_krw)
    has_new_par = None not in pars and before.par_value_krw != now.par_value_krw
    if has_new_par or (now.par_change is not ParChange.NONE and before.par_change is ParChange.NONE):
        yield Change(now.code, ListingEvent.PAR_CHANGED, *(None if par is None else str(par) for par in pars))
    if now.lock_class is not LockClass.NONE and before.lock_class is LockClass.NONE:
        yield Change(now.code, ListingEvent.EX, new=now.lock_class)
    base = now.base_price_krw
    if base is None or previous_close_krw is None or now.is_liquidation:
        return
    if abs(base - previous_close_krw) > tick_size(base):
        yield Change(now.code, ListingEvent.REBASED, f"{previous_close_krw:g}", str(base))
