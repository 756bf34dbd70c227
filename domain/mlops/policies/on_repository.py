"""Artifact policies read from the generated Dockerfile, workflows, Python and documents.

Each check returns None when met, or what is wrong with the place (``file:line``) where there is one.
"""

import re

from domain.mlops.policies.case import Case
from domain.mlops.policies.on_terraform import Failure
from domain.mlops.policies.sources import Sources

_SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}"
    r"|\bxox[baprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."
    r"|://[^/\s:@\"']+:[^/\s:@\"'${}<>]+@"
)
_ASSIGNED = re.compile(
    r"(?i)\b(password|passwd|secret|api_key|access_key|auth_token)\b[\"']?\s*[:=]\s*[\"']([^\"'${}<>\s]{6,})[\"']"
)
_UNSAFE_LOAD = r"\b(pickle|cPickle|dill|cloudpickle)\.loads?\(|\bjoblib\.load\(|\btorch\.load\("
_RAW_IN_LOG = r"\b(log|logger|logging)\.\w+\(.*\b(payload|body|features|email|name|address|ssn)\b|\bprint\(.*payload"
_DIGEST = "@sha256:"


def no_secrets(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-05: no file holds a secret."""
    for path, text in sources.texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            assigned = _ASSIGNED.search(line)
            if _SECRET.search(line) or (assigned and not _placeholder(assigned.group(2))):
                return "A secret is written in a file; refer to a secret manager", f"{path}:{number}"
    return None


def _placeholder(value: str) -> bool:
    lowered = value.lower()
    return any(word in lowered for word in ("example", "changeme", "placeholder", "secretsmanager", "test", "var."))


def hardened_image(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-08: images are pinned by digest, run as a plain user, and the registry keeps and scans them."""
    for path in sources.paths("Dockerfile"):
        lines = sources.texts[path].splitlines()
        stages = {match.group(1).lower() for line in lines if (match := re.search(r"(?i)\bAS\s+(\S+)", line))}
        for number, line in enumerate(lines, 1):
            base = re.match(r"(?i)\s*FROM\s+(?:--\S+\s+)?(\S+)", line)
            if base and base.group(1).lower() not in stages | {"scratch"} and _DIGEST not in base.group(1):
                if "$" in base.group(1) and _DIGEST in sources.texts[path]:
                    continue
                return f"The base image {base.group(1)} is not pinned by digest", f"{path}:{number}"
        users = [line.split()[1] for line in lines if re.match(r"(?i)\s*USER\s+\S", line)]
        if not users or users[-1].split(":")[0] in ("root", "0"):
            return "The image runs as root", f"{path}:{len(lines)}"
    for repository in sources.resources("aws_ecr_repository"):
        if not repository.sets("image_tag_mutability", '"IMMUTABLE"') or not repository.sets("scan_on_push", "true"):
            return f"{repository.name} does not keep tags immutable and scan on push", repository.where
    return None


def locked_dependencies(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-09: dependencies are locked by hash; the workflow builds a bill of materials and audits them."""
    locks = sources.paths("requirements.lock")
    if not locks:
        return "There is no requirements.lock", None
    if "--hash=sha256:" not in sources.texts[locks[0]]:
        return "The locked dependencies carry no hashes", f"{locks[0]}:1"
    if not sources.says(r"pip-audit|osv-scanner|trivy|grype", ".yml", ".yaml"):
        return "No workflow audits the dependencies", None
    if not sources.says(r"sbom|cyclonedx|spdx", ".yml", ".yaml"):
        return "No workflow builds a bill of materials", None
    return None


def verified_model(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-10: a model is loaded only after its sha256 matched, and never from a bare pickle."""
    unsafe = sources.find(_UNSAFE_LOAD, ".py", within="src/")
    if unsafe:
        return "A model is loaded from a pickle", unsafe[0].where
    loads = sources.find(r"\bload_model\(|\bskops\b|\bsio\.load\(|InferenceSession\(", ".py", within="src/")
    if loads and not sources.says(r"sha256", ".py", within="src/"):
        return "A model is loaded without comparing its sha256", loads[0].where
    return None


def guarded_predict(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-11: the prediction endpoint authenticates and limits the size and rate of requests."""
    routes = sources.find(r"[\"']/v1/\w+", ".py", within="src/")
    if not routes:
        return "No prediction endpoint was found", None
    python = "\n".join(text for path, text in sources.texts.items() if path.startswith("src/") and path.endswith(".py"))
    wanted = {
        "authentication": r"(?i)api[_-]?key|authorization|bearer|hmac",
        "a size limit": r"(?i)max_(body|bytes|size|length|items|rows|request)|content[_-]length",
        "a rate limit": r"(?i)rate[_ -]?limit|token_bucket|too_many_requests|\b429\b",
    }
    missing = [name for name, pattern in wanted.items() if not re.search(pattern, python)]
    return (f"The prediction endpoint has no {' and no '.join(missing)}", routes[0].where) if missing else None


def careful_workflows(case: Case, sources: Sources) -> Failure | None:
    """Check SEC-12: workflows pin actions by commit, state least permissions and use OIDC instead of stored keys."""
    within = ".github/workflows/"
    for hit in sources.find(r"^\s*(-\s+)?uses:\s*\S+", ".yml", ".yaml", within=within):
        reference = hit.text.split("uses:", 1)[1].split("#")[0].strip().strip("\"'")
        if not reference.startswith("./") and not re.search(r"@[0-9a-f]{40}$", reference):
            return f"The action {reference} is not pinned by commit", hit.where
    for path in sources.paths(".yml", ".yaml"):
        if within in path and not re.search(r"(?m)^\s*permissions:", sources.texts[path]):
            return "The workflow does not state its permissions", f"{path}:1"
    keys = sources.find(r"secrets\.(AWS_SECRET_ACCESS_KEY|GOOGLE_CREDENTIALS|AZURE_CLIENT_SECRET)", within=within)
    return ("The workflow uses a stored key; use OIDC", keys[0].where) if keys else None


def quiet_logs(case: Case, sources: Sources) -> Failure | None:
    """Check GDPR-05: no log line holds the raw request."""
    hits = sources.find(_RAW_IN_LOG, ".py", within="src/")
    return ("A log line holds raw personal data", hits[0].where) if hits else None


def notice_in_runbook(case: Case, sources: Sources) -> Failure | None:
    """Check GDPR-06: the runbook holds the 72-hour notice and its owner."""
    if sources.says(r"\b72[ -]?h", ".md", within="runbook"):
        return None
    return "The runbook does not hold the 72-hour notice", None


def protected_main(case: Case, sources: Sources) -> Failure | None:
    """Check SOC-01: owners review code, and production deployments have an environment with reviewers."""
    if not sources.paths("CODEOWNERS"):
        return "There is no CODEOWNERS file", None
    if not sources.says(r"^\s*environment:", ".yml", ".yaml", within=".github/workflows/"):
        return "No deployment waits for the reviewers of an environment", None
    return None


def disclosed(case: Case, sources: Sources) -> Failure | None:
    """Check AIA-03: answers say that a machine made them."""
    if sources.says(r"machine[- ]made|ai[- ]generated|generated by (an )?ai|disclos", ".py", ".md"):
        return None
    return "Nothing tells the reader that answers are machine-made", None


def reasoned(case: Case, sources: Sources) -> Failure | None:
    """Check CRD-01: credit decisions come with reason codes."""
    return None if sources.says(r"reason[_ -]?codes?", ".py", ".md") else ("Decisions carry no reason codes", None)


def registered(case: Case, sources: Sources) -> Failure | None:
    """Check MLG-01: models go through a registry, and someone approves them for production."""
    if not sources.says(r"regist", ".py", within="src/"):
        return "No module registers models", None
    if not sources.says(r"approv|environment:", ".py", ".yml", ".yaml"):
        return "Nobody approves a model for production", None
    return None


def checked_schema(case: Case, sources: Sources) -> Failure | None:
    """Check MLG-02: training and serving use the same schema with ranges."""
    users = [path for path in sources.paths("train.py", "serve.py", "batch.py", "data.py") if path.startswith("src/")]
    if users and not any(re.search(r"\bschema\b", sources.texts[path]) for path in users):
        return "Neither training nor serving checks its data against the schema", f"{users[0]}:1"
    return None if sources.paths("schema.py") else ("There is no schema module", None)


def reversible(case: Case, sources: Sources) -> Failure | None:
    """Check MLG-03: a release can be rolled back, and a test or the runbook says how."""
    if sources.says(r"roll(s|ed|ing)?[ _-]?back", ".md", ".py", ".yml", ".yaml", ".tf"):
        return None
    return "Nothing rolls a release back", None


def honest_card(case: Case, sources: Sources) -> Failure | None:
    """Check MLG-04: the model card names licence and provenance."""
    cards = [path for path in sources.paths(".md", ".md.tmpl") if "model_card" in path]
    if not cards:
        return "There is no model card", None
    text = sources.texts[cards[0]].lower()
    missing = [
        name
        for name, pattern in (("licence", r"licen[cs]e"), ("provenance", r"provenance|source|trained on"))
        if not re.search(pattern, text)
    ]
    return (f"The model card names no {' and no '.join(missing)}", f"{cards[0]}:1") if missing else None
