"""The compose files and the Dockerfile, without Docker: valid, closed to other machines, without a default password, and buildable."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from idweave_server.cli.main import application
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML
from typer.main import get_command

from local_neo4j import jars, lock
from local_neo4j.errors import LocalNeo4jError
from local_neo4j.java import find_java
from tests.neo4j_database import cannot

ROOT = Path(__file__).parents[1]
FILES = sorted(path.name for path in ROOT.glob("docker-compose*.yml"))
STEPS = re.findall(r"^([A-Z]+) (.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)


def composed(name: str) -> dict[str, dict[str, Any]]:
    """The services of a file, with what they extend (one level: what is said again replaces it)."""
    services: dict[str, dict[str, Any]] = YAML(typ="safe").load(ROOT / name)["services"]
    for service, said in services.items():
        if origin := said.pop("extends", None):
            services[service] = {**composed(origin["file"])[origin["service"]], **said}
    return services


SERVICES = [(name, service) for name in FILES for service in composed(name)]


def test_both_ways_are_there() -> None:
    assert FILES == ["docker-compose.sqlite.yml", "docker-compose.yml"]
    assert SERVICES == [("docker-compose.sqlite.yml", "idweave"), ("docker-compose.yml", "neo4j"), ("docker-compose.yml", "idweave")]


@pytest.mark.parametrize("name", FILES)
def test_a_file_keeps_the_compose_specification(name: str) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*check, ROOT / name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_specification_refuses_a_planted_fault(tmp_path: Path) -> None:
    planted = tmp_path / "docker-compose.yml"
    planted.write_text((ROOT / "docker-compose.yml").read_text("utf-8").replace("healthcheck:", "health_check:"), "utf-8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    assert subprocess.run([*check, planted], capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize(("name", "service"), SERVICES)
def test_a_service_is_bounded_watched_and_reached_from_this_machine_alone(name: str, service: str) -> None:
    said = composed(name)[service]
    assert said["ports"]
    assert all(port.startswith("127.0.0.1:") for port in said["ports"])
    assert set(said["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert said["healthcheck"]["test"]
    assert said["restart"] == "unless-stopped"
    kept = YAML(typ="safe").load(ROOT / name)["volumes"]
    assert {volume.partition(":")[0] for volume in said["volumes"]} <= set(kept)


@pytest.mark.parametrize("name", FILES)
def test_a_password_comes_from_outside_or_not_at_all(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    lines = [line for line in text.splitlines() if re.search(r"auth|password", line, re.IGNORECASE) and not line.lstrip().startswith("#")]
    assert all(re.search(r"\$\{IDWEAVE_NEO4J_PASSWORD:\?[^}]+\}", line) for line in lines)
    assert len(lines) == (2 if name == "docker-compose.yml" else 0)


@pytest.mark.parametrize(("name", "service"), SERVICES)
def test_a_command_is_one_that_idweave_knows(name: str, service: str) -> None:
    said = composed(name)[service]
    if "command" not in said:
        assert service == "neo4j"
        return
    verb, *arguments = shlex.split(said["command"])
    group = get_command(application())
    command = group.commands[verb]  # type: ignore[attr-defined]
    command.make_parser(command.context_class(command)).parse_args(arguments)


def test_the_server_waits_for_a_database_that_answers() -> None:
    services = composed("docker-compose.yml")
    assert services["idweave"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert "--store neo4j://neo4j@neo4j:7687" in services["idweave"]["command"]


def test_the_image_is_of_the_line_that_the_tests_run_against() -> None:
    tested = next(one.version for one in lock.read() if one.name == "neo4j")
    assert composed("docker-compose.yml")["neo4j"]["image"] == f"neo4j:{tested.rpartition('.')[0]}-community"


def test_neo4j_knows_every_setting_of_the_compose_file(tmp_path: Path) -> None:
    """As the image does: an underscore is a dot, two are one, and the server refuses what it does not know."""
    said = composed("docker-compose.yml")["neo4j"]["environment"]
    settings = {
        key.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_"): re.sub(r"\$\{\w+:-(.*)\}", r"\1", str(value))
        for key, value in said.items()
        if key != "NEO4J_AUTH"
    }
    assert settings["server.memory.heap.max_size"] == "1g"
    assert _complaint(settings, tmp_path) == ""
    assert "Unrecognized setting" in _complaint({**settings, "server.memory.heap.most": "1g"}, tmp_path)


def _complaint(settings: dict[str, str], home: Path) -> str:
    try:
        java, files = find_java(), jars.jars(lock.read(), jars.maven_folder())
    except LocalNeo4jError as error:
        cannot(str(error))
    (home / "conf").mkdir(exist_ok=True)
    lines = "".join(f"{name}={value}\n" for name, value in {"server.config.strict_validation.enabled": "true", **settings}.items())
    (home / "conf" / "neo4j.conf").write_text(lines, "utf-8")
    done = subprocess.run(
        [
            java,
            "-XX:TieredStopAtLevel=1",
            "-cp",
            ":".join(map(str, files)),
            "org.neo4j.server.startup.Neo4jAdminCommand",
            "server",
            "validate-config",
        ],
        env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_dockerfile_copies_what_is_there_and_not_ignored() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    copied = [name for step, text in STEPS if step == "COPY" for name in text.split()[:-1]]
    assert rules[0] == "*"
    assert set(copied) == {rule[1:] for rule in rules if rule.startswith("!")}
    assert all((ROOT / name).exists() for name in copied)
    assert any(fnmatch.fnmatch("server/idweave_server/__pycache__", rule) for rule in rules[1:])


@pytest.mark.slow
def test_the_image_s_steps_give_a_program_that_runs(tmp_path: Path) -> None:
    """COPY and RUN pip, as the Dockerfile has them, in a clean virtual environment in place of the base image."""
    source, environment = tmp_path / "src", tmp_path / "venv"
    source.mkdir()
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    installs = 0
    for step, text in STEPS:
        *names, target = text.split()
        if step == "COPY":
            for name in names:
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, source / target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / name, source / target)
        elif step == "RUN" and text.startswith("pip "):
            words = [word for word in shlex.split(text)[1:] if word != "--no-cache-dir"]  # the image wants none; a test may have one
            done = subprocess.run([environment / "bin" / "pip", *words], cwd=source, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            installs += 1
    assert installs == 1
    shutil.rmtree(source)  # the image's program does not need its sources either
    program = environment / "bin" / "idweave"
    for arguments in (["--version"], ["serve", "--help"], ["status", "--help"]):
        done = subprocess.run([program, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    freeze = subprocess.run([environment / "bin" / "pip", "freeze"], capture_output=True, text=True, check=True).stdout
    installed, pins = versions(freeze), versions((ROOT / "constraints.txt").read_text("utf-8"))
    assert {name: version for name, version in installed.items() if version != pins.get(name)} == {}


def versions(text: str) -> dict[str, str]:
    """Lines of name==version; the names as registries compare them."""
    lines = (line.partition("==") for line in text.splitlines() if "==" in line)
    return {canonicalize_name(name): version for name, _, version in lines}
