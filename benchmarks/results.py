"""Results of benchmarks: one JSON schema with versions and machine, files named by benchmark and commit, and their comparison."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

SCHEMA = 1
FOLDER = Path(__file__).parent / "results"
PACKAGES = ("idweave-server", "numba", "llvmlite", "numpy", "pyarrow", "orjson", "phonenumbers", "scipy", "networkx", "duckdb")
FIELDS: dict[str, type | tuple[type, ...]] = {
    "name": str, "value": (int, float), "unit": str, "better": str, "runs": int, "min": (int, float), "max": (int, float),
}  # fmt: skip
BETTER = ("lower", "higher", "neither")


def row(name: str, values: Sequence[float], unit: str, better: str = "lower") -> dict[str, Any]:
    """One figure of a benchmark: the median of its runs, with their extremes. better: lower, higher or neither."""
    return {
        "name": name,
        "value": statistics.median(values),
        "unit": unit,
        "better": better,
        "runs": len(values),
        "min": min(values),
        "max": max(values),
    }


def result(name: str, size: int, rows: list[dict[str, Any]], date: str | None = None) -> dict[str, Any]:
    """What is kept of one run of a benchmark. date: ISO 8601; now, where it is not given."""
    return {
        "schema": SCHEMA,
        "benchmark": name,
        "size": size,
        "commit": commit(),
        "date": date or datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        "rows": rows,
    }


def commit() -> str:
    """The checked-out commit, shortened, with `-changed` where the tree differs from it; `unknown` outside a checkout."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=FOLDER.parent, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "--short=10", "HEAD") + ("-changed" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def machine() -> dict[str, Any]:
    """Processor, cores that this process may use, memory in GiB, operating system."""
    info = Path("/proc/cpuinfo")
    model = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": model[1].strip() if model else platform.processor() or platform.machine(),
        "cores": cores,
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def faults(found: Any) -> list[str]:
    """What keeps this object from being a result of this schema; empty where nothing does."""
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        return [f"not a result of schema {SCHEMA}"]
    wrong = [f"{key} is missing" for key in ("benchmark", "size", "commit", "date", "machine", "versions", "rows") if key not in found]
    for line in found.get("rows", []):
        wrong += [
            f"row {line.get('name')!r}: {key} is {line.get(key)!r}" for key, kind in FIELDS.items() if not isinstance(line.get(key), kind)
        ]
        if line.get("better") not in BETTER:
            wrong.append(f"row {line.get('name')!r}: better is {line.get('better')!r}, not one of {', '.join(BETTER)}")
    return wrong


def write(found: dict[str, Any], folder: Path = FOLDER) -> Path:
    """Keep a result as <benchmark>-<commit>.json; an earlier one of that name is replaced. Raises ValueError for what is no result."""
    if wrong := faults(found):
        raise ValueError("; ".join(wrong))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{found['benchmark']}-{found['commit']}.json"
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path


def read(path: Path) -> dict[str, Any]:
    """A kept result. Raises ValueError for what is none."""
    found = json.loads(path.read_text("utf-8"))
    if wrong := faults(found):
        raise ValueError(f"{path}: {'; '.join(wrong)}")
    return dict(found)


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as lines of text: name, median, unit, extremes."""
    width = max((len(line["name"]) for line in rows), default=0)
    return "\n".join(
        f"{line['name']:{width}}  {number(line['value']):>12} {line['unit']:<10} "
        f"{number(line['min'])} to {number(line['max'])}, {line['runs']} runs"
        for line in rows
    )


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def comparison(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Lines of text: every figure that both have, with after/before and whether the runs' ranges lie apart."""
    lines = [f"A: {before['benchmark']} {before['commit']} {before['date']}   B: {after['benchmark']} {after['commit']} {after['date']}"]
    lines += [
        f"note: {key} differs, A {before[key]}, B {after[key]}"
        for key in ("benchmark", "size", "machine", "versions")
        if before[key] != after[key]
    ]
    old = {line["name"]: line for line in before["rows"]}
    new = {line["name"]: line for line in after["rows"]}
    width = max((len(name) for name in old), default=0)
    for name, a in old.items():
        if (b := new.get(name)) is None:
            continue
        ratio = f"{b['value'] / a['value']:.3f}" if a["value"] else "-"
        lines.append(f"{name:{width}}  {number(a['value']):>12} {number(b['value']):>12} {a['unit']:<10} B/A {ratio:>7}  {_verdict(a, b)}")
    lines += [
        f"{name}: in {side} alone"
        for names, side in ((old.keys() - new.keys(), "A"), (new.keys() - old.keys(), "B"))
        for name in sorted(names)
    ]
    return "\n".join(lines)


def _verdict(a: dict[str, Any], b: dict[str, Any]) -> str:
    if a["better"] == "neither":
        return ""
    if a["min"] <= b["max"] and b["min"] <= a["max"]:
        return "within the runs' spread"
    return "better" if (b["value"] < a["value"]) == (a["better"] == "lower") else "worse"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", type=Path, metavar="A.json")
    parser.add_argument("after", type=Path, metavar="B.json")


def main(arguments: argparse.Namespace) -> int:
    try:
        print(comparison(read(arguments.before), read(arguments.after)))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
