"""Generate client/idweave/v1 from the protos beside this file; with --check, only say whether it is up to date."""

from __future__ import annotations

import argparse
import filecmp
import shutil
import sys
import tempfile
from importlib import metadata, resources
from pathlib import Path

PROTOS = Path(__file__).resolve().parent
GENERATED = PROTOS.parent / "client" / "idweave" / "v1"
GENERATOR = "1.75.1"  # of grpcio-tools: the oldest that is supported, so that older runtimes can load its code
PACKAGE = '"""Generated from protos/idweave/v1 by protos/generate.py; not edited by hand."""\n'


def generate(into: Path) -> None:
    """Write the package of all protos into the empty folder `into`. Raises SystemExit where protoc does not accept them."""
    from grpc_tools import protoc

    installed = metadata.version("grpcio-tools")
    if installed != GENERATOR:
        raise SystemExit(f"protos/generate.py needs grpcio-tools {GENERATOR}, not {installed}; run `make setup`")
    well_known = resources.files("grpc_tools") / "_proto"
    sources = sorted(path.relative_to(PROTOS).as_posix() for path in PROTOS.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as root:
        paths = [f"--proto_path={folder}" for folder in (PROTOS, well_known)]
        kinds = [f"--{kind}_out={root}" for kind in ("python", "pyi", "grpc_python")]
        if protoc.main(["protoc", *paths, *kinds, *sources]):
            raise SystemExit("protoc refused the protos; its messages are above")
        for path in sorted(Path(root, "idweave", "v1").iterdir()):
            if not path.name.endswith("_pb2_grpc.py") or has_services(path):  # protoc writes one for every proto
                shutil.copy(path, into)
    (into / "__init__.py").write_text(PACKAGE, "utf-8")


def has_services(code: Path) -> bool:
    """Whether a generated `_pb2_grpc.py` says anything: it has a stub for each service of its proto."""
    return "Stub(object)" in code.read_text("utf-8")


def differences(expected: Path, found: Path) -> list[str]:
    """Names of files that are missing, stale or left over in the folder `found`."""
    wanted, present = ({path.name for path in folder.glob("*") if path.is_file()} for folder in (expected, found))
    _, changed, unreadable = filecmp.cmpfiles(expected, found, sorted(wanted & present), shallow=False)
    return sorted({*changed, *unreadable, *(wanted ^ present)})


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where the generated code is not up to date")
    check = parser.parse_args(arguments).check
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        stale = differences(fresh, GENERATED)
        if check:
            if stale:
                print(f"client/idweave/v1 is not what the protos say ({', '.join(stale)}); run `make protos`", file=sys.stderr)
            return 1 if stale else 0
        GENERATED.mkdir(parents=True, exist_ok=True)
        for name in stale:
            if (fresh / name).exists():
                shutil.copy(fresh / name, GENERATED / name)
            else:
                (GENERATED / name).unlink()
        print(f"client/idweave/v1: {len(stale)} files changed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
