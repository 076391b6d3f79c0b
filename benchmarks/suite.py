"""The benchmarks themselves: modules `bench_*.py` of this package, found by name, run one after another.

A benchmark is a module with NAME, SIZES = {"small": n, "full": n} and run(size, repeats) -> rows, made by results.row.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any, Protocol, cast

from benchmarks import results


class Benchmark(Protocol):
    """What a module bench_*.py offers; its docstring's first line is what `list` prints."""

    NAME: str
    SIZES: dict[str, int]
    __doc__: str | None

    def run(self, size: int, repeats: int) -> list[dict[str, Any]]: ...


def benchmarks() -> dict[str, Benchmark]:
    """All benchmarks by name."""
    modules = [importlib.import_module(f"benchmarks.{path.stem}") for path in sorted(Path(__file__).parent.glob("bench_*.py"))]
    return {module.NAME: cast("Benchmark", module) for module in modules}


class Listing:
    """`python -m benchmarks list`."""

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        del parser

    @staticmethod
    def main(arguments: argparse.Namespace) -> int:
        del arguments
        for name, benchmark in benchmarks().items():
            sizes = ", ".join(f"{key} {size:,}" for key, size in benchmark.SIZES.items())
            print(f"{name:10} {(benchmark.__doc__ or '').strip().splitlines()[0]} ({sizes})")
        return 0


class Running:
    """`python -m benchmarks run`."""

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="all of them, where none is named")
        parser.add_argument("--size", default="full", help="small, full, or a number")
        parser.add_argument("--repeats", type=int, default=3, metavar="K")
        parser.add_argument("--date", help="kept with the results; now, where it is not given")
        parser.add_argument("--out", type=Path, default=results.FOLDER, metavar="DIR")

    @staticmethod
    def main(arguments: argparse.Namespace) -> int:
        known = benchmarks()
        if unknown := [name for name in arguments.names if name not in known]:
            print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
            return 2
        for name in arguments.names or known:
            benchmark = known[name]
            if not arguments.size.isdecimal() and arguments.size not in benchmark.SIZES:
                print(f"{name}: --size is {', '.join(benchmark.SIZES)} or a number, not {arguments.size}", file=sys.stderr)
                return 2
            size = int(arguments.size) if arguments.size.isdecimal() else benchmark.SIZES[arguments.size]
            print(f"{name}, size {size:,}, {arguments.repeats} repeats", flush=True)
            rows = benchmark.run(size, arguments.repeats)
            path = results.write(results.result(name, size, rows, arguments.date), arguments.out)
            print(results.table(rows), f"kept as {path}", sep="\n", flush=True)
        return 0
