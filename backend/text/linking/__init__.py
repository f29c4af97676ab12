"""Which stocks an article is about: rules over its title, its snippet and the source's own tags (docs/linking.md)."""

from backend.text.linking.confidence import CONFIDENCE, LOW_CONFIDENCE, OWN_TAG_CONFIDENCE
from backend.text.linking.flags import ROUNDUP_STOCKS, is_roundup
from backend.text.linking.stock_names import StockNames

__all__ = [
    "CONFIDENCE",
    "LOW_CONFIDENCE",
    "OWN_TAG_CONFIDENCE",
    "ROUNDUP_STOCKS",
    "StockNames",
    "is_roundup",
]
