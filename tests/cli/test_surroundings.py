"""`idweave resolve` where things are not as they should be: encodings, names, full disks, Ctrl-C, pipes, readers that go away."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import FIELDS, MAPPING, ROWS, Results, idweave, in_csv, prepared, resolve, row, text_of

COMMAND = [sys.executable, "-c", "from idweave_server.cli.main import main; main()"]


@pytest.mark.parametrize(
    ("name", "encoding", "told"),
    [
        ("a.csv", "utf-8-sig", None),
        ("a.csv", "utf-16", None),
        ("a.csv", "gb18030", "gb18030"),
        ("a.csv", "big5", "big5"),
        ("a.tsv", "cp1252", "cp1252"),
    ],
)
def test_encodings(tmp_path: Path, name: str, encoding: str, told: str | None) -> None:
    first = "小明" if encoding != "cp1252" else "Zoë"
    text = in_csv([row(1, email="jo.smith@acme.org", first=first)]).replace(",", "\t" if name == "a.tsv" else ",")
    mapping = (f'[file]\nencoding = "{told}"\n' if told else "") + MAPPING
    results = resolve(tmp_path, {name: text.encode(encoding)}, mapping=mapping)
    assert results.rows("profiles")[0]["first_name"] == first


def test_names_and_paths_that_are_not_plain(tmp_path: Path) -> None:
    folder = tmp_path / "Zoë's files – 文件"
    name = os.fsdecode("café ".encode()) + os.fsdecode(b"caf\xe9.csv")
    files = {name: in_csv([row(1, email="zoë@acme.org", first="Zoë", source="büro 1"), row("ü,\"'", ts="no")])}
    results = resolve(folder, files)
    assert results.rows("issues")[0]["file"] == "café caf\ufffd.csv"
    assert results.outcomes == [("1", "ACCEPTED"), ("ü,\"'", "REJECTED")]


def test_the_output_may_be_the_input_s_folder_but_not_replace_an_input(tmp_path: Path) -> None:
    arguments = prepared(tmp_path)[:-1]
    assert idweave(*arguments, tmp_path, "-q").code == 0
    assert (tmp_path / "a.jsonl").read_text() == text_of(ROWS)
    observations = (tmp_path / "observations.csv").read_bytes()
    (tmp_path / "obs.toml").write_text(
        'observation = { time = { value = "2024-01-01" }, source.value = "x" }\nidentifiers.email = "observation_id"\n'
    )
    ran = idweave("resolve", tmp_path / "observations.csv", "-m", tmp_path / "obs.toml", "-o", tmp_path)
    assert ran.code == 1
    assert "is an input and would be replaced" in ran.err
    assert (tmp_path / "observations.csv").read_bytes() == observations


def test_an_output_that_is_a_file_or_cannot_be_made(tmp_path: Path) -> None:
    arguments = prepared(tmp_path)[:-1]
    for out in (tmp_path / "m.toml", tmp_path / "m.toml" / "below", "/proc/nowhere/out"):
        ran = idweave(*arguments, out)
        assert ran.code == 1
        assert str(out) in ran.err
        assert "choose another directory" in ran.err or "name a directory" in ran.err
    assert (tmp_path / "m.toml").read_text() == MAPPING


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_output_without_permission(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    ran = idweave(*prepared(tmp_path)[:-1], tmp_path / "locked" / "out")
    assert ran.code == 1
    assert "may write to" in ran.err


def run_process(arguments: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=120, **options)  # type: ignore[call-overload]


def test_a_full_disk_leaves_the_earlier_results(tmp_path: Path) -> None:
    arguments = prepared(tmp_path)
    idweave(*arguments, "-q")
    earlier = Results(tmp_path / "out").bytes()
    prepared(tmp_path, [row(n, email=f"person.{n}@acme.org") for n in range(2_000)])

    def short_of_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    ran = run_process(arguments, preexec_fn=short_of_room)
    assert ran.returncode == 1
    assert "there is no room for the results" in ran.stderr
    assert "Nothing was changed" in ran.stderr
    assert Results(tmp_path / "out").bytes() == earlier
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "m.toml", "out"]


def test_ctrl_c_ends_the_run_and_leaves_nothing(tmp_path: Path) -> None:
    arguments = prepared(tmp_path)
    arguments[1] = str(tmp_path / "pipe.jsonl")
    os.mkfifo(arguments[1])
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    with Path(arguments[1]).open("w") as pipe:  # waits until the run reads
        pipe.write(text_of(ROWS))
        pipe.flush()
        process.send_signal(signal.SIGINT)
    # The pipe is closed only now: a signal that comes just before a blocking read is heard when the read ends.
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "idweave: stopped\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "m.toml", "pipe.jsonl"]


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    arguments = prepared(tmp_path)
    os.mkfifo(tmp_path / "pipe.jsonl")
    process = subprocess.Popen([*COMMAND, *[str(tmp_path / "pipe.jsonl") if a.endswith("a.jsonl") else a for a in arguments], "-q"])
    with (tmp_path / "pipe.jsonl").open("w") as pipe:
        pipe.write(text_of(ROWS))
    assert process.wait(timeout=120) == 0
    assert Results(tmp_path / "out").people == {frozenset("124"), frozenset("3")}


def test_a_home_that_cannot_be_written_to(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    code = "from idweave_server.kernel_cache import use_kernel_cache; print(use_kernel_cache())"
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "HOME": "/proc/nowhere", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.startswith(str(tmp_path))
    assert list(tmp_path.iterdir()) == []  # it is gone with the process


def test_nothing_is_compiled_into_the_package(tmp_path: Path) -> None:
    """The command names the kernels' cache before it imports them."""
    code = (
        "import sys; from idweave_server.cli import main; assert not [m for m in sys.modules if 'kernels' in m]; "
        "main.application(); import numba; print(numba.config.CACHE_DIR)"
    )
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"} | {"XDG_CACHE_HOME": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.startswith(str(tmp_path / "idweave" / "kernels-"))


def test_a_summary_that_cannot_be_printed_is_no_traceback(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([*COMMAND, *prepared(tmp_path)], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith("idweave: the results are in ")
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "out" / "report.json").exists()


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    with subprocess.Popen([*COMMAND, *prepared(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode in (0, 1)
    assert (tmp_path / "out" / "report.json").exists()


def test_a_narrow_encoding_of_the_terminal_is_no_traceback(tmp_path: Path) -> None:
    ran = run_process(prepared(tmp_path), env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert ran.returncode == 0, ran.stderr
    assert "4 observations from 1 file" in ran.stdout


def test_very_wide_rows(tmp_path: Path) -> None:
    wide = [f"x{n}" for n in range(20_000)]
    text = in_csv([{**dict.fromkeys([*FIELDS, *wide], "1"), **row(1, email="jo.smith@acme.org")}], (*FIELDS, *wide))
    assert resolve(tmp_path, {"a.csv": text}).outcomes == [("1", "ACCEPTED")]
