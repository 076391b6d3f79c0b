"""`python -m benchmarks`: list and run the benchmarks, compare their results, make worlds and score what became of them."""

from __future__ import annotations

import argparse

from benchmarks import results, score, suite, world


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module, text in (
        ("list", suite.Listing, "name every benchmark"),
        ("run", suite.Running, "run benchmarks and keep their results as JSON"),
        ("compare", results, "set two results side by side"),
        ("world", world, "write a world of made-up people as files"),
        ("score", score, "compare the profiles of `idweave resolve` with a world's truth"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        module.add_arguments(command)
        command.set_defaults(main=module.main)
    arguments = parser.parse_args()
    return int(arguments.main(arguments))


if __name__ == "__main__":
    raise SystemExit(main())
