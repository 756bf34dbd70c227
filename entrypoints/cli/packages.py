"""The check at start that the packages we run on are our own: they have plain names, which others may have too."""

import importlib.util
from importlib.metadata import packages_distributions
from pathlib import Path

import entrypoints
from entrypoints.cli.errors import ForeignPackageError

PACKAGES = ("domain", "ports", "adapters", "entrypoints", "migrations")


def require_own_packages() -> None:
    """Raise ForeignPackageError when a package of ours does not lie beside ``entrypoints``."""
    root = Path(entrypoints.__path__[0]).resolve().parent
    for name in PACKAGES:
        found = _folder(name)
        if found is None or found.parent != root:
            raise ForeignPackageError(_told(name, found))


def _folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]).resolve() if places else None


def _told(name: str, found: Path | None) -> str:
    owners = [owner for owner in packages_distributions().get(name, []) if owner != "mlwright"]
    by = f", of the distribution {owners[0]}," if owners else ""
    where = f"the one at {found}{by} is in its place" if found else "it can't be found"
    return (
        f"The package {name!r} is not mlwright's own: {where}. Install mlwright into an environment of its own"
        " (see docs/adr/0001-flat-packages.md)."
    )
