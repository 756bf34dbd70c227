"""Many processes on one database: no update is lost, no event is missed or seen twice."""

import json
import subprocess
from collections import defaultdict
from collections.abc import Sequence

import pytest

from adapters.system.ids import Uuid7Ids
from domain.model.decision_set import DecisionSet
from domain.model.event import Stream
from domain.use_cases.event_log import VerifyEventLog
from ports.storage import Storage
from tests.e2e.conftest import Spawn

PROCESSES, TIMES = 8, 200
WRITERS, EVENTS_EACH, READERS = 8, 1250, 4
SECONDS = 240
CONTENDERS = "tests.support.contenders"

pytestmark = pytest.mark.timeout(600)


async def decision_sets_in(storage: Storage, count: int) -> list[DecisionSet]:
    from domain.model.project import Project

    ids = Uuid7Ids()
    async with storage.transaction() as work:
        now = await work.now()
        project = Project(ids.new(), "contended", None, 1, now, now)
        await work.projects.add(project)
        made = [
            DecisionSet(ids.new(), project.id, f"thread-{number}", "plain", "1", "prompt", now, now)
            for number in range(count)
        ]
        for one in made:
            await work.decision_sets.add(one)
    return made


def finish(processes: Sequence["subprocess.Popen[str]"]) -> list[str]:
    outputs = []
    for process in processes:
        output, errors = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, errors[-2000:]
        outputs.append(output)
    return outputs


@pytest.mark.slow
async def test_eight_processes_raise_a_version_1600_times_and_no_increment_is_lost(
    shared_storage: Storage, shared_url: str, spawn: Spawn
) -> None:
    (decision_set,) = await decision_sets_in(shared_storage, 1)
    arguments = (CONTENDERS, "increment", shared_url, str(decision_set.id), str(TIMES))
    finish([spawn(*arguments) for _ in range(PROCESSES)])
    async with shared_storage.transaction(read_only=True) as work:
        after = await work.decision_sets.get(decision_set.id)
    assert after.version - decision_set.version == PROCESSES * TIMES
    assert after.metadata == {"count": PROCESSES * TIMES}


@pytest.mark.slow
async def test_four_readers_see_each_of_10000_events_of_eight_writers_once_and_in_order(
    shared_storage: Storage, shared_url: str, spawn: Spawn
) -> None:
    decision_sets = await decision_sets_in(shared_storage, 4)
    total = WRITERS * EVENTS_EACH
    readers = [spawn(CONTENDERS, "follow", shared_url, str(total), str(SECONDS)) for _ in range(READERS)]
    identities = [str(one.id) for one in decision_sets]
    finish([spawn(CONTENDERS, "append", shared_url, str(n), str(EVENTS_EACH), *identities) for n in range(WRITERS)])
    read = [json.loads(output) for output in finish(readers)]
    assert all(seen == read[0] for seen in read)
    assert len(read[0]) == len({(writer, number) for _, _, writer, number in read[0]}) == total
    sequences = defaultdict(list)
    for stream, sequence, _, _ in read[0]:
        sequences[stream].append(sequence)
    assert all(found == list(range(1, len(found) + 1)) for found in sequences.values())
    for one in decision_sets:
        assert (await VerifyEventLog(shared_storage)(Stream.of_decision_set(one.id))).intact
