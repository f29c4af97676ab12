"""Seeded random numbers: the same key yields the same numbers in every process and order of use."""

import random


def chance(seed: int, *key: str | int) -> random.Random:
    """A random generator for `key`; seeds are hashed with SHA-512, so similar keys are unrelated."""
    return random.Random("/".join(map(str, (seed, *key))))  # noqa: S311  (a demo needs repeatable numbers, not secret ones)
