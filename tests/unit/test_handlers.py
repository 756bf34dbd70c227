"""Job handlers are the deployment's own: found by name in the settings, refused clearly when they are not there."""

import json

import pytest

from domain.model.errors import ConfigurationError
from entrypoints.handlers import load_handlers


def test_a_handler_is_found_by_module_and_attribute() -> None:
    found: object = load_handlers({"mail": "json:dumps"})
    assert found == {"mail": json.dumps}


@pytest.mark.parametrize("target", ["no_such_module:x", "json:no_such_attribute", "json.decoder:NaN"])
def test_a_handler_that_cannot_be_used_is_named_with_its_job_type(target: str) -> None:
    with pytest.raises(ConfigurationError, match="job type 'mail'"):
        load_handlers({"mail": target})
