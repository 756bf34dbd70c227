"""From an approved plan to files: code generation, validators, the rationale, and what changed since last time."""

import asyncio
import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from langgraph.runtime import Runtime

from adapters.langgraph.mlops_design.cards import Step
from adapters.langgraph.mlops_design.conversion import from_state, from_states, to_state, to_states
from adapters.langgraph.mlops_design.report import compile_report
from adapters.langgraph.mlops_design.state import DesignState
from domain.mlops.differences import diff_plans
from domain.mlops.facts import Constraints
from domain.mlops.plan import Plan, PolicyResult, Verdict
from domain.mlops.policies import evaluate_files
from domain.mlops.reason_card import ReasonCard
from domain.mlops.repository import archive, merge, package_name
from domain.mlops.validation import ValidationResult, ValidationStatus
from domain.model.artifact import content_hash
from ports.codegen import RepositoryGenerator
from ports.validation import RepositoryValidator
from ports.workflows import StoredFile, WorkflowContext

_STATUS = {
    Verdict.PASS: ValidationStatus.PASSED,
    Verdict.PLANNED: ValidationStatus.SKIPPED,
    Verdict.WARN: ValidationStatus.WARNED,
    Verdict.BLOCK: ValidationStatus.FAILED,
}


@frozen
class Codegen:
    """Generates the repository of an approved plan."""

    generator: RepositoryGenerator

    async def __call__(self, state: DesignState, runtime: Runtime[Any]) -> Step:
        """Write the repository as one archive, with the reports on the plan inside it."""
        plan = from_state(Plan, state["plan"])
        files, packed = await asyncio.to_thread(self._generate, plan, state)
        stored = await _context(runtime).store(
            "repository", f"{package_name(plan)}.zip", packed, {"pattern": plan.pattern, "files": len(files)}
        )
        card = ReasonCard(
            agent="codegen",
            choice=f"{len(files)} files, {stored.size_bytes:,} bytes",
            why=f"the {plan.pattern} pattern on {plan.cloud}, every value taken from the plan",
            candidates=tuple(sorted({path.split("/", 1)[0] for path in files})),
            assumptions=plan.assumptions,
        )
        digests = {path: content_hash(content) for path, content in files.items()}
        return {"archive": to_state(stored), "files": digests}, card

    def _generate(self, plan: Plan, state: DesignState) -> tuple[Mapping[str, bytes], bytes]:
        generated = self.generator.generate(plan, from_state(Constraints, state["constraints"]))
        reports = {
            "reports/cost.json": _json(to_state(plan.cost)),
            "reports/policy.json": _json(state.get("policies", [])),
            "reports/rationale.json": _json(state.get("reason_cards", {})),
        }
        files = merge(generated, reports)
        return files, archive(files)


@frozen
class Validators:
    """Checks the very bytes that were generated."""

    validator: RepositoryValidator

    async def __call__(self, state: DesignState, runtime: Runtime[Any]) -> Step:
        """Fetch the archive back, check each file in it, and judge it by the policies on files."""
        packed = await _context(runtime).fetch(from_state(StoredFile, state["archive"]))
        results, judged = await asyncio.to_thread(self._check, state, packed)
        counts = Counter(result.status for result in results)
        failed = [result for result in results if result.status is ValidationStatus.FAILED]
        card = ReasonCard(
            agent="validators",
            choice=", ".join(f"{counts[status]} {status}" for status in ValidationStatus if counts[status]),
            why="; ".join(f"{one.validator}: {one.message} ({one.where})" for one in failed) or "no check failed",
            candidates=tuple(dict.fromkeys(result.validator for result in results)),
            confidence=0.0 if failed else 1.0,
            risks=tuple(f"{one.validator} was skipped: {one.message}" for one in results if one.status == "skipped"),
        )
        kept = [one for one in state.get("policies", []) if one["verdict"] != Verdict.PLANNED]
        return {"validation": to_states(results), "policies": [*kept, *to_states(judged)]}, card

    def _check(
        self, state: DesignState, packed: bytes
    ) -> tuple[tuple[ValidationResult, ...], tuple[PolicyResult, ...]]:
        plan, constraints = from_state(Plan, state["plan"]), from_state(Constraints, state["constraints"])
        with zipfile.ZipFile(io.BytesIO(packed)) as opened:
            files = {name: opened.read(name) for name in opened.namelist()}
        judged = evaluate_files(plan, constraints, files)
        exceptions = state["decision"].get("exceptions", {})
        by_policy = tuple(
            ValidationResult(f"policy {one.policy}", _STATUS[one.verdict], one.message, one.where)
            for one in judged
            if one.policy not in exceptions
        )
        return (*self.validator.validate(files, plan), *by_policy), judged


async def rationale_compile(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Compile the reason cards and every judgement into one report."""
    text = compile_report(state)
    stored = await _context(runtime).store("report", "report.md", text.encode(), {"format": "markdown"})
    cards = from_states(ReasonCard, state["reason_cards"].values())
    card = ReasonCard(
        agent="rationale_compile",
        choice=f"a report of {len(text.splitlines())} lines on {len(cards)} decisions",
        why="a design must be explainable afterwards",
        confidence=min(card.confidence for card in cards),
        assumptions=from_state(Plan, state["plan"]).assumptions,
    )
    return {"report": to_state(stored)}, card


async def diff_and_persist(state: DesignState, runtime: Runtime[Any]) -> Step:
    """Compare the design with the one before it, and keep it as a file of its own."""
    before = (await _context(runtime).parent_state()).get("plan")
    plan = from_state(Plan, state["plan"])
    difference = diff_plans(from_state(Plan, before) if before else None, plan)
    design = {name: state.get(name) for name in ("prompt", "constraints", "plan", "policies", "validation", "files")}
    await _context(runtime).store("design", "design.json", _json({**design, "difference": difference}))
    failed = [one for one in state.get("validation", []) if one["status"] == ValidationStatus.FAILED]
    card = ReasonCard(
        agent="diff_and_persist",
        choice="the design is kept" + ("" if before else " as the first of its project"),
        why=f"{len(difference)} differences to the design before it" if before else "there is no design before it",
        risks=tuple(f"{one['validator']} failed: {one['message']}" for one in failed),
    )
    outcome = {"status": "completed", "failed_checks": len(failed)}
    return {"difference": difference, "outcome": outcome}, card


def _context(runtime: Runtime[Any]) -> WorkflowContext:
    context: WorkflowContext = runtime.context
    return context


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
