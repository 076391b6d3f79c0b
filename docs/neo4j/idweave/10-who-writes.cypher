// Who writes, and how far the graph is
MATCH (writer:Writer {name: 'log'})
OPTIONAL MATCH (graph:Projection {name: 'graph'})
RETURN writer, graph, writer.holder AS holder, writer.address AS address, writer.expires AS until,
  writer.seq AS entries, graph.seq AS shown
