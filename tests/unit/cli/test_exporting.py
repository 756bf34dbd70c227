"""Files are written whole, inside their folder, and never over another."""

from pathlib import Path
from uuid import UUID

import pytest

from adapters.artifacts.memory import MemoryArtifactStore
from adapters.memory.storage import MemoryStorage
from adapters.system.clock import SystemClock
from domain.model.artifact import Artifact
from entrypoints.bootstrap import Application, build
from entrypoints.cli.errors import OutputFileError
from entrypoints.cli.exporting import default_folder, export, require_writable, write_file
from entrypoints.settings import load_settings


def test_a_file_is_not_overwritten_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_file(path, b"one")
    with pytest.raises(OutputFileError, match="exists already"):
        write_file(path, b"two")
    assert path.read_bytes() == b"one"
    write_file(path, b"two", force=True)
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_file_may_be_exported_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_file(path, b"one", keep_same=True)
    write_file(path, b"one", keep_same=True)
    with pytest.raises(OutputFileError):
        write_file(path, b"two", keep_same=True)


def test_force_does_not_write_through_a_symbolic_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"precious")
    link.symlink_to(target)
    with pytest.raises(OutputFileError):
        write_file(link, b"new", force=True)
    assert target.read_bytes() == b"precious"


def test_a_folder_that_is_a_file_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputFileError, match="not a folder"):
        require_writable(tmp_path / "file" / "out")


def test_asking_whether_a_folder_is_writable_leaves_nothing_behind(tmp_path: Path) -> None:
    require_writable(tmp_path / "deep" / "out")
    assert list(tmp_path.iterdir()) == []


def test_designs_of_one_minute_get_folders_of_their_own() -> None:
    one, other = UUID("01a208da-13f8-714e-b793-20ee595ad4ca"), UUID("01a208da-13f9-714e-b793-9d9a07a4c9ff")
    assert default_folder(one) == Path("designs/20ee595ad4ca")
    assert default_folder(one) != default_folder(other)


async def stored(app: Application, *files: tuple[str, bytes]) -> list[Artifact]:
    project = await app.create_project("p", actor="user:test")
    decision_set, _ = await app.start_workflow(project.id, "mlops-design", "a prompt", actor="user:test")
    return [
        await app.store_artifact(decision_set.id, "file", name, content, actor="user:test") for name, content in files
    ]


@pytest.fixture
def app() -> Application:
    return build(load_settings(database_url="memory://"), MemoryStorage(SystemClock()), MemoryArtifactStore())


async def test_of_one_name_the_newest_artifact_is_exported(app: Application, tmp_path: Path) -> None:
    kept = await stored(app, ("docs/a.md", b"old"), ("docs/a.md", b"new"))
    (exported,) = await export(app, kept, tmp_path)
    assert exported.path == tmp_path / "docs" / "a.md"
    assert exported.path.read_bytes() == b"new"


async def test_an_export_does_not_leave_its_folder_by_a_symbolic_link(app: Application, tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (folder / "docs").symlink_to(outside)
    with pytest.raises(OutputFileError, match="outside"):
        await export(app, await stored(app, ("docs/a.md", b"x")), folder)
    assert list(outside.iterdir()) == []
