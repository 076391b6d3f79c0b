"""`idweave demo`."""


def demo() -> None:
    """Resolve the bundled sample and tell its story."""
