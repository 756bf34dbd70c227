"""Each fault planted into a valid repository is found and named with its file."""

import pytest

from adapters.codegen.generator import TemplateRepositoryGenerator
from adapters.validation.validators import CHECKS, StaticRepositoryValidator
from domain.mlops.validation import ValidationResult, ValidationStatus
from tests.unit.codegen.plans import constraints_of, plan_of

PLAN = plan_of("online_containers", "aws")
PACKAGE = "card_fraud_detection"


@pytest.fixture(scope="module")
def valid() -> dict[str, bytes]:
    return dict(TemplateRepositoryGenerator().generate(PLAN, constraints_of()))


def found(files: dict[str, bytes], validator: str) -> list[ValidationResult]:
    problems = list(CHECKS[validator](files, PLAN))
    return [ValidationResult(validator, item.status, item.message, item.where) for item in problems]


FAULTS = {
    "broken Python": ("python", f"src/{PACKAGE}/train.py", b"def f(:\n", ":1"),
    "a NUL in Python": ("python", "src/x.py", b"a = 1\x00", ""),
    "eval": ("python", "src/x.py", b"x = 1\neval(input())\n", ":2"),
    "builtins exec": ("python", "src/x.py", b"import builtins as b\nb.exec('1')\n", ":2"),
    "pickle": ("python", "src/x.py", b"from pickle import load as l\nl(open('x'))\n", ":2"),
    "a shell": ("python", "src/x.py", b"import subprocess\nsubprocess.run('x', shell=True)\n", ":2"),
    "unsafe yaml": ("python", "src/x.py", b"import yaml\nyaml.load('x')\n", ":2"),
    "broken HCL": ("hcl", "terraform/main.tf", b'resource "a" "b" {\n  x = \n}\n', ""),
    "broken tfvars": ("hcl", "terraform/envs/prod.tfvars", b"a = [1,\n", ""),
    "broken YAML": ("yaml", "conf/base.yaml", b"a: 1\nb: [1,\n", ":3"),
    "an object in YAML": ("yaml", "conf/base.yaml", b"a: !!python/object/apply:os.system [x]\n", ":1"),
    "a workflow without permissions": ("yaml", ".github/workflows/ci.yml", b"on: push\njobs: {a: {}}\n", ""),
    "a workflow with every permission": (
        "yaml",
        ".github/workflows/ci.yml",
        b"on: push\npermissions: write-all\njobs: {a: {runs-on: x, steps: [{run: y}]}}\n",
        "",
    ),
    "a manifest without kind": ("yaml", "k8s/service.yaml", b"apiVersion: v1\n", ""),
    "broken TOML": ("toml", "pyproject.toml", b"a = \n", ":1"),
    "broken JSON": ("json", "reports/cost.json", b"{\n1}", ":2"),
    "deep JSON": ("json", "reports/cost.json", b"[" * 100_000, ""),
    "a root image": ("dockerfile", "Dockerfile", b"FROM python:3.11\nRUN x\n", ":1"),
    "an explicit root user": ("dockerfile", "Dockerfile", b"FROM python:3.11\nUSER 0:0\n", ":2"),
    "a user of an earlier stage only": ("dockerfile", "Dockerfile", b"FROM a:1 AS b\nUSER 1\nFROM b\nRUN x\n", ":3"),
    "a floating image": ("dockerfile", "Dockerfile", b"ARG B=python:latest\nFROM $B\nUSER app\n", ":2"),
    "an untagged image": ("dockerfile", "Dockerfile", b"FROM python\nUSER app\n", ":1"),
    "a cloud key": ("secrets", "conf/prod.yaml", b"a: 1\nkey: " + b"AKIA" + b"QYLPMN5HFIQR7XYA" + b"\n", ":2"),
    "a private key": ("secrets", "src/x.py", b"k = '''-----BEGIN " + b"RSA PRIVATE KEY-----'''\n", ":1"),
    "a password": ("secrets", "conf/prod.yaml", b"pass" + b"word: hunter2hunter9\n", ":1"),
    "an unfinished mark": ("finished", "README.md", b"# a\nTO" + b"DO: write\n", ":2"),
    "an empty file": ("finished", "docs/cost.md", b" \n", ""),
    "a climbing path": ("paths", "../evil.sh", b"x", ""),
    "an absolute path": ("paths", "/etc/passwd", b"x", ""),
    "a clashing path": ("paths", "readme.MD", b"x", ""),
    "a file that is a folder": ("paths", "docs", b"x", ""),
    "an unknown diagram node": ("diagram", "docs/architecture.md", b'```mermaid\n  ghost["x"]\n```\n', ":2"),
    "another cost": ("cost", "docs/cost.md", b"x\nBase monthly cost: **$1.00**\n", ":2"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_in_its_file(valid: dict[str, bytes], fault: str) -> None:
    validator, path, content, line = FAULTS[fault]
    results = found({**valid, path: content}, validator)
    failed = [item.where or "" for item in results if item.status is ValidationStatus.FAILED]
    assert any(where.startswith(path) and where.endswith(line) for where in failed), results
    assert found(valid, validator) == []


@pytest.mark.parametrize("path", ["README.md", "terraform/iam.tf", f"src/{PACKAGE}/serve.py", "docs/dpia.md"])
def test_a_missing_file_is_named(valid: dict[str, bytes], path: str) -> None:
    fewer = {name: content for name, content in valid.items() if name != path}
    assert [item.where for item in found(fewer, "complete")] == [path]


def test_an_undrawn_component_is_named(valid: dict[str, bytes]) -> None:
    page = valid["docs/architecture.md"].replace(b"    serve[", b"    ghost[")
    messages = [item.message for item in found({**valid, "docs/architecture.md": page}, "diagram")]
    assert "component serve of the plan is not drawn" in messages
    assert "node ghost is no component of the plan" in messages


def test_an_action_pinned_by_version_is_a_warning(valid: dict[str, bytes]) -> None:
    path = ".github/workflows/ci.yml"
    results = found({**valid, path: valid[path].replace(b"@11bd71901bbe5b1630ceea73d27597364c9af683", b"@v4")}, "yaml")
    assert {item.status for item in results} == {ValidationStatus.WARNED}


def test_a_link_that_leads_nowhere_is_a_warning(valid: dict[str, bytes]) -> None:
    results = found({**valid, "README.md": b"[x](docs/none.md)"}, "links")
    assert [(item.status, item.where) for item in results] == [(ValidationStatus.WARNED, "README.md:1")]


def test_checksums_in_manifests_and_locks_are_no_secrets(valid: dict[str, bytes]) -> None:
    digest = b"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    manifest = b'{"files": {"model.skops": "' + digest + b'"}, "data_sha256": "' + digest + b'"}'
    assert found({**valid, "artifacts/manifest.json": manifest}, "secrets") == []


def test_a_finding_never_repeats_the_secret(valid: dict[str, bytes]) -> None:
    key = "AKIA" + "QYLPMN5HFIQR7XYA"
    results = found({**valid, "conf/prod.yaml": f"key: {key}\n".encode()}, "secrets")
    assert results
    assert all(key not in item.message for item in results)


@pytest.mark.parametrize("junk", [b"\xff\xfe\x00", b"\x00" * 50, b"{" * 5000, b"- " * 3000, b"&a [*a, *a]", b"on: [\n"])
def test_junk_in_every_file_is_judged_and_never_raises(valid: dict[str, bytes], junk: bytes) -> None:
    results = StaticRepositoryValidator().validate(dict.fromkeys(valid, junk), PLAN)
    assert any(item.status is ValidationStatus.FAILED for item in results)


def test_a_validator_that_finds_nothing_says_so_once(valid: dict[str, bytes]) -> None:
    results = StaticRepositoryValidator().validate(valid, PLAN)
    assert [item.validator for item in results] == list(CHECKS)
    assert {item.status for item in results} <= {ValidationStatus.PASSED, ValidationStatus.SKIPPED}
