"""The process that keeps a test session's PostgreSQL: ``python -m tests.support.postgres_keeper DIRECTORY OWNER_PID``.

It runs apart from the test processes, so that none of them ends the server by ending first, and it stops the server and
removes the directory as soon as it is told to or the owner, the session's first process, is gone.
"""

import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from tests.support.postgres_cluster import PostgresUnavailableError
from tests.support.postgres_sources import provide

OUTCOME = "outcome.json"
POLL_SECONDS = 0.5


def main(directory: Path, owner: int) -> None:
    """Serve until a SIGTERM or the owner's end."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    try:
        with provide(directory) as (source, url):
            publish(directory, {"source": source, "url": url})
            while not stop.wait(POLL_SECONDS) and is_alive(owner):
                pass
    except PostgresUnavailableError as error:
        publish(directory, {"error": str(error)})
    else:
        shutil.rmtree(directory, ignore_errors=True)


def publish(directory: Path, outcome: dict[str, str]) -> None:
    """Tell the waiting test process how it went, in one step and readable by this account only."""
    draft = directory / f"{OUTCOME}.draft"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(outcome))
    draft.rename(directory / OUTCOME)


def is_alive(pid: int) -> bool:
    """Tell whether a process of that id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
