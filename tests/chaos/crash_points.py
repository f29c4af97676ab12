"""Where a process under test kills itself: `CHAOS_CRASH_POINT=before:claim:2` is the second claim.

The product has no code for this: `arm` wraps its functions, and the process dies by a real SIGKILL just
before or just after the call.
"""


def arm(point: str | None) -> None:
    """Wrap the function that `point` names, if any."""
