"""Seeded random numbers: the same key gives the same numbers in every process, whatever was drawn before."""

import random


def chance(seed: int, *key: str | int) -> random.Random:
    """A generator of its own for `key`; text seeds are hashed with SHA-512, so near keys are unrelated."""
    return random.Random("/".join(map(str, (seed, *key))))  # noqa: S311  (a demo needs repeatable numbers, not secret ones)
