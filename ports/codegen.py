"""Turns a plan into the files of a repository."""

from collections.abc import Mapping
from typing import Protocol

from domain.mlops.facts import Constraints
from domain.mlops.plan import Plan


class RepositoryGenerator(Protocol):
    """Generates repositories; the same plan and constraints always give the same bytes."""

    def generate(self, plan: Plan, constraints: Constraints) -> Mapping[str, bytes]:
        """Return every file of the repository as path to content, sorted by path.

        Paths are relative POSIX paths. Reports on the files (``reports/*.json``) are the caller's to add with
        ``domain.mlops.repository.merge``.
        """
        ...
