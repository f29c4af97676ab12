"""Validates cron lines that people set: five fields (minute, hour, day, month, weekday) in Asia/Seoul.

Weekdays by name only, because 0 is Sunday in cron and Monday in APScheduler. The API validates a line itself, because
it has no APScheduler and the scheduler may be down.
"""

import re

from backend.errors import InvalidInputError

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12))
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?", re.ASCII)
_DAYS = re.compile(r"(?:[a-z]{3})(?:-[a-z]{3})?")


def check_cron_line(line: str) -> None:
    """Raises InvalidInputError, which names the field, for a line that is malformed or never fires."""
    fields = line.split(" ")
    if len(fields) != 5:
        raise _refusal(f"'{line[:60]}' has {len(fields)} fields")
    values = [_numbers(text, *field) for text, field in zip(fields, _FIELDS, strict=False)]
    _check_weekdays(fields[4])
    if min(values[2]) > max(_LONGEST_MONTH[month - 1] for month in values[3]):
        raise _refusal(f"day {fields[2]} never comes in month {fields[3]}")


def _refusal(reason: str) -> InvalidInputError:
    return InvalidInputError(
        f"Not a cron line: {reason}. Write minute, hour, day, month and weekday (mon to sun) in Seoul time, "
        "for example '*/10 9-15 * * mon-fri'."
    )


def _numbers(text: str, name: str, low: int, high: int) -> set[int]:
    """The values that a numeric field matches."""
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise _refusal(f"{name} '{part[:20]}' is not a number, a range or a step")
        first, last, step = match.groups()
        start = low if first is None else int(first)
        end = high if first is None else int(last or first)
        if not low <= start <= end <= high:
            raise _refusal(f"{name} '{part}' is not within {low} to {high}")
        if step is not None and (last is None) is (first is not None):
            raise _refusal(f"{name} '{part}' has a step without a range")
        if step is not None and not 1 <= int(step) <= end - start:
            raise _refusal(f"{name} '{part}' steps over its whole range")
        found |= set(range(start, end + 1, int(step or 1)))
    return found


def _check_weekdays(text: str) -> None:
    if text == "*":
        return
    for part in text.split(","):
        names = part.split("-")
        known = _DAYS.fullmatch(part) is not None and all(name in _WEEKDAYS for name in names)
        if not known or _WEEKDAYS.index(names[0]) > _WEEKDAYS.index(names[-1]):
            raise _refusal(f"weekday '{part[:20]}' is not mon, tue, wed, thu, fri, sat or sun, or a range of them")
