"""What a critic looks for in the life of a model: features, labels, gates, drift, schedules, safety of each pattern."""

from domain.mlops import controls as c
from domain.mlops.critic_rules import Check, Rule, setting
from domain.mlops.facts import Constraints
from domain.mlops.patterns import profile_of
from domain.mlops.plan import Plan, Severity
from domain.mlops.prices import DAYS_A_MONTH
from domain.mlops.workload import Workload

_HISTORY_TASKS = frozenset({"fraud", "recsys", "ranking", "forecasting"})
_JOINS = frozenset({"stream_features_online", "recsys_two_stage"})
_FIXED_WEIGHTS = frozenset({"rag", "llm"})
GPU_BUSY_LEAST = 0.2
WINDOW_SHARE = 0.7


def _lacks(control: str, message: str) -> Check:
    def check(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
        return None if control in plan.controls else message

    return check


def _on(role: str, control: str, message: str) -> Check:
    def check(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
        return message if plan.component(role) is not None and control not in plan.controls else None

    return check


def _stale_features(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    fresh = constraints.value("freshness_s")
    if fresh is None or plan.component("feature_store") or plan.component("stream") or not work.runs_month:
        return None
    period = DAYS_A_MONTH * 86_400 / work.runs_month
    if float(fresh) < period and c.ONLINE_STORE not in plan.controls:
        return f"Results must be {float(fresh):g} s fresh, but a run comes only every {period:,.0f} s."
    return None


def _late_labels(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    if work.retrains_month <= 0 or work.task in _FIXED_WEIGHTS or c.PROXY_LABELS in plan.controls:
        return None
    interval, delay = DAYS_A_MONTH / work.retrains_month, profile_of(work.task).label_delay_days
    if delay > interval:
        return f"Labels arrive after about {delay:g} days, retraining comes every {interval:.1f}."
    return None


def _no_canary(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    waited_for = bool(set(work.modes) & {"online", "stream", "async"})
    return "New versions reach all callers at once." if waited_for and c.CANARY not in plan.controls else None


def _window(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    hours = setting(plan, "serve", "run_hours")
    if hours is None or not work.runs_month:
        return None
    window = DAYS_A_MONTH * 24 / work.runs_month
    if constraints.value("latency_stat") == "deadline" and work.latency_ms is not None:
        window = min(window, work.latency_ms / 3.6e6)
    if hours > WINDOW_SHARE * window:
        return f"A run takes {hours:.1f} h of a window of {window:.1f} h."
    return None


def _idle_gpu(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    busy = plan.sizing.get("gpu_busy")
    if busy is None or work.main == "batch" or c.GPU_SHARING in plan.controls:
        return None
    return f"The GPUs are {busy:.0%} busy on average." if busy < GPU_BUSY_LEAST else None


def _leakage(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    joined = plan.pattern in _JOINS or work.task in _HISTORY_TASKS
    if joined and c.EVENT_TIME not in plan.controls:
        return "Features are joined without the time of the event: training would see the future."
    return None


def _rag(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    if work.task == "rag" and c.RAG_SAFETY not in plan.controls:
        return "Any caller can be answered from any document, and answers are neither evaluated nor guarded."
    return None


def _onprem(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    if plan.cloud == "onprem" and c.ONPREM_SPARE not in plan.controls:
        return "There is no spare server and no rehearsed restore."
    return None


def _schedule(plan: Plan, constraints: Constraints, work: Workload) -> str | None:
    scheduled = plan.component("scheduler") is not None or work.retrains_month >= 1
    if scheduled and c.CRON_SAFETY not in plan.controls:
        return "Schedules have no time zone and may overlap."
    return None


H, M = Severity.BLOCK, Severity.WARN

LIFECYCLE_RULES: tuple[Rule, ...] = (
    Rule(
        "T05",
        H,
        _lacks(c.SHARED_FEATURES, "Training and serving build features twice."),
        "Build features in one module used by both.",
    ),
    Rule("T06", H, _stale_features, "Serve from an online store that is updated as data arrives."),
    Rule("T07", M, _late_labels, "Retrain less often, or on proxy labels until the true ones arrive."),
    Rule("T08", M, _lacks(c.DRIFT_CHECK, "Nothing notices drift."), "Check PSI: warn at 0.1, alarm at 0.2."),
    Rule(
        "T09",
        H,
        _lacks(c.BASELINE_GATE, "A model may be promoted without beating a baseline."),
        "Gate promotion on a baseline and the champion.",
    ),
    Rule("T10", M, _no_canary, "Send 10 % for 30 minutes first, and roll back on alarm."),
    Rule(
        "T17",
        H,
        _on("stream", c.STREAM_SAFETY, "The stream has no dead-letter queue, idempotent keys or replay."),
        "Add a dead-letter queue, idempotent keys and replay.",
    ),
    Rule("T18", H, _window, "Spread the run over more workers."),
    Rule("T21", H, _rag, "Filter documents by the caller's rights, evaluate answers, guard against injection."),
    Rule(
        "T22",
        H,
        _on("edge_fleet", c.EDGE_SAFETY, "Updates are neither signed nor staged, and devices cannot work offline."),
        "Sign and stage updates, roll back, buffer offline.",
    ),
    Rule("T23", M, _onprem, "Keep a spare server and rehearse the restore."),
    Rule("T24", H, _leakage, "Join features as of the event's time."),
    Rule(
        "T25",
        M,
        _lacks(c.SLO_DASHBOARD, "There is no service level objective, load test or dashboard."),
        "Set objectives, test the load, show both.",
    ),
    Rule(
        "T26",
        M,
        _lacks(c.REQUEST_IDS, "A prediction cannot be traced to its model and request."),
        "Log the model version and request id.",
    ),
    Rule("T27", M, _schedule, "Give each schedule a time zone and an overlap lock."),
)

GPU_RULE = Rule("T19", M, _idle_gpu, "Scale the GPUs down between requests, share them or take smaller ones.")
