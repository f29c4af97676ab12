"""What a reader is told first of a stock: how large its next move may be, and the event behind it."""

from datetime import date, datetime

from pydantic import Field

from backend.api.schemas import Item
from backend.domain.understanding.events import Sign


class ExpectedSize(Item):
    """How large the market-adjusted move from the base price to the exit will be, up or down; sizes are fractions."""

    expected: float = Field(description="Mean size that is expected: 0.031 is 3.1%.")
    usual: float = Field(description="Mean size of the stock's moves of the last 250 sessions.")
    large: float = Field(description="A large move of this stock: a fifth of its own went beyond.")
    p_large: float = Field(description="Probability 0..1 of a move beyond `large`.")
    p_3pct: float = Field(description="Probability 0..1 of a move beyond 3%.")


class SizeItem(ExpectedSize):
    """The newest forecast of the size of a stock's move, with the band of its price."""

    id: int = Field(description="The prediction that says so: GET /api/prediction/{id}.")
    horizon: int
    asof: datetime
    exit_trade_date: date
    base_price_krw: int
    low_krw: int = Field(description="The price ends below it in 10 of 100 such cases.")
    high_krw: int = Field(description="The price ends above it in 10 of 100 such cases.")


class EventItem(Item):
    """The event of the last three days that matters most for a stock."""

    story_id: int
    news_id: int
    title: str
    event_type: str
    sign: Sign
    known_at: datetime
