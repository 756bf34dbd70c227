"""The load a design has to carry, in plain numbers, and what follows from them."""

from attrs import evolve, field, frozen

from domain.mlops.patterns import CPU_SECONDS

_FEATURE_ROW_KB = 0.05
_HISTORY_MONTHS = 3


@frozen
class Workload:
    """What the system has to do in numbers. Rates are a second, ``calls_month`` and ``runs_month`` a month."""

    task: str
    modes: tuple[str, ...]
    cloud: str
    regions: tuple[str, ...]
    tier: str
    regulated: bool
    data_class: str
    peak_rps: float
    avg_rps: float
    calls_month: float
    rows_per_run: float
    runs_month: float
    series: float
    devices: float
    chunks: float
    payload_kb: float
    latency_ms: float | None
    availability_pct: float
    retrain: str
    retrains_month: float
    data_gb: float | None
    model_family: str
    n_models: int
    params_b: float
    tokens_in: float
    tokens_out: float
    team_size: int | None
    skills: tuple[str, ...]
    cap_usd: float | None
    cold_start_ok: bool
    compliance: frozenset[str] = frozenset()
    rto_min: float | None = None
    rpo_min: float | None = None
    residency: tuple[str, ...] = ()
    residency_strict: bool = False
    assumptions: tuple[str, ...] = field(default=())

    @property
    def main(self) -> str:
        """Return the mode that matters most."""
        return self.modes[0]

    @property
    def quick_recovery(self) -> bool:
        """Tell whether service or data must be back within an hour of a disaster."""
        return any(minutes is not None and minutes <= 60 for minutes in (self.rto_min, self.rpo_min))

    @property
    def predictions_month(self) -> float:
        """Return how many predictions a month are made: calls, or rows of all runs when the main mode is batch."""
        return self.rows_per_run * self.runs_month if self.main in ("batch", "train_only") else self.calls_month

    @property
    def cpu_seconds(self) -> float:
        """Return the processor seconds a prediction takes."""
        return CPU_SECONDS.get(self.model_family, CPU_SECONDS["gbdt"])

    @property
    def utilisation(self) -> float:
        """Return how busy replicas may be at peak: the tighter the latency, the more head-room."""
        if self.latency_ms is None or self.latency_ms > 300:
            return 0.7
        return 0.5 if self.latency_ms <= 100 else 0.6

    @property
    def n_min(self) -> int:
        """Return the least number of replicas the availability target asks for."""
        if self.availability_pct >= 99.95:
            return 3
        return 2 if self.availability_pct >= 99.9 else 1

    def scaled(self, factor: float) -> "Workload":
        """Return the system under ``factor`` times the load; its data grows with it only where it was estimated."""
        return evolve(
            self,
            peak_rps=self.peak_rps * factor,
            avg_rps=self.avg_rps * factor,
            calls_month=self.calls_month * factor,
            rows_per_run=self.rows_per_run * factor,
            series=self.series * factor,
            devices=self.devices * factor,
        )

    @property
    def training_gb(self) -> float:
        """Return the gigabytes a training run reads.

        Where nobody said, it is three months of feature rows of 50 bytes, at least 100 GB (5 GB in the micro tier).
        """
        if self.data_gb is not None:
            return self.data_gb
        if self.tier == "micro":
            return 5.0
        history = self.calls_month * _FEATURE_ROW_KB * _HISTORY_MONTHS / 1e6
        return max(100.0, min(2_000.0, history))
