"""What templates see of a plan: names made safe, sizes with their defaults, and the building blocks it needs."""

import re
from typing import Any

from attrs import frozen

from adapters.codegen.datasets import Dataset, dataset_of
from adapters.codegen.quoting import Verbatim, token
from domain.mlops.facts import Constraints
from domain.mlops.plan import Component, Plan
from domain.mlops.repository import component_ids, package_name

CLOUDS = ("aws", "gcp", "azure")
REGULATED = frozenset({"HIPAA", "PCI-DSS", "SOC2", "ISO27001", "FEDRAMP", "DORA"})
CRONS = {
    "hourly": "0 * * * *",
    "continuous": "0 * * * *",
    "daily": "0 2 * * *",
    "nightly": "0 2 * * *",
    "weekly": "0 3 * * 1",
    "monthly": "0 4 1 * *",
    "quarterly": "0 4 1 1,4,7,10 *",
}
_SERVE_KINDS = {
    "batch_serverless": "batch",
    "forecast_batch": "batch",
    "gpu_async_batch": "gpu_batch",
    "online_serverless": "function",
    "online_containers": "containers",
    "managed_platform": "managed",
    "k8s_multimodel": "k8s",
    "stream_features_online": "containers",
    "stream_scoring": "consumers",
    "recsys_two_stage": "containers",
    "llm_rag_api": "containers",
    "llm_gpu_selfhost": "gpu_service",
    "edge_fleet": "edge",
    "onprem_airgap": "onprem",
}
_FALLBACK_REGION = {"aws": "us-east-1", "gcp": "us-central1", "azure": "eastus", "onprem": "onprem"}


