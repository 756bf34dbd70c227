"""The validators of a generated repository, run one after the other over its bytes."""

from collections.abc import Mapping

from attrs import frozen

from adapters.validation.configuration import hcl, json_documents, toml_documents, yaml_documents
from adapters.validation.container_image import container_image
from adapters.validation.documents import cost, diagram, links
from adapters.validation.problem import Check
from adapters.validation.programs import python_lint, terraform_format, terraform_validate
from adapters.validation.python_code import python_code
from adapters.validation.secrets import secrets
from adapters.validation.structure import complete, finished, safe_paths
from domain.mlops.plan import Plan
from domain.mlops.validation import ValidationResult, ValidationStatus

CHECKS: Mapping[str, Check] = {
    "paths": safe_paths,
    "complete": complete,
    "finished": finished,
    "python": python_code,
    "hcl": hcl,
    "yaml": yaml_documents,
    "toml": toml_documents,
    "json": json_documents,
    "dockerfile": container_image,
    "secrets": secrets,
    "diagram": diagram,
    "cost": cost,
    "links": links,
    "ruff": python_lint,
    "terraform-fmt": terraform_format,
    "terraform-validate": terraform_validate,
}


@frozen
class StaticRepositoryValidator:
    """Checks files without running them; implements ``ports.validation.RepositoryValidator``."""

    def validate(self, files: Mapping[str, bytes], plan: Plan) -> tuple[ValidationResult, ...]:
        """Return the results of every check in a fixed order: ``passed`` once for a clean one, else one a problem."""
        results: list[ValidationResult] = []
        for name, check in CHECKS.items():
            problems = list(check(files, plan))
            results += [ValidationResult(name, found.status, found.message, found.where) for found in problems]
            if not problems:
                results.append(ValidationResult(name, ValidationStatus.PASSED, "no problem found"))
        return tuple(results)
