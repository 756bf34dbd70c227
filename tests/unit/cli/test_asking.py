"""Questions on a terminal: the default is shown, the answer has the form the workflow wants."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.model.approval import Approval
from entrypoints.cli.asking import Asking, UnansweredError
from entrypoints.cli.output import Output

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BLOCKED = {"kind": "approval", "question": "Blocked.", "summary": {"pattern": "p"}, "blocked_by": {"P01": "leaks"}}


def approval(prompt: Any, defaults: Any = None) -> Approval:
    return Approval(UUID(int=1), "i1", "gate", prompt, NOW, defaults=defaults)


def question(kind: str, default: Any, options: list[Any] | None = None) -> Approval:
    asked = {"field": "f", "text": "Which?", "kind": kind, "options": options, "default": default, "why": "it decides"}
    return approval({"kind": "questions", "question": "Some things.", "questions": [asked]})


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []

    def read(prompt: str = "") -> str:
        if not lines:
            raise EOFError
        return lines.pop(0)

    monkeypatch.setattr("builtins.input", read)
    return lines


@pytest.fixture(autouse=True)
def kept_signals() -> Iterator[None]:
    import signal

    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("kind", "options", "line", "value"),
    [
        ("choice", ["batch", "online"], "online", "online"),
        ("choice", ["batch", "online"], "2", "online"),
        ("choice", ["batch", "online"], "on", "online"),
        ("multi_choice", ["pii", "pan", "none"], "pii, 2, pii", ["pii", "pan"]),
        ("numeric", None, "2_000", 2000),
        ("numeric", None, "0.5", 0.5),
        ("boolean", None, "Y", True),
        ("boolean", None, "no", False),
        ("text", None, "as it is", "as it is"),
    ],
)
def test_an_answer_is_read_as_its_kind(
    kind: str, options: list[Any] | None, line: str, value: Any, typed: list[str]
) -> None:
    typed.append(line)
    assert Asking(Output()).ask(question(kind, None, options)).value == {"f": value}


@pytest.mark.parametrize(
    ("kind", "default", "shown"),
    [("choice", "batch", "[batch]"), ("boolean", False, "[no]"), ("multi_choice", ["a", "b"], "[a, b]")],
)
def test_an_empty_line_takes_the_default_that_was_shown(
    kind: str, default: Any, shown: str, typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    typed.append("")
    assert Asking(Output()).ask(question(kind, default, ["batch", "a", "b"])).value == {"f": default}
    assert shown in capsys.readouterr().err


def test_a_question_without_default_may_be_left_open(typed: list[str]) -> None:
    typed.append("")
    assert Asking(Output()).ask(question("numeric", None)).value == {}


@pytest.mark.parametrize(
    ("kind", "wrong", "right"), [("numeric", "nan", "3"), ("numeric", "many", "3"), ("choice", "c", "a")]
)
def test_an_unusable_answer_is_asked_again(
    kind: str, wrong: str, right: str, typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    typed += [wrong, right]
    Asking(Output()).ask(question(kind, None, ["a", "b"]))
    assert typed == []
    assert "must be" in capsys.readouterr().err


def test_a_plan_is_approved_by_two_empty_lines(typed: list[str]) -> None:
    typed += ["", ""]
    prompt = {"kind": "approval", "question": "Generate?", "summary": {"pattern": "p"}, "blocked_by": {}}
    assert Asking(Output()).ask(approval(prompt, {"decision": "approve"})).value == {"decision": "approve"}


def test_a_rejection_carries_its_reason(typed: list[str]) -> None:
    typed += ["reject", "too dear"]
    prompt = {"kind": "approval", "question": "Generate?", "summary": {}, "blocked_by": {}}
    answer = Asking(Output()).ask(approval(prompt, {"decision": "approve"}))
    assert answer.value == {"decision": "reject", "comment": "too dear"}
    assert answer.comment == "too dear"


def test_a_blocked_plan_is_rejected_by_default(typed: list[str]) -> None:
    typed += ["", ""]
    assert Asking(Output()).ask(approval(BLOCKED, {"decision": "reject"})).value == {"decision": "reject"}


def test_a_blocked_plan_is_approved_only_with_reasoned_exceptions(
    typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    typed += ["approve", "", "short", "the data is synthetic"]
    answer = Asking(Output()).ask(approval(BLOCKED, {"decision": "reject"}))
    assert answer.value == {"decision": "approve", "exceptions": {"P01": "the data is synthetic"}}
    assert "at least 10 characters" in capsys.readouterr().err


@pytest.mark.parametrize(("line", "value"), [('{"go": true}', {"go": True}), ("plain words", "plain words"), ("", 7)])
def test_any_other_question_takes_json_or_text(line: str, value: Any, typed: list[str]) -> None:
    typed.append(line)
    assert Asking(Output()).ask(approval("Go on?", 7)).value == value


def test_leaving_answers_nothing(typed: list[str]) -> None:
    with pytest.raises(UnansweredError):
        Asking(Output()).ask(question("text", "x"))


def test_a_question_cannot_drive_the_terminal(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    typed.append("")
    Asking(Output()).ask(question("text", "\x1b[2Jgone"))
    assert "\x1b" not in capsys.readouterr().err
