"""Compare the graph that a running server keeps with the state that it shows: a helper process reads both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idweave_server.errors import RequestError
from idweave_server.operations.process import ask

if TYPE_CHECKING:
    from idweave_server.operations.projecting import Projection
    from idweave_server.operations.store import Store

TASK = "idweave_server.operations.verify_graph:task"  # by name: the server itself needs no driver for it


@dataclass(frozen=True, slots=True)
class KeptGraphReply:
    """differences: the first ones, in words; count: of all; sequence: the entry that the graph shows; nodes, relationships: compared."""

    differences: tuple[str, ...] = field(repr=False)  # personal data
    count: int
    sequence: int
    nodes: int
    relationships: int


async def verify_kept(store: Store, projection: Projection) -> KeptGraphReply:
    """Raises RequestError where the server keeps no graph, StoreError."""
    if not projection.graph:
        raise RequestError.of("graph", "this server keeps no graph: leave it out, or start the server with --graph")
    request = {
        "url": store.url,
        "key": str(store.key_file),
        "credentials": store.credentials,
        "graph": projection.graph,
        "graph_credentials": projection.credentials,
    }
    told = await ask(TASK, request)
    return KeptGraphReply(tuple(told["differences"]), told["count"], told["sequence"], told["nodes"], told["relationships"])
