"""What a feed did not show. It holds its newest items only: what was published while nobody asked is gone from it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# An item this much older than the newest one known is no sign that a feed reaches back to it: papers pin old items.
NEAR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FeedGap:
    """What `source` published after `since` and before `until` was not seen."""

    source: str
    since: datetime
    until: datetime


def find_gap(
    source: str, newest_known: datetime | None, published: Collection[datetime], *, holds_newest: bool
) -> FeedGap | None:
    """The gap between what is known of a source and its answer; None if there is none, or nobody can tell.

    `published`: the times of the dated items of the answer, in any order. `holds_newest`: one of those of the same
    time as `newest_known` is stored. Times alone do not say so: several items may have the same minute or day.
    """
    if newest_known is None:  # the first visit ever: nothing was known that could have been followed
        return None
    if holds_newest or any(newest_known - NEAR <= at < newest_known for at in published):
        return None
    after = [at for at in published if at >= newest_known]
    return FeedGap(source, newest_known, min(after)) if after else None
