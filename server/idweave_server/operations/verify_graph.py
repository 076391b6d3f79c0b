"""Compare the graph in Neo4j with the state that its checkpoint names, and tell every difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from idweave_server.errors import NotFoundError, StoreError
from idweave_server.log.base import Credentials
from idweave_server.log.locate import Folders
from idweave_server.operations.process import told_credentials
from idweave_server.operations.project import open_graph
from idweave_server.operations.store import Store
from idweave_server.projection.difference import Difference, differences
from idweave_server.projection.follower import Follower
from idweave_server.projection.graph import Checkpoint, Graph

TOLD = 100  # differences in words, over the wire
TRIES = 5  # a projector at work moves the graph on while it is read, and then the comparison begins again


@dataclass(frozen=True, slots=True)
class GraphReply:
    """sequence: the entry that the graph shows; nodes, relationships: compared; differences: all of them."""

    sequence: int
    nodes: int
    relationships: int
    differences: tuple[Difference, ...] = field(repr=False)

    @property
    def equal(self) -> bool:
        return not self.differences


def task(request: dict[str, Any]) -> dict[str, Any]:
    """In the helper process."""
    graph = open_graph(request["graph"], told_credentials(request["graph_credentials"]))
    try:
        credentials = told_credentials(request["credentials"])
        found = verify_graph(request["url"], graph, key_source=Path(request["key"]), credentials=credentials)
    finally:
        graph.close()
    said = [str(difference) for difference in found.differences[:TOLD]]
    counts = {"count": len(found.differences), "sequence": found.sequence, "nodes": found.nodes, "relationships": found.relationships}
    return {"differences": said, **counts}


def verify_graph(
    url: str,
    graph: Graph,
    *,
    key_source: Path | None = None,
    snapshots: Path | None = None,
    folders: Folders | None = None,
    credentials: Credentials | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> GraphReply:
    """url: of the store, opened with the rest. Raises StoreError; NotFoundError where nothing was projected."""
    for _ in range(TRIES):
        before = shown(graph)
        reading = {"key_source": key_source, "snapshots": snapshots, "folders": folders, "credentials": credentials}
        with Store.read(url, until=before.sequence, progress=progress, **reading) as store:  # type: ignore[arg-type]
            if store.store_id != before.store_id:
                raise StoreError(f"{graph.url} shows the graph of another store: name the database that holds this one's")
            if store.engine.sequence < before.sequence:
                raise StoreError(f"the graph shows entry {before.sequence}, and the log has {store.engine.sequence}: was it restored?")
            follower = Follower(store.engine, graph)
            found = tuple(differences(follower))
        after = shown(graph)
        if (after.term, after.part) == (before.term, before.part):
            nodes, ties = follower.counts()
            return GraphReply(before.sequence, nodes, ties, found)
    raise StoreError(f"{graph.url} was written to each time while it was read: verify again when less is taken in, or stop the projector")


def shown(graph: Graph) -> Checkpoint:
    """The state that the graph shows. Raises NotFoundError, StoreError."""
    found = graph.checkpoint()
    if found is None:
        raise NotFoundError(f"{graph.url} holds no graph yet: make it with idweave project")
    if not found.whole:
        raise StoreError(f"{graph.url}: the graph is being written, or its projector was interrupted: run idweave project, which mends it")
    return found
