"""Arrays in, arrays out: the loops that every rule stands on, compiled by numba. They know nodes and edges, not people."""
