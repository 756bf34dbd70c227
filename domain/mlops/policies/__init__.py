"""Judge an intake, a plan and generated files by policy: security, privacy, regimes, money, governance.

A verdict of ``block`` stops the design until a constraint changes or an exception is recorded, which is never
possible for AIA-01 and for secrets in files (SEC-05).
"""

from collections.abc import Mapping

from domain.mlops.facts import Constraints
from domain.mlops.plan import Phase, Plan, PolicyResult
from domain.mlops.policies.case import Case
from domain.mlops.policies.catalogue import ARTIFACT_POLICIES, failing_verdict, planned_results
from domain.mlops.policies.intake import intake_results
from domain.mlops.policies.on_plan import plan_results
from domain.mlops.policies.sources import Sources

__all__ = ["NEVER_EXCEPTED", "evaluate", "evaluate_files"]

NEVER_EXCEPTED = frozenset({"AIA-01", "SEC-05"})


def evaluate(
    plan: Plan | None, constraints: Constraints, phase: Phase, *, conflicts: tuple[str, ...] = ()
) -> tuple[PolicyResult, ...]:
    """Return the verdicts of all policies that apply in the intake or plan phase, ordered by policy.

    ``conflicts`` names the contradictions still open between constraints; any makes CON-01 block. In the plan phase
    the policies on generated files are reported as ``planned``. Without a plan, only the intake can be judged; the
    artifact phase is judged by ``evaluate_files`` and gives nothing here.
    """
    case = Case.of(plan, constraints, conflicts)
    if phase is Phase.INTAKE:
        found = intake_results(case)
    elif phase is Phase.PLAN and plan is not None:
        found = [*plan_results(case), *planned_results(case)]
    else:
        found = []
    return tuple(sorted(found, key=lambda item: item.policy))


def evaluate_files(plan: Plan, constraints: Constraints, files: Mapping[str, bytes]) -> tuple[PolicyResult, ...]:
    """Return the verdicts of the artifact policies that apply, read from the generated files by path.

    A failing one names ``file:line`` where there is a place to name. Files that are not UTF-8 text are not read.
    """
    case = Case.of(plan, constraints)
    sources = Sources.of(files)
    found = []
    for policy in ARTIFACT_POLICIES:
        if policy.applies(case):
            failure = policy.check(case, sources)
            found.append(failing_verdict(policy, case, failure))
    return tuple(sorted(found, key=lambda item: item.policy))
