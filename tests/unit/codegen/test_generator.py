"""The generator makes whole, valid and inert repositories, and the same bytes every time."""

import io
import zipfile

import pytest
import yaml

from adapters.codegen.generator import TemplateRepositoryGenerator
from adapters.codegen.hcl_format import format_hcl
from adapters.validation.validators import CHECKS, StaticRepositoryValidator
from domain.mlops.plan import Component, Plan
from domain.mlops.policies import evaluate_files
from domain.mlops.repository import UnsafePathError, archive, merge, package_name
from domain.mlops.validation import ValidationStatus
from tests.unit.codegen.plans import constraints_of, every_pattern_and_cloud, plan_of

MATRIX = list(every_pattern_and_cloud())
PARSERS = ("paths", "complete", "python", "hcl", "yaml", "toml", "json", "dockerfile", "diagram", "cost")
HOSTILE = (
    '"; rm -rf ${x}',
    '${file("/etc/passwd")} %{ for i in [1] }x%{ endfor } $${y} $$${z}',
    "{{ 7*7 }} <%= 7*7 %> ${{ secrets.TOKEN }}",
    "'''\"\"\"\nimport os\nos.system('x')\n#",
    "]]> <script>alert(1)</script> | a | b |\n# heading\n```\n![x](y)",
    "../../etc/passwd",
    "import",
    "日本語 😀\u2028\x00\ud800",
    "--- !!python/object/apply:os.system [x]",
    "",
)


def generated(plan: Plan, **facts: object) -> dict[str, bytes]:
    return dict(TemplateRepositoryGenerator().generate(plan, constraints_of(**facts)))


def faults(files: dict[str, bytes], plan: Plan) -> list[str]:
    results = StaticRepositoryValidator().validate(files, plan)
    return [f"{item.validator} {item.where}: {item.message}" for item in results if item.status in {"failed", "warned"}]


@pytest.mark.parametrize(("pattern", "cloud"), MATRIX)
def test_every_pattern_on_every_platform_passes_every_validator(pattern: str, cloud: str) -> None:
    plan = plan_of(pattern, cloud)
    files = generated(plan)
    assert faults(files, plan) == []
    assert list(files) == sorted(files)


@pytest.mark.parametrize("compliance", [(), ("GDPR",), ("GDPR", "HIPAA"), ("PCI-DSS", "SOC2")])
@pytest.mark.parametrize(("pattern", "cloud"), [pair for pair in MATRIX if pair[1] != "onprem"])
def test_generated_files_break_no_policy(pattern: str, cloud: str, compliance: tuple[str, ...]) -> None:
    plan = plan_of(pattern, cloud, compliance=compliance, data_class="special" if compliance else "internal")
    files = generated(plan, impact="automated_significant")
    verdicts = evaluate_files(plan, constraints_of(impact="automated_significant"), files)
    assert [f"{item.policy} {item.where}: {item.message}" for item in verdicts if item.verdict == "block"] == []


def test_the_same_plan_gives_the_same_bytes_and_the_same_archive() -> None:
    first, second = generated(plan_of()), generated(plan_of())
    assert first == second
    assert archive(first) == archive(dict(reversed(second.items())))


def test_another_plan_gives_other_values() -> None:
    small, large = generated(plan_of()), generated(plan_of(sizing={"shards": 40, "replicas": 77}))
    assert b"shard_count      = 3" in small["terraform/data.tf"]
    assert b"shard_count      = 40" in large["terraform/data.tf"]
    assert b"77" in large["terraform/envs/prod.tfvars"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
def test_a_hostile_name_stays_inert_everywhere(name: str, cloud: str) -> None:
    plan = plan_of(
        "online_containers",
        cloud,
        name=name,
        model_family=name,
        metric=name,
        controls=(name,),
        assumptions=(name,),
        data_class=name,
        compliance=(name,),
        components=(*plan_of("online_containers", cloud).components, Component(name, name, {name: name})),
    )
    files = generated(plan)
    found = {check: list(CHECKS[check](files, plan)) for check in PARSERS}
    assert found == {check: [] for check in PARSERS}
    assert package_name(plan).isidentifier()
    for path, content in files.items():
        if path.endswith((".tf", ".tfvars")):
            assert b"${file(" not in content
            assert b"rm -rf ${x}" not in content
        if path.startswith(".github/"):
            assert b"secrets.TOKEN" not in content


def test_a_name_comes_back_unchanged_from_the_settings() -> None:
    name = '"; rm -rf ${x} %{y} \\ <b>'
    settings = yaml.safe_load(generated(plan_of(name=name))["conf/base.yaml"])
    assert settings["name"] == name


def test_hidden_files_and_workflows_are_part_of_the_repository() -> None:
    assert {".gitignore", ".dockerignore", ".github/workflows/deploy.yml"} <= set(generated(plan_of()))


def test_each_runner_up_gets_a_decision_record() -> None:
    records = [path for path in generated(plan_of()) if path.startswith("docs/adr/")]
    assert records == ["docs/adr/0001-not-online-containers-other.md", "docs/adr/0002-not-managed-other.md"]


def test_a_plan_without_personal_data_has_no_impact_assessment() -> None:
    assert "docs/dpia.md" in generated(plan_of())
    assert "docs/dpia.md" not in generated(plan_of(data_class="internal"))


def test_reports_of_the_caller_are_merged_into_the_files() -> None:
    merged = merge(generated(plan_of()), {"reports/cost.json": b"{}"})
    assert merged["reports/cost.json"] == b"{}"
    assert list(merged) == sorted(merged)


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "a//b", ".git/config", "a\\b", "", "a/-rf", "a\nb"])
def test_a_path_that_leaves_the_repository_is_never_merged(path: str) -> None:
    with pytest.raises(UnsafePathError):
        merge({}, {path: b"x"})


def test_the_archive_holds_plain_files_with_fixed_dates() -> None:
    packed = zipfile.ZipFile(io.BytesIO(archive({"b/c.txt": b"2", "a.txt": b"1"})))
    assert packed.namelist() == ["a.txt", "b/c.txt"]
    assert {item.date_time for item in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {item.external_attr >> 16 for item in packed.infolist()} == {0o100644}


def test_terraform_comes_out_aligned() -> None:
    assert (
        format_hcl("a = 1\nlonger = 2\nblock {\n\n  c = 3\n\n}\n") == "a      = 1\nlonger = 2\nblock {\n\n  c = 3\n}\n"
    )


def test_skipped_checks_say_why() -> None:
    results = StaticRepositoryValidator().validate(generated(plan_of()), plan_of())
    skipped = [item for item in results if item.status is ValidationStatus.SKIPPED]
    assert {item.validator for item in skipped} <= {"terraform-fmt", "terraform-validate", "ruff"}
    assert all(item.message for item in skipped)
