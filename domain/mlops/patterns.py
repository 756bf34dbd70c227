"""The fourteen patterns of a machine learning system: what each fits, how fast it is, what it asks of a team."""

from collections.abc import Mapping

from attrs import frozen

TABULAR = frozenset({"classification", "regression", "anomaly"})
LANGUAGE_MODEL = frozenset({"rag", "llm"})
CLOUDS = ("aws", "gcp", "azure")


@frozen
class Pattern:
    """One way to build the system.

    ``floor_ms`` is the fastest server-side p99 it reaches (``cold_ms`` with a cold start), ``band`` the requests a
    second it serves well (None: any), ``veto_above`` the rate it cannot serve, ``ops`` the operating skill it asks for
    from 1 to 5. ``any_task`` patterns take every task without being made for one. ``serial_calls`` counts the network
    hops one after the other on the request path. ``deploy`` names the deployment style for the person's preference.
    """

    name: str
    title: str
    modes: tuple[str, ...]
    tasks: frozenset[str]
    floor_ms: float
    band: tuple[float, float] | None
    ops: float
    deploy: str
    platforms: tuple[str, ...] = CLOUDS
    any_task: bool = False
    use_cases: tuple[str, ...] = ()
    cold_ms: float | None = None
    veto_above: float | None = None
    serial_calls: int = 1
    gpu: bool = False


_ALL = (
    Pattern(
        name="batch_serverless",
        title="Scheduled batch scoring on serverless containers",
        modes=("batch", "train_only"),
        tasks=TABULAR | {"nlp"},
        floor_ms=0,
        band=None,
        ops=1,
        deploy="serverless",
    ),
    Pattern(
        name="forecast_batch",
        title="Fan-out batch forecasting",
        modes=("batch",),
        tasks=frozenset({"forecasting"}),
        floor_ms=0,
        band=None,
        ops=1,
        deploy="serverless",
    ),
    Pattern(
        name="gpu_async_batch",
        title="Queued batch inference on interruptible GPUs",
        modes=("batch", "async"),
        tasks=frozenset({"cv", "speech"}),
        floor_ms=0,
        band=None,
        ops=2,
        deploy="containers",
        gpu=True,
    ),
    Pattern(
        name="online_serverless",
        title="Online prediction that scales to zero",
        modes=("online",),
        tasks=TABULAR | {"nlp", "cv"},
        floor_ms=60,
        cold_ms=1500,
        band=(0, 30),
        veto_above=200,
        ops=1,
        deploy="serverless",
    ),
    Pattern(
        name="online_containers",
        title="Online prediction on load-balanced containers",
        modes=("online",),
        tasks=TABULAR | {"nlp", "cv", "ranking", "speech"},
        floor_ms=8,
        band=(2, 20_000),
        ops=2,
        deploy="containers",
    ),
    Pattern(
        name="managed_platform",
        title="Managed machine learning platform endpoints",
        modes=("online", "batch", "async"),
        tasks=TABULAR | {"nlp", "cv", "ranking", "speech"},
        floor_ms=25,
        band=(1, 3_000),
        ops=1.5,
        deploy="managed",
    ),
    Pattern(
        name="k8s_multimodel",
        title="Many models packed on one Kubernetes cluster",
        modes=("online", "batch", "async"),
        tasks=frozenset(),
        any_task=True,
        floor_ms=10,
        band=(20, 500_000),
        ops=4,
        deploy="k8s",
        serial_calls=2,
    ),
    Pattern(
        name="stream_features_online",
        title="Online prediction on features computed from a stream",
        modes=("online", "stream"),
        tasks=frozenset({"fraud"}),
        use_cases=("fraud", "pricing", "personalisation", "personalization"),
        floor_ms=12,
        band=(20, 500_000),
        ops=3,
        deploy="containers",
        serial_calls=2,
    ),
    Pattern(
        name="stream_scoring",
        title="Scoring of events inside the stream",
        modes=("stream",),
        tasks=TABULAR,
        floor_ms=200,
        band=(50, 1_000_000),
        ops=3,
        deploy="containers",
    ),
    Pattern(
        name="recsys_two_stage",
        title="Two-stage recommendation: retrieve, then rank",
        modes=("online", "batch"),
        tasks=frozenset({"recsys", "ranking"}),
        floor_ms=15,
        band=(5, 500_000),
        ops=3,
        deploy="containers",
        serial_calls=3,
    ),
    Pattern(
        name="llm_rag_api",
        title="Retrieval-augmented answers from a hosted model",
        modes=("online",),
        tasks=LANGUAGE_MODEL,
        floor_ms=1200,
        band=(0, 50),
        ops=1.5,
        deploy="managed",
        serial_calls=3,
    ),
    Pattern(
        name="llm_gpu_selfhost",
        title="Language model on the team's own GPUs",
        modes=("online", "async", "batch"),
        tasks=LANGUAGE_MODEL,
        floor_ms=800,
        band=(0.05, 500),
        ops=3,
        deploy="containers",
        serial_calls=2,
        gpu=True,
    ),
    Pattern(
        name="edge_fleet",
        title="Inference on a fleet of devices",
        modes=("edge",),
        tasks=frozenset(),
        any_task=True,
        floor_ms=5,
        band=None,
        ops=3,
        deploy="containers",
        platforms=(*CLOUDS, "onprem"),
    ),
    Pattern(
        name="onprem_airgap",
        title="Everything inside the owner's own data centre",
        modes=("online", "batch", "async", "stream", "train_only"),
        tasks=frozenset(),
        any_task=True,
        floor_ms=12,
        band=(0, 2_000),
        ops=4,
        deploy="k8s",
        platforms=("onprem",),
        serial_calls=2,
    ),
)

PATTERNS: Mapping[str, Pattern] = {pattern.name: pattern for pattern in _ALL}

MANY_MODELS = 8


@frozen
class TaskProfile:
    """What a task is solved with by default, and the measure its candidate models are compared by."""

    model_family: str
    metric: str
    label_delay_days: float


TASKS: Mapping[str, TaskProfile] = {
    "classification": TaskProfile("gbdt", "roc_auc", 30),
    "regression": TaskProfile("gbdt", "mae", 30),
    "ranking": TaskProfile("ranking", "ndcg_at_10", 1),
    "recsys": TaskProfile("ranking", "ndcg_at_10", 1),
    "forecasting": TaskProfile("statistical", "wape", 7),
    "anomaly": TaskProfile("gbdt", "average_precision", 14),
    "fraud": TaskProfile("gbdt", "average_precision", 45),
    "cv": TaskProfile("cnn", "f1_macro", 7),
    "nlp": TaskProfile("transformer", "f1_macro", 7),
    "speech": TaskProfile("transformer", "word_error_rate", 7),
    "rag": TaskProfile("llm", "answer_faithfulness", 7),
    "llm": TaskProfile("llm", "rubric_score", 7),
}
"""Label delay: the usual days until the truth is known (a charge-back takes weeks, a click is there the same day)."""

DEFAULT_TASK = "classification"

CPU_SECONDS: Mapping[str, float] = {
    "linear": 0.003,
    "gbdt": 0.008,
    "nn": 0.02,
    "ranking": 0.04,
    "transformer": 0.06,
    "cnn": 0.12,
    "statistical": 0.008,
    "llm": 0.008,
}
"""Processor seconds a request by model family; a language model's share is the API in front of it. Right within 2x."""


def profile_of(task: str) -> TaskProfile:
    """Return the profile of a task; one the table does not know is treated as classification."""
    return TASKS.get(task, TASKS[DEFAULT_TASK])
