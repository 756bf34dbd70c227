"""Looks for secrets in every text file with detect-secrets; nothing is sent anywhere to verify a finding."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

from adapters.validation.problem import Files, Problem, text_of
from domain.mlops.plan import Plan

_SETTINGS = {
    "plugins_used": [
        {"name": "ArtifactoryDetector"},
        {"name": "AWSKeyDetector"},
        {"name": "AzureStorageKeyDetector"},
        {"name": "Base64HighEntropyString", "limit": 4.5},
        {"name": "BasicAuthDetector"},
        {"name": "GitHubTokenDetector"},
        {"name": "GitLabTokenDetector"},
        {"name": "HexHighEntropyString", "limit": 3.0},
        {"name": "JwtTokenDetector"},
        {"name": "KeywordDetector"},
        {"name": "NpmDetector"},
        {"name": "OpenAIDetector"},
        {"name": "PrivateKeyDetector"},
        {"name": "PypiTokenDetector"},
        {"name": "SendGridDetector"},
        {"name": "SlackDetector"},
        {"name": "StripeDetector"},
        {"name": "TwilioKeyDetector"},
    ],
    "filters_used": [
        {"path": "detect_secrets.filters.heuristic.is_indirect_reference"},
        {"path": "detect_secrets.filters.heuristic.is_likely_id_string"},
        {"path": "detect_secrets.filters.heuristic.is_not_alphanumeric_string"},
        {"path": "detect_secrets.filters.heuristic.is_potential_uuid"},
        {"path": "detect_secrets.filters.heuristic.is_prefixed_with_dollar_sign"},
        {"path": "detect_secrets.filters.heuristic.is_sequential_string"},
        {"path": "detect_secrets.filters.heuristic.is_templated_secret"},
    ],
}
_DIGEST = re.compile(
    r"(?i)(?P<before>(?:sha256|digest|hash)[\w.\"' -]*[:=]\s*[\"']?|sha256:|@|\.(?:skops|json|md)\"\s*:\s*\")"
    r"(?:[0-9a-f]{64}|[0-9a-f]{40})\b"
)
_REFERENCE = re.compile(r"(?i)\bsecret_?(?:name|id)\b")
_ALIAS = re.compile(r"(?m)(?:^|[\s,\[{:-])\*\w")
_settings_lock = Lock()  # detect-secrets keeps its settings in one place for the whole process


def secrets(files: Files, plan: Plan) -> Iterator[Problem]:
    """Report each finding by kind and line, never its text; checksums and action commits are no secrets."""
    with TemporaryDirectory() as folder, _settings_lock, transient_settings(_SETTINGS):
        for number, path in enumerate(sorted(files)):
            text = text_of(files[path])
            if text is None:
                continue
            copy = Path(folder) / f"{number}{_suffix(path, text)}"
            copy.write_text(_masked(text), encoding="utf-8", newline="")
            try:
                findings = sorted(scan_file(str(copy)), key=lambda found: (found.line_number, found.type))
            except Exception as error:  # its parsers raise many kinds on malformed files
                yield Problem(f"the file cannot be searched for secrets: {type(error).__name__}", path)
                continue
            for finding in findings:
                yield Problem(f"this looks like a secret ({finding.type})", f"{path}:{finding.line_number}")


def _suffix(path: str, text: str) -> str:
    """Return the ending that chooses how a file is read; YAML with aliases is read as text, for they can be cyclic."""
    suffix = Path(path).suffix
    return ".txt" if suffix in {".yaml", ".yml"} and _ALIAS.search(text) else suffix


def _masked(text: str) -> str:
    """Take out what only looks like a secret: checksums, and the word secret where a key holds a secret's name."""
    return _REFERENCE.sub("reference", _DIGEST.sub(r"\g<before>checksum", text))
