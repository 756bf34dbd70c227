"""The composition root: the only place that names adapters and wires them to use cases.

LangGraph, Alembic and the code generator are imported where they are first needed: they take longer than most commands.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from adapters.artifacts.opening import open_artifact_store
from adapters.memory.storage import MemoryStorage
from adapters.sql import schema_version
from adapters.sql.schema_version import SchemaState, SchemaStatus
from adapters.sql.storage import open_sql_storage
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from adapters.system.json_schemas import JsonSchemas
from adapters.system.randomness import SystemRandomness
from domain.model.job import WORKFLOW_JOB
from domain.model.retry import RetryPolicy
from domain.use_cases import (
    agent_runs,
    approvals,
    artifacts,
    continuing,
    decision_sets,
    event_log,
    inbound_events,
    jobs,
    leasing,
    projects,
    workflows,
)
from domain.use_cases.run_options import RunOptions
from domain.use_cases.run_workflow import RunWorkflow
from domain.use_cases.work_job import WorkJob
from entrypoints.handlers import load_handlers
from entrypoints.settings import Settings, worker_name
from entrypoints.worker import Worker, WorkerOptions
from ports.artifacts import ArtifactStore
from ports.handlers import JobHandler
from ports.storage import Storage
from ports.system import Ids

if TYPE_CHECKING:
    from adapters.langgraph.catalog import GraphCatalog
    from adapters.sql.migrating import MigrationReport

MLOPS_DESIGN = "mlops-design"


@frozen
class Application:
    """Every use case, wired to the adapters that the settings name."""

    settings: Settings
    storage: Storage
    artifact_store: ArtifactStore
    ids: Ids

    create_project: projects.CreateProject
    get_project: projects.GetProject
    list_projects: projects.ListProjects
    describe_project: projects.DescribeProject
    delete_project: projects.DeleteProject

    resume_decision_set: continuing.ResumeDecisionSet
    cancel_decision_set: workflows.CancelDecisionSet
    fork_decision_set: continuing.ForkDecisionSet
    get_decision_set: decision_sets.GetDecisionSet
    list_decision_sets: decision_sets.ListDecisionSets
    update_decision_set: decision_sets.UpdateDecisionSet

    enqueue_jobs: leasing.EnqueueJobs
    get_job: jobs.GetJob
    list_jobs: jobs.ListJobs
    cancel_job: jobs.CancelJob
    redrive_job: jobs.RedriveJob
    get_queue_statistics: jobs.GetQueueStatistics

    append_events: event_log.AppendEvents
    read_events: event_log.ReadEvents
    read_decision_set_events: event_log.ReadDecisionSetEvents
    read_feed: event_log.ReadFeed
    verify_event_log: event_log.VerifyEventLog

    list_agent_runs: agent_runs.ListAgentRuns
    get_agent_run: agent_runs.GetAgentRun

    store_artifact: artifacts.StoreArtifact
    fetch_artifact: artifacts.FetchArtifact
    list_artifacts: artifacts.ListArtifacts

    list_approvals: approvals.ListApprovals
    get_approval: approvals.GetApproval
    answer_approval: approvals.AnswerApproval
    expire_approvals: approvals.ExpireApprovals

    receive_inbound_event: inbound_events.ReceiveInboundEvent
    process_inbound_event: inbound_events.ProcessInboundEvent
    get_inbound_event: inbound_events.GetInboundEvent
    list_inbound_events: inbound_events.ListInboundEvents

    @cached_property
    def catalog(self) -> "GraphCatalog":
        """Return the registered workflows: the shipped one, those of a langgraph.json, and the settings' own."""
        return open_catalog(self.settings)

    @cached_property
    def start_workflow(self) -> workflows.StartWorkflow:
        """Return the use case that starts a registered workflow."""
        return workflows.StartWorkflow(self.storage, self.catalog, self.ids)

    @cached_property
    def handlers(self) -> Mapping[str, JobHandler]:
        """Return a handler for each type of job: the settings' own, and that of workflow runs."""
        from adapters.langgraph.runner import LangGraphRunner

        runner = LangGraphRunner(self.storage, self.catalog, self.artifact_store, self.ids)
        return {**load_handlers(self.settings.handlers), WORKFLOW_JOB: RunWorkflow(self.storage, runner)}

    @property
    def run_options(self) -> RunOptions:
        """Return how the settings want a run's job queued."""
        return RunOptions(
            queue=self.settings.queues[0], max_retries=self.settings.max_retries, timeout=self.settings.job_timeout
        )

    def worker(self, *, poll_seconds: float | None = None, concurrency: int | None = None) -> Worker:
        """Build a worker over this application's storage and handlers."""
        storage, settings = self.storage, self.settings
        policy = RetryPolicy(
            base=timedelta(seconds=settings.retry_base_seconds), cap=timedelta(seconds=settings.retry_cap_seconds)
        )
        options = WorkerOptions(
            worker_id=worker_name(),
            queues=tuple(settings.queues),
            concurrency=concurrency or settings.concurrency,
            lease=settings.lease,
            poll_seconds=poll_seconds or settings.poll_seconds,
        )
        return Worker(
            options=options,
            lease_jobs=leasing.LeaseJobs(storage),
            renew_leases=leasing.RenewLeases(storage),
            release_jobs=leasing.ReleaseJobs(storage),
            reap_expired=leasing.ReapExpiredLeases(storage),
            expire_approvals=self.expire_approvals,
            work_job=WorkJob(storage, self.handlers, leasing.FailJob(storage, SystemRandomness(), policy)),
        )


