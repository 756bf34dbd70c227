"""Human gates on a terminal: each question put with its smart default, the answer in the form the workflow wants."""

import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen
from rich.text import Text

from domain.model.approval import Approval
from domain.model.errors import InvalidValueError
from domain.model.json_value import checked_text, parse_json
from entrypoints.cli.output import Output, as_json, one_line, printable

_LEAST_EXCEPTION = 10
_YES = frozenset({"y", "yes", "true", "1"})
_NO = frozenset({"n", "no", "false", "0"})


class UnansweredError(Exception):
    """Raised when the person at the terminal leaves a question open: Ctrl-C, or the end of input."""


@frozen
class Answer:
    """What a person answered, with a remark on it."""

    value: Any
    comment: str | None = None


@frozen
class Asking:
    """Asks on the terminal: questions go to stderr, answers are read from stdin."""

    out: Output

    def ask(self, approval: Approval) -> Answer:
        """Put an approval's questions; raises UnansweredError when the person leaves."""
        prompt = approval.prompt if isinstance(approval.prompt, Mapping) else {"question": approval.prompt}
        self.out.say("")
        self.out.say(str(prompt.get("question") or f"{approval.gate} asks for an answer."), "bold")
        if prompt.get("fault"):
            self.out.say(f"The last answer could not be used: {prompt['fault']}", "red")
        if prompt.get("kind") == "questions":
            return Answer(self._answers(prompt.get("questions", [])))
        if prompt.get("kind") == "approval":
            return self._decision(prompt, approval)
        return self._any(prompt, approval)

    def _answers(self, questions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        answers = {}
        for number, question in enumerate(questions, start=1):
            value = self._answer(f"[{number}/{len(questions)}] ", question)
            if value is not None:
                answers[str(question["field"])] = value
        return answers

    def _answer(self, place: str, question: Mapping[str, Any]) -> Any:
        unit = f" ({question['unit']})" if question.get("unit") else ""
        self.out.say(f"{place}{question.get('text', question['field'])}{unit}")
        if question.get("why"):
            self.out.say(f"    {question['why']}", "dim")
        options = list(question.get("options") or [])
        for number, option in enumerate(options, start=1):
            self.out.say(f"    {number}. {_shown(option)}")
        kind = str(question.get("kind"))
        return self._until_usable(_READERS.get(kind, _text), options, question.get("default"))

    def _until_usable(self, read: Callable[[str, Sequence[Any]], Any], options: Sequence[Any], default: Any) -> Any:
        while True:
            typed = self.line("  answer", "leave open" if default is None else _shown(default))
            if not typed:
                return default
            try:
                return read(typed, options)
            except InvalidValueError as error:
                self.out.say(f"  {error}", "red")

    def _decision(self, prompt: Mapping[str, Any], approval: Approval) -> Answer:
        for name, value in dict(prompt.get("summary") or {}).items():
            self.out.say(f"  {name.replace('_', ' ')}: {_shown(value) if value else '-'}")
        blocked = dict(prompt.get("blocked_by") or {})
        for name, why in blocked.items():
            self.out.say(f"  blocked by {name}: {why}", "red")
        preset = str((approval.defaults or {}).get("decision", "approve"))
        choices = ("approve", "reject")
        decision = self._until_usable(lambda typed, options: _choice(typed, options), choices, preset)
        comment = self.line("  comment", "none") or None
        answer: dict[str, Any] = {"decision": decision}
        if comment:
            answer["comment"] = comment
        if decision == "approve" and blocked:
            answer["exceptions"] = {name: self._exception(name) for name in blocked}
        return Answer(answer, comment)

    def _exception(self, name: str) -> str:
        while True:
            reason = self.line(f"  why is {name} acceptable here", "")
            if len(reason) >= _LEAST_EXCEPTION:
                return reason
            self.out.say(f"  An exception needs a reason of at least {_LEAST_EXCEPTION} characters.", "red")

    def _any(self, prompt: Mapping[str, Any], approval: Approval) -> Answer:
        for name, value in prompt.items():
            if name not in ("question", "response_schema", "defaults", "rejection"):
                self.out.say(f"  {name}: {_shown(value)}")
        return Answer(self._until_usable(lambda typed, _: _json_or_text(typed), (), approval.defaults))

    def line(self, label: str, default: str) -> str:
        """Read one line; the empty answer means the default shown. Raises UnansweredError."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        shown = f" [{default}]" if default else ""
        self.out.messages.print(Text(f"{printable(label)}{printable(shown)}: "), end="", soft_wrap=True)
        self.out.messages.file.flush()
        try:
            typed = input().strip()
            return checked_text("The answer", typed)
        except (EOFError, KeyboardInterrupt):
            self.out.say("")
            raise UnansweredError from None
        except (InvalidValueError, UnicodeDecodeError):
            self.out.say("  That is not usable text; type it again.", "red")
            return self.line(label, default)


def _choice(typed: str, options: Sequence[Any]) -> Any:
    by_name = {str(option).lower(): option for option in options}
    wanted = typed.lower()
    if wanted in by_name:
        return by_name[wanted]
    if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(options):
        return options[int(typed) - 1]
    starting = [option for name, option in by_name.items() if name.startswith(wanted)]
    if len(starting) == 1:
        return starting[0]
    raise InvalidValueError("The answer", f"must be one of: {', '.join(by_name)}; or its number")


def _choices(typed: str, options: Sequence[Any]) -> list[Any]:
    return list(dict.fromkeys(_choice(part.strip(), options) for part in typed.split(",") if part.strip()))


def _number(typed: str, _: Sequence[Any]) -> int | float:
    try:
        value = float(typed.replace("_", ""))
    except ValueError:
        raise InvalidValueError("The answer", "must be a number, such as 200 or 0.5") from None
    if value != value or abs(value) == float("inf"):
        raise InvalidValueError("The answer", "must be a finite number")
    return int(value) if value.is_integer() else value


def _boolean(typed: str, _: Sequence[Any]) -> bool:
    wanted = typed.lower()
    if wanted not in _YES | _NO:
        raise InvalidValueError("The answer", "must be yes or no")
    return wanted in _YES


def _text(typed: str, _: Sequence[Any]) -> str:
    return typed


def _json_or_text(typed: str) -> Any:
    try:
        return parse_json("The answer", typed)
    except InvalidValueError:
        if typed[:1] in '{["':
            raise
        return typed


_READERS: Mapping[str, Callable[[str, Sequence[Any]], Any]] = {
    "choice": _choice,
    "multi_choice": _choices,
    "numeric": _number,
    "boolean": _boolean,
    "text": _text,
}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(one_line(item) for item in value)
    return one_line(value if isinstance(value, str) else as_json(value, indent=None))
