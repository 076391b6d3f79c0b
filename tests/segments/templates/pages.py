"""The parts of docs/segments that the code knows: parameters, expressions and calls of each template, and the list of all.

They stand between `<!-- made: NAME -->` and `<!-- end -->`. After a change that is meant,

    python -m tests.segments.templates.pages

writes them anew; tests/segments/templates/test_pages.py fails while they differ.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from idweave_server.segments.expression import Scalar
from idweave_server.segments.templates.parameter import Parameter, as_text
from idweave_server.segments.templates.registry import FAMILIES, TEMPLATES, instantiate
from idweave_server.segments.templates.template import Template

from tests.segments.templates.in_words import in_words

FOLDER = Path(__file__).parents[3] / "docs" / "segments"
MADE = re.compile(r"(?P<begin>^<!-- made: (?P<name>\w+) -->\n)(?P<body>.*?)(?P<end>^<!-- end -->$)", re.MULTILINE | re.DOTALL)


def filled_in(template: Template) -> dict[str, Scalar]:
    """What must be given, with its example."""
    return {one.name: one.example for one in template.parameters if one.default is None and one.example is not None}


def about(template: Template) -> str:
    given = filled_in(template)
    rows = "\n".join(row(one) for one in template.parameters)
    takes = f"| parameter | takes | default | meaning |\n|---|---|---|---|\n{rows}" if rows else "It takes no parameters."
    told = f", with {' and '.join(f'{name} = {as_text(value)}' for name, value in given.items())}" if given else ""
    return f"""\
{template.summary}

{takes}

The expression{told} and every default:

```text
{in_words(instantiate(template.name, given))}
```

{calls(template, given)}
"""


def calls(template: Template, given: dict[str, Scalar]) -> str:
    """The same on the command line and in Python."""
    options = "".join(f" --set {name}={as_text(value)}" for name, value in given.items())
    filled = "".join(f", {name}={json.dumps(value)}" for name, value in given.items())
    return f"""\
```
idweave segment put {template.name.replace("_", "-")} --template {template.name}{options}
```

```python
client.put_segment("{template.name.replace("_", "-")}", segments.template("{template.name}"{filled}))
```"""


def row(parameter: Parameter) -> str:
    default = "*must be given*" if parameter.default_text is None else f"`{parameter.default_text}`" if parameter.default_text else "none"
    return f"| `{parameter.name}` | {takes(parameter)} | {default} | {parameter.meaning} |"


def takes(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(f"`{one}`" for one in parameter.choices)
    if parameter.least is not None and parameter.most is not None:
        bounds = (str(one) if one < 10_000 else f"{one:,}" for one in (parameter.least, parameter.most))  # years have no commas
        return f"{parameter.type.value}, {' to '.join(bounds)}"
    return f"{parameter.type.value}, such as `{as_text(parameter.example)}`" if parameter.example is not None else parameter.type.value


def index() -> str:
    rows = [
        f"| [`{one.name}`]({one.family}.md#{one.name}) | {one.title} | {one.summary} |" for family in FAMILIES for one in family.TEMPLATES
    ]
    return "\n".join(["| template | title | who is in it |", "|---|---|---|", *rows]) + "\n"


def written(text: str) -> str:
    """The page with what the code knows of it."""

    def made(found: re.Match[str]) -> str:
        return found["begin"] + (index() if found["name"] == "index" else about(TEMPLATES[found["name"]])) + found["end"]

    return MADE.sub(made, text)


def main() -> None:
    for page in sorted(FOLDER.glob("*.md")):
        before = page.read_text("utf-8")
        after = written(before)
        if after != before:
            page.write_text(after, "utf-8")
            print(f"docs/segments/{page.name}: written")


if __name__ == "__main__":
    main()
