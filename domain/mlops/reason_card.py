"""Reason cards: what an agent considered, chose and took for granted, so that a design can be explained afterwards."""

from attrs import frozen


@frozen
class ReasonCard:
    """Why an agent decided as it did.

    ``candidates`` are the options it weighed, ``confidence`` lies in [0, 1].
    """

    agent: str
    choice: str
    why: str
    candidates: tuple[str, ...] = ()
    confidence: float = 1.0
    risks: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
