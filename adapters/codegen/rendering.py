"""Renders templates so that each expression is written as a literal of the file's language."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Undefined

from adapters.codegen import quoting
from adapters.codegen.hcl_format import format_hcl

Literals = Callable[[Any], str]
_LANGUAGES: Mapping[str, Literals] = {
    "py": quoting.python,
    "tf": quoting.hcl,
    "tfvars": quoting.hcl,
    "yaml": quoting.yaml,
    "toml": quoting.toml,
    "md": quoting.markdown,
}


def language_of(path: str) -> Literals:
    """Return how values are written into a file; a file without a safe quoting takes plain names and numbers only.

    Workflows are YAML whose text is evaluated once more when they run, so they count as files without one.
    """
    if path.startswith(".github/"):
        return quoting.plain
    return _LANGUAGES.get(path.rsplit(".", 1)[-1], quoting.plain)


def render(template: str, path: str, values: Mapping[str, Any]) -> bytes:
    """Render a template as the file of that path, ending in exactly one newline.

    Raises:
        jinja2.UndefinedError: when the template names a value that is not there.
        UnquotableError: when it writes a value the file's language cannot hold.
    """
    text = _environment(language_of(path)).get_template(template).render(dict(values))
    if path.endswith((".tf", ".tfvars")):
        text = format_hcl(text)
    return (text.strip("\n") + "\n").encode()


@lru_cache
def _environment(literals: Literals) -> Environment:
    def write(value: Any) -> Any:
        return value if isinstance(value, Undefined) else literals(value)

    environment = Environment(
        loader=PackageLoader("adapters.codegen", "templates"),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<%=",
        variable_end_string="%>",
        comment_start_string="<%#",
        comment_end_string="#%>",
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=write,
        autoescape=False,
    )
    environment.filters["token"] = quoting.token
    environment.filters["text"] = str
    environment.filters["token_list"] = lambda items: quoting.Verbatim(", ".join(quoting.token(item) for item in items))
    environment.filters["identifier"] = lambda text: quoting.token(text.replace("-", "_").replace(".", "_"))
    environment.filters["cron"] = quoting.cron
    environment.filters["aws_cron"] = quoting.aws_cron
    environment.filters["label"] = quoting.mermaid_label
    environment.filters["usd"] = lambda amount: quoting.Verbatim(f"${float(amount):,.2f}")
    environment.filters["usd_fine"] = lambda amount: quoting.Verbatim(f"${float(amount):.4f}")
    environment.filters["list_of_text"] = lambda items: [str(item) for item in items]
    return environment
