"""A template: what a ready-made definition is called, what may be set in it, and how it becomes an expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from idweave_server.segments.expression import Expression, Scalar
from idweave_server.segments.templates.parameter import Parameter, refusal
from idweave_server.suggestion import did_you_mean


@dataclass(frozen=True, slots=True)
class Template:
    """make: takes every parameter by its name, as `Parameter.read` gives it; it may refuse values that do not go together with
    `parameter.refusal`. family: the page of docs/segments that explains it."""

    name: str
    family: str
    title: str
    summary: str
    parameters: tuple[Parameter, ...]
    make: Callable[..., Expression]

    def expression(self, values: Mapping[str, Scalar], defaults: Mapping[str, Scalar]) -> Expression:
        """values: by parameter. defaults: what this store puts in place of what is not given, before the template's own. Raises
        RequestError for a parameter that is not one, is missing, or has a value that cannot be used."""
        known = [parameter.name for parameter in self.parameters]
        for name in values:
            if name not in known:
                raise refusal(name, f"{self.name} has no such parameter{did_you_mean(name, known)}; it has {', '.join(known) or 'none'}")
        return self.make(**{parameter.name: _chosen(parameter, values, defaults) for parameter in self.parameters})


def _chosen(parameter: Parameter, values: Mapping[str, Scalar], defaults: Mapping[str, Scalar]) -> Scalar:
    if parameter.name in values:
        return parameter.read(values[parameter.name])
    given = defaults.get(parameter.name) if parameter.name in OF_THE_STORE else None
    if given is None:
        given = parameter.default
    if given is None:
        raise parameter.refused(f"is needed: {parameter.meaning.rstrip('.')}, such as {parameter.example}")
    return parameter.read(given)


OF_THE_STORE = ("currency", "zone")  # parameters that a store may have its own default of
