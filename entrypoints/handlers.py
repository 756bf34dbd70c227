"""Load the job handlers that the settings name."""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

from domain.model.errors import ConfigurationError
from ports.handlers import JobHandler


def load_handlers(targets: Mapping[str, str]) -> dict[str, JobHandler]:
    """Import a handler for each job type from ``module:attribute``; the working directory is searched too.

    Raises ConfigurationError when one can't be imported or called.
    """
    return {job_type: _load(job_type, target) for job_type, target in targets.items()}


def _load(job_type: str, target: str) -> JobHandler:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    module, _, attribute = target.partition(":")
    try:
        handler: JobHandler = getattr(importlib.import_module(module), attribute)
    except Exception as error:
        raise ConfigurationError(
            f"The handler of job type {job_type!r} can't be loaded from {target!r}: {type(error).__name__}: {error}."
        ) from error
    if not callable(handler):
        raise ConfigurationError(f"The handler of job type {job_type!r}, {target!r}, can't be called.")
    return handler
