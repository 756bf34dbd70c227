"""Write artifacts to the file system: confined to their folder, and never over another file."""

import errno
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import frozen

from domain.model.artifact import Artifact
from entrypoints.cli.errors import OutputFileError

if TYPE_CHECKING:
    from entrypoints.bootstrap import Application

_SHORT = 12
DESIGNS = Path("designs")


@frozen
class Exported:
    """An artifact with the file it was written to."""

    artifact: Artifact
    path: Path


def short_id(identifier: UUID) -> str:
    """Return the end of an id, its random part, which tells ids of one minute apart."""
    return str(identifier)[-_SHORT:]


def default_folder(decision_set_id: UUID) -> Path:
    """Return where a design's files go unless told otherwise."""
    return DESIGNS / short_id(decision_set_id)


def require_writable(folder: Path) -> None:
    """Raise OutputFileError when a folder can't be made or written, before any work is done for it."""
    existing = next((place for place in (folder, *folder.absolute().parents) if os.path.lexists(place)), Path("/"))
    if not existing.is_dir():
        raise OutputFileError(f"{folder} can't be made: {existing} is not a folder; choose another with --out.")
    try:
        Path(tempfile.mkdtemp(prefix=".mlwright-", dir=existing)).rmdir()
    except OSError as error:
        raise OutputFileError(f"{folder} can't be written: {error.strerror or error}; choose another.") from None


async def export(app: "Application", artifacts: Sequence[Artifact], folder: Path) -> list[Exported]:
    """Write the newest artifact of each name into a folder; raises OutputFileError, or what fetching raises."""
    newest = {artifact.filename: artifact for artifact in artifacts}
    exported = []
    for artifact in newest.values():
        _, content = await app.fetch_artifact(artifact.id)
        path = folder / artifact.filename
        _require_inside(folder, path)
        write_file(path, content, keep_same=True)
        exported.append(Exported(artifact, path))
    return exported


def _require_inside(folder: Path, path: Path) -> None:
    if folder.resolve() not in path.resolve().parents:
        raise OutputFileError(f"{path} would lie outside {folder}, by a symbolic link in it; choose another --out.")


def write_file(path: Path, content: bytes, *, force: bool = False, keep_same: bool = False) -> None:
    """Write a whole file.

    Raises OutputFileError when it can't be written, or exists and neither ``force`` is given nor, with ``keep_same``,
    its bytes are the same already.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if force and not path.is_symlink() and (path.is_file() or not path.exists()):
            _replace(path, content)
        else:
            _create(path, content)
    except FileExistsError:
        if keep_same and path.is_file() and path.read_bytes() == content:
            return
        raise OutputFileError(f"{path} exists already and was left alone; choose another path, or remove it.") from None
    except OSError as error:
        why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        raise OutputFileError(f"{path} can't be written: {why}; choose another path.") from None


def _create(path: Path, content: bytes) -> None:
    with path.open("xb") as opened:
        try:
            opened.write(content)
            opened.flush()
        except OSError:
            path.unlink(missing_ok=True)
            raise


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _create(beside, content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
