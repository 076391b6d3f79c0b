"""Definitions that marketers ask for, ready-made: each a name, typed parameters, and the expression that they make."""
