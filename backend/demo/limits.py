"""Rate limits of the real sources, over sliding windows of real time."""

import time
from collections import deque


class RateLimit:
    """At most `count` requests in any `period_s` seconds."""

    def __init__(self, count: int, period_s: float) -> None:
        self._count, self._period_s = count, period_s
        self._passed: deque[float] = deque()

    def admits(self) -> bool:
        """Whether a request is admitted now; refused requests do not count."""
        now = time.monotonic()
        while self._passed and now - self._passed[0] >= self._period_s:
            self._passed.popleft()
        if len(self._passed) >= self._count:
            return False
        self._passed.append(now)
        return True


class Limits:
    """Rate limits of one stand-in, per source."""

    def __init__(self) -> None:
        self.kis = RateLimit(20, 1.0)
        self.kis_tokens = RateLimit(1, 60.0)
        self.naver_hub = RateLimit(50, 1.0)
        self.naver_legacy = RateLimit(10, 1.0)
        self.dart = RateLimit(1_000, 60.0)
