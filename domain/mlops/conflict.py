"""Constraints that exclude one another, and the ways out."""

from typing import Any

from attrs import frozen

from domain.mlops.facts import Constraints, Fact, Provenance


@frozen
class Option:
    """A way out of a conflict: the facts that choosing it sets and the names of those it drops."""

    label: str
    facts: tuple[Fact, ...] = ()
    drops: tuple[str, ...] = ()

    def apply(self, constraints: Constraints) -> Constraints:
        """Return the constraints with this way taken."""
        return constraints.without(*self.drops).having(*self.facts)


@frozen
class Conflict:
    """Constraints that exclude one another.

    ``rule`` is C1 to C10, ``fields`` the facts in question, ``options`` the ways out and ``relaxation`` the cheapest.
    """

    rule: str
    message: str
    fields: tuple[str, ...]
    options: tuple[Option, ...]

    @property
    def relaxation(self) -> Option:
        """Return the cheapest way out."""
        return self.options[0]

    @property
    def key(self) -> str:
        """Return the name of the question that settles it, the same as long as the conflict stands."""
        return f"conflict:{self.rule}" if self.rule != "C10" else f"conflict:{self.rule}:{self.fields[0]}"


def answered(name: str, value: Any, unit: str | None = None) -> Fact:
    """Return the fact that choosing an option sets."""
    return Fact(name, value, Provenance.ANSWERED, unit=unit)
