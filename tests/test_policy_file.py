"""A policy's file as one text: the files that it names are in it, and it means the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from idweave_server.cli.resolve import read_policy
from idweave_server.cli.story import sample_folder
from idweave_server.errors import InputError, PolicyError
from idweave_server.policy_file import policy_text
from idweave_server.resolution.policy import Policy, load_policy


def plain(policy: Policy) -> Policy:
    """Without what tells where the values came from."""
    return replace(policy, fingerprint="", traits={name: replace(rule, allowed_file=None) for name, rule in policy.traits.items()})


def test_the_sample_s_policy_means_the_same() -> None:
    with sample_folder() as folder:
        assert plain(load_policy(policy_text(folder / "policy.toml"))) == plain(read_policy(folder / "policy.toml"))


def test_a_policy_that_names_no_file_stays_as_it_is(tmp_path: Path) -> None:
    text = "# a remark\nversion = 1\n[shared]\npartners = 4\n"
    (tmp_path / "p.toml").write_text(text, "utf-8")
    assert policy_text(tmp_path / "p.toml") == text


def test_every_kind_of_value_survives(tmp_path: Path) -> None:
    text = """\
version = 1
[sources]
"web shop" = { party = "first", kind = "say \\"hi\\" \\\\ \\u007f", trust = 0.9, region = "US" }
[namespaces]
card = { unique = true, order = 3 }
[traits]
town = { allowed_file = "towns.txt", allowed = ["Köln"] }
"""
    (tmp_path / "p.toml").write_text(text, "utf-8")
    (tmp_path / "towns.txt").write_text("# towns\nBonn\n\n 王市 😀\n", "utf-8")
    found = load_policy(policy_text(tmp_path / "p.toml"))
    assert plain(found) == plain(read_policy(tmp_path / "p.toml"))
    assert found.traits["town"].allowed == frozenset({"Köln", "Bonn", "王市 😀"})


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        policy_text(tmp_path / "none.toml")
    (tmp_path / "p.toml").write_text('[traits]\ntown = { allowed_file = "none.txt" }\n', "utf-8")
    with pytest.raises(InputError, match=r"none\.txt cannot be read"):
        policy_text(tmp_path / "p.toml")
    (tmp_path / "p.toml").write_text("[traits\n", "utf-8")
    with pytest.raises(PolicyError, match="is not TOML"):
        policy_text(tmp_path / "p.toml")
