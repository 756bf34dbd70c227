"""Logs on stderr: one line each, secrets masked."""

import logging
import sys

from domain.model.secrets import mask_secrets
from entrypoints.cli.output import one_line


def log_to_stderr(level: int) -> None:
    """Let our own logs of a level go to stderr, and everyone's warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("mlwright").setLevel(level)
    # It warns of every write to a client that has gone, which the server notices by itself.
    logging.getLogger("asyncio").setLevel(logging.ERROR)


class _MaskingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return one_line(mask_secrets(super().format(record)))
