"""The plan of an ML system: a pattern made concrete with components, sizes, prices and controls."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen


@frozen
class Component:
    """One building block of the planned system.

    ``role`` is what it does (serve, train, orchestrate, object_storage, feature_store, cache, stream, stream_processor,
    queue, vector_index, llm, registry, monitoring, network, security, edge_fleet, database, ...), ``service`` the
    product that does it, ``settings`` its sizes as plain JSON (replicas, vcpu, memory_gb, shards, retention_days ...).
    """

    role: str
    service: str
    settings: Mapping[str, Any] = field(factory=dict)


@frozen
class CostLine:
    """One line of the monthly bill, in US dollars, with the arithmetic that gave it."""

    name: str
    usd: float
    formula: str


@frozen
class CostEstimate:
    """The monthly cost in US dollars in three scenarios, and what drives it."""

    low: float
    base: float
    high: float
    lines: tuple[CostLine, ...]
    drivers: tuple[str, ...]
    per_thousand_predictions: float | None
    at_ten_times_load: float
    as_of: str


@frozen
class Candidate:
    """A pattern weighed for these constraints. ``score`` is 0..100; a vetoed one names each veto."""

    pattern: str
    score: float
    parts: Mapping[str, float]
    base_usd: float
    vetoes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@frozen
class Plan:
    """A designed ML system. Everything generated from it takes its values from here and nowhere else."""

    name: str
    task: str
    modes: tuple[str, ...]
    pattern: str
    cloud: str
    regions: tuple[str, ...]
    tier: str
    feasible: bool
    model_family: str
    metric: str
    components: tuple[Component, ...]
    cost: CostEstimate
    candidates: tuple[Candidate, ...]
    sizing: Mapping[str, float] = field(factory=dict)
    slo: Mapping[str, float] = field(factory=dict)
    controls: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    budget_cap_usd: float | None = None
    retrain: str = "monthly"
    gpu: bool = False
    data_class: str = "internal"
    data_kinds: tuple[str, ...] = ()
    compliance: tuple[str, ...] = ()

    def component(self, role: str) -> Component | None:
        """Return the first component of that role, or None where the plan has none."""
        return next((item for item in self.components if item.role == role), None)


class Severity(StrEnum):
    """How much a finding weighs: a blocking one stops the design until it is fixed or excepted."""

    BLOCK = "block"
    WARN = "warn"


@frozen
class Finding:
    """A critic's remark on a plan: which rule, how grave, what is wrong, what would remedy it."""

    rule: str
    severity: Severity
    message: str
    remedy: str
    fixed: bool = False


class Verdict(StrEnum):
    """What a policy says: met, to be met by generated files, worth a look, or not acceptable."""

    PASS = "pass"
    PLANNED = "planned"
    WARN = "warn"
    BLOCK = "block"


class Phase(StrEnum):
    """When a policy is judged: on the intake, on the plan, or on the generated files."""

    INTAKE = "intake"
    PLAN = "plan"
    ARTIFACT = "artifact"


@frozen
class PolicyResult:
    """A policy's verdict with its evidence; ``where`` is ``file:line`` for an artifact's policy."""

    policy: str
    phase: Phase
    verdict: Verdict
    message: str
    where: str | None = None
