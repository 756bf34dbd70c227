"""A generated repository really works: training runs, and its own tests pass, in a bare environment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.codegen.generator import TemplateRepositoryGenerator
from tests.unit.codegen.plans import TASKS, constraints_of, plan_of

PACKAGE = "card_fraud_detection"
TIME_LIMIT_S = 120


def extract(pattern: str, cloud: str, folder: Path, **changes: str) -> None:
    for path, content in (
        TemplateRepositoryGenerator().generate(plan_of(pattern, cloud, **changes), constraints_of()).items()
    ):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "HOME": str(folder),
        "PATH": os.defpath,
        "PYTHONPATH": "src",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False
    )


def trains_and_passes_its_tests(folder: Path) -> dict[str, Any]:
    trained = run(folder, "-m", f"{PACKAGE}.train", "--seed", "7")
    assert trained.returncode == 0, trained.stdout + trained.stderr
    tested = run(folder, "-m", "pytest", "-c", "pyproject.toml", "--rootdir", ".", "-p", "no:cacheprovider")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert " passed" in tested.stdout
    return dict(json.loads((folder / "artifacts" / "manifest.json").read_text(encoding="utf-8")))


@pytest.mark.slow
def test_a_generated_repository_trains_and_passes_its_own_tests(tmp_path: Path) -> None:
    extract("stream_features_online", "aws", tmp_path)
    manifest = trains_and_passes_its_tests(tmp_path)
    assert manifest["seed"] == 7
    assert {"model.skops", "metrics.json", "model_card.md", "reference.json"} <= set(manifest["files"])


@pytest.mark.storm
@pytest.mark.parametrize("pattern", [name for name in TASKS if name != "stream_features_online"])
def test_every_pattern_trains_and_passes_its_own_tests(pattern: str, tmp_path: Path) -> None:
    extract(pattern, "onprem" if pattern == "onprem_airgap" else "aws", tmp_path)
    trains_and_passes_its_tests(tmp_path)
