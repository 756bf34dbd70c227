"""Settings: from the environment (MLWRIGHT_…), a ``mlwright.toml`` beside the work, and the command line."""

import getpass
import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from domain.model.errors import ConfigurationError
from domain.model.job import DEFAULT_QUEUE
from domain.model.secrets import mask_secrets

CONFIG_FILE = "mlwright.toml"


def default_actor() -> str:
    """Return who is at the keyboard, as events name them."""
    try:
        return f"user:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"user:{os.getuid()}"


class Settings(BaseSettings):
    """Everything that a deployment can set. Durations are in seconds."""

    model_config = SettingsConfigDict(env_prefix="MLWRIGHT_", toml_file=CONFIG_FILE, extra="forbid", frozen=True)

    database_url: str = Field(
        "sqlite:///mlwright.db", description="memory://, sqlite:///path or postgresql://…", repr=False
    )
    artifact_url: str = Field("mlwright-artifacts", description="a folder, s3://…, gs://… or az://…", repr=False)
    pool_size: int = Field(5, ge=1, le=1000, description="PostgreSQL connections kept open")
    max_overflow: int = Field(10, ge=0, le=1000, description="further ones under load")
    pool_timeout: float = Field(30, gt=0, description="wait for a free connection")
    connect_timeout: float = Field(10, gt=0, description="wait for the server to accept")
    statement_timeout: float = Field(60, ge=0, description="longest statement on PostgreSQL; 0 for none")
    transaction_pooler: bool = Field(False, description="PostgreSQL is reached through a pooler in transaction mode")
    workflows: dict[str, str] = Field(default_factory=dict, description="name = module:attribute of your own graphs")
    handlers: dict[str, str] = Field(
        default_factory=dict, description="job type = module:attribute of your own job handlers"
    )
    langgraph_json: Path | None = Field(
        None, description="a langgraph.json to read; ./langgraph.json is found by itself"
    )
    queues: list[str] = Field(
        default_factory=lambda: [DEFAULT_QUEUE], min_length=1, description="queues a worker serves"
    )
    concurrency: int = Field(4, ge=1, le=1000, description="jobs a worker runs at once")
    lease_seconds: float = Field(30, ge=0.5, le=86_400, description="how long a lease lasts unless renewed")
    poll_seconds: float = Field(0.5, gt=0, le=60, description="how often an idle worker looks for jobs")
    job_timeout_seconds: float = Field(3600, gt=0, description="longest attempt of a workflow run")
    max_retries: int = Field(3, ge=0, le=1000, description="retries of a workflow run")
    retry_base_seconds: float = Field(1, gt=0, description="backoff before the first retry, at most")
    retry_cap_seconds: float = Field(300, gt=0, description="longest backoff")
    host: str = Field("127.0.0.1", description="address that `serve` binds")
    port: int = Field(8321, ge=0, le=65_535, description="port that `serve` binds; 0 for any")
    allowed_hosts: list[str] = Field(
        default_factory=list, description="names that HTTP requests may ask for, beside loopback; none given: any"
    )
    actor: str = Field(default_factory=default_actor, min_length=1, max_length=255, description="who events name")

    @field_validator("workflows", "handlers")
    @classmethod
    def _targets(cls, value: dict[str, str]) -> dict[str, str]:
        for name, target in value.items():
            if ":" not in target:
                raise ValueError(f"{name!r} must be given as module:attribute, not {target!r}")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the command line win over the environment, and the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def lease(self) -> timedelta:
        """Return how long a lease lasts."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def job_timeout(self) -> timedelta:
        """Return the longest attempt of a workflow run."""
        return timedelta(seconds=self.job_timeout_seconds)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings, with those given that are not None on top; raises ConfigurationError naming each wrong one."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
        raise ConfigurationError(
            mask_secrets(f"The settings are not usable: {faults}. See `mlwright doctor`.")
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(mask_secrets(f"{CONFIG_FILE} can't be read: {error}.")) from None


def worker_name() -> str:
    """Return a worker's id: its host and process, as an operator looks for it."""
    return f"{socket.gethostname()}-{os.getpid()}"
