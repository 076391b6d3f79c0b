"""The client's public surface: what it exports and needs, and that it has every call of the services, in both clients alike."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import idweave
import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message_factory import GetMessageClass
from idweave import AsyncClient, Client, failures, rpcs
from idweave.v1.error_pb2 import ErrorReason

from tests.client.fake_server import METHODS

NAMES = {"Assert": "assert_verdict"}  # `assert` is a word of Python, and linters take `assert_` for one of unittest
MORE = {
    "assert_different", "assert_personal", "assert_same", "assert_shared", "channel", "close", "ingest_many", "retract_source", "withdraw",
}  # fmt: skip


def public(client: type) -> dict[str, Any]:
    """Its own and those that it has from other classes of ours."""
    return {name: found for one in reversed(client.__mro__[:-1]) for name, found in vars(one).items() if not name.startswith("_")}


def python_name(method: str) -> str:
    return NAMES.get(method, re.sub(r"(?<!^)(?=[A-Z])", "_", method).lower())


def test_the_public_surface_is_sorted_and_there() -> None:
    assert idweave.__all__ == sorted(idweave.__all__)
    assert [name for name in idweave.__all__ if not hasattr(idweave, name)] == []
    assert (Path(idweave.__file__).parent / "py.typed").exists()


def messages_in(message: Descriptor) -> set[Descriptor]:
    """Those that its fields hold and callers meet: the entries of maps are none."""
    found = {field.message_type for field in message.fields if field.message_type}
    return {one for one in found if not one.GetOptions().map_entry}


def test_every_message_of_an_answer_is_exported() -> None:
    types = {method.output_type for method in METHODS}
    while more := set().union(*map(messages_in, types)) - types:
        types |= more
    ours = {one.name for one in types if one.file.package == "idweave.v1"}
    assert len(ours) > 40
    assert ours - set(idweave.__all__) == set()
    enums = {field.enum_type.name for one in types for field in one.fields if field.enum_type}
    assert enums - set(idweave.__all__) == set()


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_a_client_has_every_call_of_the_services(client: type) -> None:
    wanted = {python_name(method.name) for method in METHODS}
    assert len(wanted) == len(METHODS) == 32
    assert set(public(client)) == wanted | MORE


def test_both_clients_are_called_alike() -> None:
    ours, others = public(Client), public(AsyncClient)
    for name in ours:
        if name == "channel":
            continue
        mine, other = inspect.signature(ours[name]), inspect.signature(others[name])
        if name not in {"ingest_batch", "ingest_many"}:  # which take what has to be waited for too
            assert list(mine.parameters.values()) == list(other.parameters.values()), name
        assert list(mine.parameters) == list(other.parameters)
        assert mine.return_annotation == other.return_annotation.removeprefix("Async")  # Iterator and Watch
        assert ours[name].__doc__, name
    assert inspect.signature(Client) == inspect.signature(AsyncClient)


def test_every_call_has_a_timeout() -> None:
    without = {
        name for name, found in public(Client).items() if "timeout" not in inspect.signature(getattr(found, "fget", found)).parameters
    }
    assert without == {"channel", "close"}


def test_the_table_of_calls_is_that_of_the_services() -> None:
    expected = {
        (f"/{m.containing_service.full_name}/{m.name}", GetMessageClass(m.input_type), GetMessageClass(m.output_type), m.server_streaming)
        for m in METHODS
    }
    assert {(rpc.path, rpc.request, rpc.response, rpc.streamed) for rpc in rpcs.RPCS} == expected
    assert len(rpcs.RPCS) == len(METHODS)


def test_every_reason_has_its_error() -> None:
    assert set(failures.BY_REASON) == {name for name, number in ErrorReason.items() if number}
    assert len(set(failures.BY_REASON.values())) == len(failures.BY_REASON)


def test_every_error_is_exported_and_drawn_in_its_tree() -> None:
    found = [idweave.IdweaveClientError]
    for one in found:
        found += one.__subclasses__()
    assert {one.__name__ for one in found} <= set(idweave.__all__)
    drawn = re.findall(r"^([│ ├└─]*)(\w+Error)", idweave.errors.__doc__ or "", re.MULTILINE)
    assert [name for _, name in drawn[:1]] == ["IdweaveClientError"]
    parents: list[str] = []
    for indent, name in drawn:
        depth = len(indent) // 4
        parents[depth:] = [name]
        if depth:
            assert getattr(idweave, name).__bases__ == (getattr(idweave, parents[depth - 1]),)
    assert {name for _, name in drawn} == {one.__name__ for one in found}


# What grpcio needs itself, and the sources of two of the modules it is made of.
ALLOWED = {"google", "grpc", "idweave", "typing_extensions"}


def test_the_client_needs_grpc_and_protobuf_alone() -> None:
    code = f"""
import sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {sorted(ALLOWED)} and name.partition(".")[0] not in sys.stdlib_module_names:
            raise ImportError(name)
        if name.startswith("google.") and not "google.protobuf".startswith(name[:15]) or name.startswith("google.rpc"):
            raise ImportError(name)
sys.meta_path.insert(0, Refusing())
sys.path.insert(0, {str(Path(idweave.__file__).parents[1])!r})
import idweave
print(idweave.Client("localhost:1"))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("Client('localhost:1')\n", "")
