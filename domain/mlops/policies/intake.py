"""Policies judged on what was asked for, before anything is planned."""

from domain.mlops.plan import Phase, PolicyResult, Verdict
from domain.mlops.policies.case import Case, result

_PROHIBITED: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("social scoring", (("social scor", "social credit", "trustworthiness of citizens"),)),
    (
        "emotion inference at work or school",
        (
            ("emotion", "mood of", "facial expression"),
            ("work", "employee", "staff", "school", "student", "pupil", "classroom", "call agent"),
        ),
    ),
    ("untargeted scraping of faces", (("scrap", "crawl", "harvest"), ("face", "facial"))),
    (
        "inferring protected traits from biometrics",
        (
            ("face", "facial", "voice", "biometric", "gait"),
            ("ethnicity", "race of", "religio", "sexual orientation", "political", "trade union"),
        ),
    ),
)
_MEDICAL_OR_SAFETY = ("medical", "patient", "fatigue", "safety", "clinical")


def prohibited_use(text: str) -> str | None:
    """Return the practice forbidden by Article 5 of the AI Act that a lower-case text describes, or None.

    Emotion inference for medical or safety reasons is allowed.
    """
    for practice, groups in _PROHIBITED:
        if all(any(word in text for word in group) for group in groups):
            if practice.startswith("emotion") and any(word in text for word in _MEDICAL_OR_SAFETY):
                continue
            return practice
    return None


def intake_results(case: Case) -> list[PolicyResult]:
    """Return the verdicts of the intake's policies."""
    return [_redaction(case), _injection(case), _prohibited(case), conflict_result(case, Phase.INTAKE)]


def conflict_result(case: Case, phase: Phase) -> PolicyResult:
    """Return the verdict on contradictions that nobody has settled."""
    if case.conflicts:
        message = f"Open conflicts: {' '.join(case.conflicts)} Decide which constraint gives."
        return result("CON-01", phase, Verdict.BLOCK, message)
    return result("CON-01", phase, Verdict.PASS, "No conflict between constraints is open.")


def _redaction(case: Case) -> PolicyResult:
    if "[redacted:" in case.text or case.constraints.value("redacted"):
        message = "The brief held secrets or personal details; they were redacted. Rotate the secrets."
        return result("SEC-05", Phase.INTAKE, Verdict.WARN, message)
    return result("SEC-05", Phase.INTAKE, Verdict.PASS, "The facts read from the brief hold no redacted secret.")


def _injection(case: Case) -> PolicyResult:
    if case.constraints.value("injected_instructions"):
        message = "The brief addresses the assistant or its gates; those sentences were read as data and ignored."
        return result("SEC-13", Phase.INTAKE, Verdict.WARN, message)
    return result("SEC-13", Phase.INTAKE, Verdict.PASS, "The brief does not try to steer the assistant.")


def _prohibited(case: Case) -> PolicyResult:
    practice = prohibited_use(case.text)
    if practice is not None:
        message = f"Article 5 of the AI Act forbids {practice}; there is no exception to record."
        return result("AIA-01", Phase.INTAKE, Verdict.BLOCK, message)
    return result("AIA-01", Phase.INTAKE, Verdict.PASS, "No practice forbidden by Article 5 of the AI Act was found.")
