"""A folder whose files are reached from its own descriptor, so that no symbolic link leads out of it."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def opened(root: Path, folders: Sequence[str], *, create: bool) -> Iterator[int]:
    """Yield the descriptor of a sub-folder of ``root``, made durably on the way when ``create``.

    Raises OSError, also when any folder on the way is a symbolic link.
    """
    if create:
        root.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(root, _FOLDER)
    try:
        for name in folders:
            if create:
                _make_folder(name, descriptor)
            inner = os.open(name, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def read(name: str, folder: int) -> bytes:
    """Return the bytes of a regular file; raises OSError, also for a symbolic link or anything else."""
    descriptor = os.open(name, _READ, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{name} is not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def write_new(name: str, content: bytes, folder: int) -> None:
    """Write a file durably and whole; raises FileExistsError when the name is taken, and OSError."""
    with _temporary(content, folder) as temporary:
        try:
            os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError:
            _rename_new(temporary, name, folder)
    os.fsync(folder)


def probe(folder: int) -> None:
    """Write a file and take it away again; raises OSError when that is not possible."""
    with _temporary(b"", folder):
        pass


@contextmanager
def _temporary(content: bytes, folder: int) -> Iterator[str]:
    name = f".{uuid4().hex}.tmp"
    descriptor = os.open(name, _CREATE, 0o666, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        yield name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)


def _rename_new(temporary: str, name: str, folder: int) -> None:
    # For file systems without hard links. Two writers of one name write the same bytes, so losing the race is harmless.
    with suppress(FileNotFoundError):
        os.stat(name, dir_fd=folder, follow_symlinks=False)
        raise FileExistsError(name)
    os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def _make_folder(name: str, parent: int) -> None:
    try:
        os.mkdir(name, dir_fd=parent)
    except FileExistsError:
        return
    os.fsync(parent)
