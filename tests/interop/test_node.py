"""A client that nobody here wrote: Node with @grpc/grpc-js, which knows of the server what reflection tells it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.server.running import process

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script and the libraries that its lock file names."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("NOT TESTED: that a Node client works; it needs node and npm on the PATH")
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", "session.js"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(f"NOT TESTED: that a Node client works; npm could not fetch its libraries: {done.stderr.strip()[-300:]}")
    return folder


@pytest.fixture(scope="module")
def said(libraries: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one session found."""
    with process(tmp_path_factory.mktemp("store")) as server:
        done = subprocess.run(
            ["node", "session.js", server.address], cwd=libraries, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_reflection_lists_the_services_and_their_methods(said: dict[str, Any]) -> None:
    ours = {f"idweave.v1.{name}" for name in ("IdentityService", "PrivacyService", "QualityService", "AdminService")}
    assert {*ours, "grpc.health.v1.Health"} <= set(said["services"])
    assert {"Ingest", "IngestBatch", "Lookup", "GetProfile", "Explain", "Assert", "Retract"} <= set(said["methods"])


def test_health_says_serving(said: dict[str, Any]) -> None:
    assert said["health"]["status"] == "SERVING"


def test_what_is_ingested_is_found(said: dict[str, Any]) -> None:
    first, again = said["ingested"]["reply"], said["again"]["reply"]
    assert (first["result"]["observation_id"], first["result"]["outcome"]) == ("node-1", "OUTCOME_ACCEPTED")
    assert (again["result"]["outcome"], again["result"]["profile_id"]) == ("OUTCOME_DUPLICATE", first["result"]["profile_id"])
    looked = said["looked"]["reply"]
    assert (looked["result"]["outcome"], looked["result"]["profile_id"]) == ("LOOKUP_OUTCOME_FOUND", first["result"]["profile_id"])
    assert [match["identifier"]["value"] for match in looked["result"]["matches"]] == ["jo@kranich-werft.de", "+493088234417"]
    assert [trait["trait"]["text"] for trait in looked["profile"]["traits"]] == ["Jo"]
    assert said["unknown"]["reply"]["result"]["outcome"] == "LOOKUP_OUTCOME_UNKNOWN"


def test_the_details_of_an_error_can_be_read(said: dict[str, Any]) -> None:
    bad = said["bad"]
    assert bad["code"] == "INVALID_ARGUMENT"
    details = {detail["type"]: detail for detail in bad["details"]}
    info = details["google.rpc.ErrorInfo"]
    assert (info["reason"], info["domain"]) == ("ERROR_REASON_INVALID_REQUEST", "idweave")
    assert info["metadata"]["request_id"] == bad["requestId"]
    assert [violation["field"] for violation in details["google.rpc.BadRequest"]["field_violations"]] == ["identifiers"]
    missing = said["missing"]
    assert (missing["code"], missing["details"][0]["reason"]) == ("NOT_FOUND", "ERROR_REASON_NOT_FOUND")
