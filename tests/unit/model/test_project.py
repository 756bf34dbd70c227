"""Projects: describing them, and what they may be called."""

from typing import Any

import pytest

from domain.model.errors import InvalidValueError
from tests.unit.model.entities import LATER, NOW, make_project


def test_describing_a_project_makes_its_next_version() -> None:
    described = make_project().described(LATER, name="fraud", description="Finds fraud.")
    assert (described.name, described.description, described.version) == ("fraud", "Finds fraud.", 2)
    assert (described.created_at, described.updated_at) == (NOW, LATER)


def test_what_is_not_given_stays_as_it_is() -> None:
    project = make_project(description="Finds churn.")
    assert project.described(LATER, name="fraud").description == "Finds churn."
    assert project.described(LATER, description="").name == "churn"
    assert project.described(LATER, description="").description == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " \t"),
        ("name", "x" * 256),
        ("name", "nul \x00"),
        ("name", 7),
        ("description", "x" * 10_001),
        ("version", 0),
        ("version", 1.0),
        ("updated_at", NOW.replace(tzinfo=None)),
    ],
)
def test_a_project_that_no_storage_could_keep_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidValueError) as caught:
        make_project(**{field: value})
    assert caught.value.field == field
