"""Database URLs: every common spelling of them, and how they may be shown."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from domain.model.errors import ConfigurationError

_POSTGRESQL = frozenset({"postgres", "postgresql", "pgsql", "psql"})
_CREDENTIALS = re.compile(r"(?<=://).*@", re.DOTALL)
_SECRET_PARAMETER = re.compile(r"([?&][^=&]*(?:password|secret|token)[^=&]*=)[^&]*", re.IGNORECASE)
_SEVERAL_HOSTS = re.compile(r"^(?P<start>[^:]+://(?:[^@/]*@)?)(?P<hosts>[^/?@]*,[^/?]*)(?P<rest>.*)$", re.DOTALL)


def normalised(url: str) -> URL:
    """Return the URL with the driver that this adapter uses.

    Takes ``postgres://`` and ``postgresql://`` with any driver, several hosts as libpq writes them, asyncpg's ``ssl``
    parameter, ``sqlite:///relative`` and ``sqlite:////absolute``. Raises ConfigurationError for anything else.
    """
    scheme = url.partition(":")[0].partition("+")[0].strip().lower()
    if scheme in _POSTGRESQL:
        return _postgresql(url.strip())
    if scheme == "sqlite":
        return _sqlite(url.strip())
    raise ConfigurationError(
        f"The database URL {redacted(url)} is not one this storage knows;"
        " write postgresql://user@host/database or sqlite:///path/to/file.db."
    )


def redacted(url: str | URL) -> str:
    """Return a URL fit for messages and logs: no password, not even from one that can't be parsed."""
    if isinstance(url, URL):
        text = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
        return _SECRET_PARAMETER.sub(r"\1***", text)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return _SECRET_PARAMETER.sub(r"\1***", _CREDENTIALS.sub("***@", url))
    if "@" in (parsed.host or "") or "@" in (parsed.database or ""):
        return _SECRET_PARAMETER.sub(r"\1***", _CREDENTIALS.sub("***@", url))
    return _SECRET_PARAMETER.sub(r"\1***", parsed.render_as_string(hide_password=True))


def sqlite_path(url: URL) -> Path:
    """Return the file that a normalised SQLite URL names."""
    return Path(url.database or "").expanduser().absolute()


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            f"The database URL {redacted(url)} can't be parsed; write it as scheme://user:password@host:port/database"
            " and percent-encode special characters in the password."
        ) from None


def _postgresql(url: str) -> URL:
    several = _SEVERAL_HOSTS.match(url)
    if several:
        hosts = "&".join(f"host={quote(host, safe=':')}" for host in several["hosts"].split(","))
        joint = "&" if "?" in several["rest"] else "?"
        url = f"{several['start']}{several['rest']}{joint}{hosts}"
    parsed = _parsed(url)
    if "@" in (parsed.host or ""):
        raise ConfigurationError(
            f"The database URL {redacted(url)} has an @ in its password; write it percent-encoded, as %40."
        )
    return parsed.set(drivername="postgresql+psycopg", query=_libpq_parameters(parsed.query))


def _libpq_parameters(query: Mapping[str, str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
    spoken = {key: value for key, value in query.items() if key != "ssl"}
    if "ssl" in query:
        asked = query["ssl"]
        spoken.setdefault("sslmode", {"true": "require", "false": "disable"}.get(str(asked).lower(), asked))
    return spoken


def _sqlite(url: str) -> URL:
    parsed = _parsed(url)
    database = parsed.database or ""
    if database in ("", ":memory:") or database.startswith("file:") or parsed.query.get("mode") == "memory":
        raise ConfigurationError(
            f"The database URL {redacted(url)} names no file: a SQLite database here is a file,"
            " such as sqlite:///mlwright.db. To keep nothing, use memory://."
        )
    if parsed.host or parsed.query:
        raise ConfigurationError(
            f"The database URL {redacted(url)} has a host or parameters, which SQLite does not take;"
            " write sqlite:///relative/path.db or sqlite:////absolute/path.db."
        )
    return URL.create("sqlite+aiosqlite", database=str(Path(database).expanduser()))
