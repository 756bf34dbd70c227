"""What is known of the system to be designed: facts with their provenance, gathered into constraints."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None


class Provenance(StrEnum):
    """How a fact came to be known; only what people said or what follows from it counts for coverage."""

    STATED = "stated"
    ANSWERED = "answered"
    DERIVED = "derived"
    ASSUMED = "assumed"


@frozen
class Fact:
    """One known property of the system.

    ``value`` is plain JSON (a list for ordered sets, a dict for compound fields such as the budget); ``span`` is the
    half-open character range of the redacted brief it was read from, ``quote`` the text of that range.
    ``alternatives`` are other values the brief states for the same field without saying which counts: a conflict
    until a person chooses.
    """

    name: str
    value: Any
    how: Provenance
    unit: str | None = None
    span: tuple[int, int] | None = None
    quote: str | None = None
    confidence: float = 1.0
    alternatives: tuple[Any, ...] = ()


@frozen
class Constraints:
    """The facts of one design, at most one a field name."""

    facts: Mapping[str, Fact] = field(factory=dict)

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Constraints":
        """Build constraints from facts; of two with one name the later wins."""
        return cls({fact.name: fact for fact in facts})

    def __contains__(self, name: object) -> bool:
        return name in self.facts

    def get(self, name: str) -> Fact | None:
        """Return the fact of that name, or None where nothing is known."""
        return self.facts.get(name)

    def value(self, name: str, default: Any = None) -> Any:
        """Return the value of the fact of that name, or ``default`` where nothing is known."""
        fact = self.facts.get(name)
        return default if fact is None else fact.value

    def having(self, *facts: Fact) -> "Constraints":
        """Return constraints with these facts added, replacing those of the same name."""
        return evolve(self, facts={**self.facts, **{fact.name: fact for fact in facts}})

    def without(self, *names: str) -> "Constraints":
        """Return constraints that know nothing of these names."""
        return evolve(self, facts={name: fact for name, fact in self.facts.items() if name not in names})
