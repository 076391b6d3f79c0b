"""idweave: an identity graph you run yourself."""

__version__ = "0.1.0"
