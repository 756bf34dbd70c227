"""Chance from the machine."""

import random

from attrs import frozen


@frozen
class SystemRandomness:
    """Numbers of the interpreter's own generator; good for jitter, not for secrets."""

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return random.random()
