"""What a policy looks at: the plan, the constraints behind it and what follows from both."""

from attrs import evolve, field, frozen

from domain.mlops.facts import Constraints
from domain.mlops.measuring import workload_of
from domain.mlops.placement import EEA, country_of, normal_code
from domain.mlops.plan import Phase, Plan, PolicyResult, Verdict
from domain.mlops.workload import Workload

HIRING_OR_CREDIT = ("hiring", "hire", "recruit", "candidate", "applicant", "cv screening", "credit", "loan", "lending")
HIGH_RISK = (*HIRING_OR_CREDIT, "insurance", "exam", "admission", "student", "grading", "biometric", "asylum", "parole")


@frozen
class Case:
    """One design under judgement. ``plan`` is None before there is one; ``conflicts`` are those still open."""

    plan: Plan | None
    constraints: Constraints
    workload: Workload
    conflicts: tuple[str, ...] = ()
    compliance: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    text: str = field(default="", repr=False)

    @classmethod
    def of(cls, plan: Plan | None, constraints: Constraints, conflicts: tuple[str, ...] = ()) -> "Case":
        """Gather what the policies ask about."""
        quotes = " ".join(fact.quote or "" for fact in constraints.facts.values())
        workload = workload_of(constraints)
        if plan is not None:
            workload = evolve(workload, cloud=plan.cloud, regions=plan.regions)
        return cls(
            plan=plan,
            constraints=constraints,
            workload=workload,
            conflicts=conflicts,
            compliance=frozenset(str(name).upper() for name in constraints.value("compliance") or ()),
            kinds=frozenset(str(kind) for kind in constraints.value("data_kinds") or ()),
            text=f"{constraints.value('use_case') or ''} {quotes}".lower(),
        )

    @property
    def personal(self) -> bool:
        """Tell whether the data is about people."""
        return self.workload.data_class in ("personal", "special")

    @property
    def special(self) -> bool:
        """Tell whether the data is of a special category."""
        return self.workload.data_class == "special"

    @property
    def regulated(self) -> bool:
        """Tell whether a regime audits the system."""
        return self.workload.regulated

    @property
    def cloud(self) -> str:
        """Return the cloud the system runs on."""
        return self.workload.cloud

    @property
    def in_cloud(self) -> bool:
        """Tell whether the system runs in a public cloud."""
        return self.cloud in ("aws", "gcp", "azure")

    @property
    def online(self) -> bool:
        """Tell whether callers wait for predictions."""
        return "online" in self.workload.modes

    @property
    def european(self) -> bool:
        """Tell whether European data protection or AI law applies: by name, by residency or by region."""
        codes = {normal_code(code) for code in self.workload.residency}
        countries = {country_of(region) for region in self.workload.regions}
        return "GDPR" in self.compliance or bool((codes | countries) & (EEA | {"EU", "UK"}))

    @property
    def hiring_or_credit(self) -> bool:
        """Tell whether the system decides about jobs or credit."""
        return any(word in self.text for word in HIRING_OR_CREDIT)

    @property
    def high_risk(self) -> bool:
        """Tell whether the use is one the AI Act lists as high-risk."""
        return "biometric" in self.kinds or any(word in self.text for word in HIGH_RISK)

    def has(self, control: str) -> bool:
        """Tell whether the plan holds a control."""
        return self.plan is not None and control in self.plan.controls


def result(policy: str, phase: Phase, verdict: Verdict, message: str, where: str | None = None) -> PolicyResult:
    """Build a policy's result."""
    return PolicyResult(policy=policy, phase=phase, verdict=verdict, message=message, where=where)
