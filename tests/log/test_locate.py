"""Which file a store's URL names."""

from __future__ import annotations

from pathlib import Path

import pytest
from idweave_server.errors import InputError, StoreError
from idweave_server.log.locate import open_log, store_path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///idweave.db", "idweave.db"),
        ("sqlite:///./idweave.db", "./idweave.db"),
        ("sqlite:///a/b.db", "a/b.db"),
        ("sqlite:////var/lib/idweave.db", "/var/lib/idweave.db"),
        ("sqlite:////x/a%20b%23c%3Fd.db", "/x/a b#c?d.db"),
    ],
)
def test_the_file(url: str, path: str) -> None:
    assert store_path(url) == Path(path)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("idweave.db", "no scheme"),
        ("", "no scheme"),
        ("neo4j://localhost:7687", "no file of its own"),
        ("mysql://localhost", "'mysql' is not known to this release"),
        ("sqlite://idweave.db", "a host, 'idweave.db'.*three slashes or four"),
        ("sqlite:///a.db?mode=memory", "%3F"),
        ("sqlite:///a.db#x", "%23"),
        ("sqlite:///", "no file"),
        ("sqlite://[/a", "cannot be read"),
        ("sqlite:///folder/", "no file"),
        ("sqlite:///:memory:", "no file"),
        ("sqlite:///a%00b", "no file"),
        ("neo4j://user:hunter2@host", "no file of its own"),
        ("sqlite://user:hunter2@host/a", "a host, 'host'"),
    ],
)
def test_a_url_that_names_no_store(url: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        store_path(url)
    assert "hunter2" not in str(caught.value)


def test_opening(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a%20b.db"
    with pytest.raises(StoreError, match="not there"):
        open_log(url)
    log = open_log(url, create=True)
    reader = open_log(url, read_only=True)
    assert reader.store_id() == log.store_id()
    reader.close()
    log.close()
    assert (tmp_path / "a b.db").exists()