@asynccontextmanager
async def application(settings: Settings, *, create_schema: bool = False) -> AsyncIterator[Application]:
    """Open the application and close it again.

    ``create_schema`` lets an empty embedded database be set up on the way. Raises SchemaVersionError or
    StorageUnavailableError before anything is done.
    """
    if create_schema:
        create_embedded_schema(settings)
    if settings.database_url.startswith("sqlite"):
        # Before any connection of the storage: the thread of one that can't be opened outlives the event loop.
        check_schema(settings).require_current()
    storage = open_storage(settings)
    try:
        await storage.check()
        yield build(settings, storage, open_artifact_store(settings.artifact_url))
    finally:
        await storage.close()


def open_storage(settings: Settings) -> Storage:
    """Open the storage that the settings name; nothing is connected yet."""
    if settings.database_url.startswith("memory:"):
        return MemoryStorage(SystemClock())
    return open_sql_storage(
        settings.database_url,
        pool_size=settings.pool_size,
        max_overflow=settings.max_overflow,
        pool_timeout=settings.pool_timeout,
        connect_timeout=settings.connect_timeout,
        statement_timeout=settings.statement_timeout or None,
        transaction_pooler=settings.transaction_pooler,
    )


def create_embedded_schema(settings: Settings) -> None:
    """Set up an SQLite database that is empty; leave every other alone."""
    url = settings.database_url
    if url.startswith("sqlite") and schema_version.check(url).status is SchemaStatus.EMPTY:
        from adapters.sql.migrating import upgrade

        upgrade(url)


def check_schema(settings: Settings) -> SchemaState:
    """Tell how the database's schema stands to this version; changes nothing."""
    return schema_version.check(settings.database_url)


def upgrade_schema(settings: Settings) -> "MigrationReport":
    """Bring the database's schema to this version."""
    from adapters.sql.migrating import upgrade

    return upgrade(settings.database_url)


def downgrade_schema(settings: Settings, revision: str) -> "MigrationReport":
    """Undo the schema's revisions after one, with the data they hold."""
    from adapters.sql.migrating import downgrade

    return downgrade(settings.database_url, revision)


def schema_sql(settings: Settings) -> str:
    """Return the SQL that makes this version's schema in an empty database."""
    from adapters.sql.migrating import upgrade_sql

    return upgrade_sql(settings.database_url)