@frozen
class PlanView:
    """A plan prepared for templates: text is left for each template's language to quote, names are checked tokens."""

    plan: Plan
    constraints: Constraints

    @property
    def slug(self) -> Verbatim:
        """Return the system's name for resources: at most 20 lower-case letters, digits and hyphens."""
        return token(self.package.replace("_", "-")[:20].strip("-"))

    @property
    def compact(self) -> Verbatim:
        """Return the slug without hyphens, for accounts and registries that allow none."""
        return token(self.slug.replace("-", ""))

    @property
    def package(self) -> Verbatim:
        """Return the Python package's name."""
        return token(package_name(self.plan))

    @property
    def display_name(self) -> str:
        """Return the name as the person wrote it, on one line of at most 120 characters."""
        return " ".join(self.plan.name.split())[:120] or "ML system"

    @property
    def cloud(self) -> str:
        """Return aws, gcp, azure or onprem; a plan that may run anywhere gets aws."""
        if self.plan.cloud == "onprem" or self.plan.pattern == "onprem_airgap":
            return "onprem"
        return self.plan.cloud if self.plan.cloud in CLOUDS else "aws"

    @property
    def family(self) -> str:
        """Return the program family: tabular, forecasting or retrieval."""
        if self.plan.task in {"rag", "llm"}:
            return "retrieval"
        return "forecasting" if self.plan.task == "forecasting" else "tabular"

    @property
    def dataset(self) -> Dataset:
        """Return the shape of the tabular data."""
        return dataset_of(self.plan.task)

    @property
    def region(self) -> Verbatim:
        """Return the primary region."""
        return self.regions[0]

    @property
    def regions(self) -> tuple[Verbatim, ...]:
        """Return the regions that are plain names, the primary first."""
        plain = tuple(Verbatim(name) for name in self.plan.regions if re.fullmatch(r"[a-z0-9-]{2,40}", name))
        return plain or (Verbatim(_FALLBACK_REGION[self.cloud]),)

    @property
    def serve_kind(self) -> str:
        """Return how the model is served: batch, gpu_batch, function, containers, managed, k8s, consumers and so on."""
        kind = _SERVE_KINDS.get(self.plan.pattern, "containers")
        if self.cloud == "onprem" and kind != "edge":
            return "onprem"
        return "k8s" if self.cloud == "gcp" and self.plan.pattern == "recsys_two_stage" else kind

    @property
    def public_entry(self) -> bool:
        """Say whether callers outside the network reach the service; regulated systems stay internal."""
        return not self.regulated and self.plan.data_class not in {"personal", "special"}

    @property
    def regulated(self) -> bool:
        """Say whether a regime asks for audit trails and long retention."""
        return bool({name.upper() for name in self.plan.compliance} & REGULATED)

    @property
    def personal(self) -> bool:
        """Say whether the data is about people."""
        return self.plan.data_class in {"personal", "special"}

    @property
    def log_days(self) -> int:
        """Return the days audit logs are kept: six years under HIPAA, a year when regulated or special, else 90."""
        names = {name.upper() for name in self.plan.compliance}
        if "HIPAA" in names:
            return 2192
        return 365 if self.regulated or self.plan.data_class == "special" else 90

    @property
    def data_days(self) -> int:
        """Return after how many days stored data expires."""
        return int(self.constraints.value("retention_days") or (365 if self.personal else 730))

    @property
    def availability(self) -> float:
        """Return the promised availability in percent."""
        return float(self.plan.slo.get("availability_pct", self.constraints.value("availability_pct") or 99.5))

    @property
    def latency_ms(self) -> float:
        """Return the latency objective in milliseconds, 1000 where none was asked for."""
        for name in ("latency_ms", "p95_ms", "p99_ms"):
            if name in self.plan.slo:
                return float(self.plan.slo[name])
        return float(self.constraints.value("latency_ms") or 1000)

    @property
    def rto(self) -> int:
        """Return the recovery time objective in minutes, four hours where none was asked for."""
        return int(self.plan.slo.get("rto_min", self.constraints.value("rto_min") or 240))

    @property
    def rpo(self) -> int:
        """Return the recovery point objective in minutes, a day where none was asked for."""
        return int(self.plan.slo.get("rpo_min", self.constraints.value("rpo_min") or 1440))

    @property
    def retrain_cron(self) -> str | None:
        """Return the retraining schedule in UTC, or None for retraining on demand or on drift."""
        return CRONS.get(self.plan.retrain)

    @property
    def run_cron(self) -> str:
        """Return the schedule of batch runs in UTC, daily where no cadence is known."""
        return CRONS.get(str(self.constraints.value("run_cadence") or "daily"), CRONS["daily"])

    @property
    def budget_usd(self) -> int:
        """Return the monthly budget that alarms watch: the cap, else the base cost and 20 %."""
        return max(1, round(self.plan.budget_cap_usd or self.plan.cost.base * 1.2))

    @property
    def reason_codes(self) -> bool:
        """Say whether answers carry the reasons people may ask for."""
        return bool(self.constraints.value("impact") == "automated_significant")

    def mentions(self, service: str) -> bool:
        """Say whether a component's service has this in its name."""
        return any(service in component.service for component in self.plan.components)

    @property
    def log_sample(self) -> float:
        """Return the share of decisions logged: all under 20 requests a second, a tenth under 500, else 2 %."""
        peak = self.number("peak_rps", 0)
        return 1.0 if peak < 20 else 0.1 if peak < 500 else 0.02

    @property
    def components(self) -> dict[str, Component]:
        """Return the components by the name diagrams use."""
        return component_ids(self.plan)

    def has(self, *roles: str) -> bool:
        """Say whether the plan has a component of one of these roles."""
        return any(self.plan.component(role) is not None for role in roles)

    def service(self, role: str) -> str:
        """Return the service of a role, empty where the plan has none."""
        component = self.plan.component(role)
        return "" if component is None else component.service

    def number(self, name: str, default: float, role: str | None = None) -> float:
        """Return a size by name: from the role's settings, then the plan's sizing, then the default."""
        component = self.plan.component(role) if role else None
        value: Any = component.settings.get(name) if component is not None else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            value = self.plan.sizing.get(name, default)
        return float(value)

    def whole(self, name: str, default: float, least: int = 1, role: str | None = None) -> int:
        """Return a size as a whole number, rounded up and not below the least."""
        value = self.number(name, default, role)
        return max(least, int(-(-value // 1)))
