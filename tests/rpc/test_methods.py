"""Every method of the descriptors is served, and its bounds are those that its proto states."""

from __future__ import annotations

import re
from pathlib import Path

from idweave_server.rpc.methods import BOUNDS, MIB, SERVICES, methods_of
from idweave_server.rpc.server import LONGEST_MESSAGE

PROTOS = Path(__file__).parents[2] / "protos" / "idweave" / "v1"


def test_every_service_of_the_protos_is_served() -> None:
    declared = {name for path in PROTOS.glob("*.proto") for name in re.findall(r"^service (\w+)", path.read_text("utf-8"), re.MULTILINE)}
    assert {service.name for service in SERVICES} == declared


def test_every_method_is_bounded() -> None:
    assert all(method.bounds.bytes <= LONGEST_MESSAGE for service in SERVICES for method in methods_of(service))


def test_bounds_are_of_methods_that_there_are() -> None:
    assert set(BOUNDS) <= {method.name for service in SERVICES for method in service.methods}


def test_bounds_are_those_of_the_comments() -> None:
    stated = {}
    for service in SERVICES:
        text = (PROTOS / Path(service.file.name).name).read_text("utf-8")
        for method in service.methods:
            body = re.search(rf"^message {method.input_type.name} {{\n(.*?)^}}", text, re.MULTILINE | re.DOTALL)
            found = re.search(r"// .*?\b1 to ([\d,]*\d)(?:, at most (\d+) MiB in all)?.*\n  repeated \w+ (\w+) =", body[1] if body else "")
            if found and method.name != "Lookup":  # how many identifiers a query has is the operation's affair, alone and in a batch
                stated[method.name] = (found[3], int(found[1].replace(",", "")), int(found[2] or 16) * MIB)
    assert stated == {name: (*bounds.items, bounds.bytes) for name, bounds in BOUNDS.items() if bounds.items}