async def check_artifact_store(settings: Settings) -> None:
    """Raise StorageUnavailableError when the artifact store can't be reached or written."""
    await open_artifact_store(settings.artifact_url).check()


def build(settings: Settings, storage: Storage, artifact_store: ArtifactStore) -> Application:
    """Wire every use case to these adapters."""
    ids, schemas = Uuid7Ids(), JsonSchemas()
    return Application(
        settings=settings,
        storage=storage,
        artifact_store=artifact_store,
        ids=ids,
        create_project=projects.CreateProject(storage, ids),
        get_project=projects.GetProject(storage),
        list_projects=projects.ListProjects(storage),
        describe_project=projects.DescribeProject(storage),
        delete_project=projects.DeleteProject(storage),
        resume_decision_set=continuing.ResumeDecisionSet(storage, ids),
        cancel_decision_set=workflows.CancelDecisionSet(storage),
        fork_decision_set=continuing.ForkDecisionSet(storage, ids),
        get_decision_set=decision_sets.GetDecisionSet(storage),
        list_decision_sets=decision_sets.ListDecisionSets(storage),
        update_decision_set=decision_sets.UpdateDecisionSet(storage),
        enqueue_jobs=leasing.EnqueueJobs(storage),
        get_job=jobs.GetJob(storage),
        list_jobs=jobs.ListJobs(storage),
        cancel_job=jobs.CancelJob(storage),
        redrive_job=jobs.RedriveJob(storage),
        get_queue_statistics=jobs.GetQueueStatistics(storage),
        append_events=event_log.AppendEvents(storage),
        read_events=event_log.ReadEvents(storage),
        read_decision_set_events=event_log.ReadDecisionSetEvents(storage),
        read_feed=event_log.ReadFeed(storage),
        verify_event_log=event_log.VerifyEventLog(storage),
        list_agent_runs=agent_runs.ListAgentRuns(storage),
        get_agent_run=agent_runs.GetAgentRun(storage),
        store_artifact=artifacts.StoreArtifact(storage, artifact_store, ids),
        fetch_artifact=artifacts.FetchArtifact(storage, artifact_store),
        list_artifacts=artifacts.ListArtifacts(storage),
        list_approvals=approvals.ListApprovals(storage),
        get_approval=approvals.GetApproval(storage),
        answer_approval=approvals.AnswerApproval(storage, schemas),
        expire_approvals=approvals.ExpireApprovals(storage),
        receive_inbound_event=inbound_events.ReceiveInboundEvent(storage, ids),
        process_inbound_event=inbound_events.ProcessInboundEvent(storage),
        get_inbound_event=inbound_events.GetInboundEvent(storage),
        list_inbound_events=inbound_events.ListInboundEvents(storage),
    )


def open_catalog(settings: Settings) -> "GraphCatalog":
    """Register the shipped workflow, those of a langgraph.json, and the settings' own, the later winning."""
    from adapters.langgraph.catalog import GraphCatalog, Registration
    from adapters.langgraph.langgraph_json import read_langgraph_json

    shipped = Registration(
        target="entrypoints.bootstrap:mlops_design",
        description="Design, check and generate an ML system from a plain-language brief.",
        redacts_prompt=True,
        outcome_key="outcome",
    )
    path = settings.langgraph_json or Path("langgraph.json")
    found = read_langgraph_json(path) if settings.langgraph_json or path.is_file() else {}
    return GraphCatalog({MLOPS_DESIGN: shipped, **found, **settings.workflows})


def mlops_design() -> Any:
    """Build the ``mlops-design`` workflow: from a plain-language brief to a checked repository."""
    from adapters.codegen.generator import TemplateRepositoryGenerator
    from adapters.langgraph.mlops_design.graph import build_graph
    from adapters.validation.validators import StaticRepositoryValidator

    return build_graph(TemplateRepositoryGenerator(), StaticRepositoryValidator())
