"""Where a bucket is: an address taken apart, with nothing secret in it."""

from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from attrs import field, frozen

from domain.model.errors import ConfigurationError

_CREDENTIALS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "s3a": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
    "azure": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
    "abfs": "AZURE_STORAGE_ACCOUNT_KEY",
    "abfss": "AZURE_STORAGE_ACCOUNT_KEY",
}
_PARAMETERS = ("account_name", "endpoint", "region", "skip_signature", "virtual_hosted_style_request")
OBJECT_SCHEMES = frozenset(_CREDENTIALS)


@frozen
class Location:
    """A bucket's address without parameters, and the settings its parameters gave."""

    url: str
    settings: Mapping[str, str] = field(factory=dict)

    @property
    def plain_http(self) -> bool:
        """Tell whether the address asks for an endpoint without TLS."""
        return any(value.startswith("http://") for value in self.settings.values())


def parse_location(address: str) -> Location:
    """Take an address such as ``s3://bucket/prefix?endpoint=https://…&region=…`` apart.

    Raises ConfigurationError for one without a bucket, with credentials or with an unknown parameter; the message never
    repeats a value.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        raise ConfigurationError(
            "The address of the artifact store is malformed; write it like s3://bucket/prefix?region=eu-west-1."
        ) from None
    if parts.password is not None or (parts.username is not None and not parts.scheme.startswith("abfs")):
        raise ConfigurationError(_no_credentials(parts))
    if not parts.hostname:
        raise ConfigurationError(f"An artifact store's address names a bucket: {parts.scheme}://bucket/prefix.")
    settings = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in settings:
        if name not in _PARAMETERS:
            raise ConfigurationError(f"{_no_credentials(parts)} Parameters it can have: {', '.join(_PARAMETERS)}.")
    if parts.scheme == "gs" and "endpoint" in settings:
        settings["base_url"] = settings.pop("endpoint")
    return Location(urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), settings)


def _no_credentials(parts: SplitResult) -> str:
    return (
        f"The {parts.scheme}:// address of the artifact store has a part that it can't have; credentials come from the"
        f" environment ({_CREDENTIALS[parts.scheme]}), never from the address."
    )
