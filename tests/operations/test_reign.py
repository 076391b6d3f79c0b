"""Several servers on one log: one writes, the others follow, and nothing is written twice, lost, or told by two at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from idweave_server.errors import DeposedError, IdweaveError, NotWriterError, RevisionError, UnavailableError
from idweave_server.model import Outcome
from idweave_server.operations.applying import StateAstrayError
from idweave_server.operations.consistency import Consistency, Freshness
from idweave_server.operations.dump import differences, dump
from idweave_server.operations.erase import EraseRequest
from idweave_server.operations.ingest import IngestReply, IngestRequest
from idweave_server.operations.lookup import Query
from idweave_server.operations.reign import Role
from idweave_server.operations.revision import encode_revision
from idweave_server.operations.steps import Steps

from tests.operations.leased import LEASE, Circle, Member, until
from tests.operations.world import ingest, report

WRITER, STANDBY = Role.WRITER, Role.STANDBY
FULLY = Consistency(Freshness.FULLY_CONSISTENT)


@pytest.fixture
def circle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Circle:
    return Circle(tmp_path, monkeypatch)


async def send(member: Member, *numbers: int) -> IngestReply:
    request: IngestRequest = ingest(*(report(number) for number in numbers))
    return await member.writer.submit(request)


async def see(member: Member, number: int, reply: IngestReply | str) -> str:
    """The profile of a person in a state that contains what was written."""
    revision = reply if isinstance(reply, str) else reply.revision
    await member.reader.fresh(Consistency(Freshness.AT_LEAST_AS_FRESH, revision))
    return member.reader.look_up(Query([("email", "", f"person{number}@gmail.com")])).profile_id


def same(left: Member, right: Member) -> bool:
    mine, other = dump(left.store.engine).ordered(), dump(right.store.engine).ordered()
    return left.store.engine.sequence == right.store.engine.sequence and differences(mine, other, left.store.key, 10) == ([], 0)


async def taken_over(circle: Circle, dead: Member, heir: Member) -> None:
    """One server hears nothing of the database for longer than its lease."""
    dead.log.away = True
    circle.database.pass_by(LEASE + 0.1)
    await heir.becomes(WRITER)


def test_one_writes_and_the_other_follows(circle: Circle) -> None:
    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        assert (a.role, b.role) == (WRITER, STANDBY)
        assert b.reign.standing().leader == a.reign.standing().leader == "a:1"
        for number in range(5):
            reply = await send(a, number)
            assert await see(b, number, reply) == reply.results[0].profile_id
        assert same(a, b)
        assert a.journal.events == ["writing"]
        assert b.journal.events == ["standing_by"]
        assert (a.duty, b.duty) == (["begun"], [])

    circle.run(test)


def test_a_standby_names_the_one_to_ask(circle: Circle) -> None:
    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        with pytest.raises(NotWriterError, match="a:1") as refused:
            await send(b, 1)
        assert refused.value.leader == "a:1"
        with pytest.raises(NotWriterError, match="a:1"):
            await b.reader.fresh(FULLY)
        await a.reader.fresh(FULLY)
        await b.reader.fresh(Consistency())

    circle.run(test)


def test_a_revision_that_nobody_gave_out_fails_on_either(circle: Circle) -> None:
    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        await send(a, 1)
        beyond = encode_revision(a.store.store_id, a.store.term, 77)
        forked = encode_revision(a.store.store_id, 5, a.store.engine.sequence)
        for member in (a, b):
            for token in (beyond, forked):
                with pytest.raises(RevisionError, match="never had"):
                    async with asyncio.timeout(10):
                        await member.reader.fresh(Consistency(Freshness.AT_LEAST_AS_FRESH, token))

    circle.run(test)


def test_the_standby_takes_over_when_the_lease_has_run_out(circle: Circle) -> None:
    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        first = await send(a, 1)
        await taken_over(circle, a, b)
        assert a.role is WRITER  # it sleeps, and does not know
        second = await send(b, 2)
        assert b.store.term != a.store.term
        assert b.store.engine.sequence == 3
        assert await see(b, 1, first) == first.results[0].profile_id
        assert await see(b, 2, second)
        assert b.duty == ["begun"]
        a.log.away = False
        await a.becomes(STANDBY)
        assert a.reign.standing().leader == "b:1"
        assert await see(a, 2, second) == second.results[0].profile_id
        assert same(a, b)
        assert a.duty == ["begun", "ended"]
        assert "deposed" in a.journal.events

    circle.run(test)


def test_a_woken_writer_commits_nothing_and_answers_nothing_as_if_it_knew(circle: Circle) -> None:
    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        await send(a, 1)
        await taken_over(circle, a, b)
        await send(b, 2)
        a.log.away = False  # and before its lease is looked after again, it is asked
        circle.leap += LEASE
        refusals = await asyncio.gather(send(a, 3), a.reader.fresh(FULLY), return_exceptions=True)
        assert [type(refusal) for refusal in refusals] in (
            [NotWriterError, NotWriterError],
            [UnavailableError, NotWriterError],  # that it was away was the last that its writer had heard
        )
        await a.becomes(STANDBY)
        assert len(circle.database.entries) == 3
        await until(lambda: same(a, b))

    circle.run(test)


def test_a_fully_consistent_read_is_not_answered_by_one_that_cannot_know(circle: Circle) -> None:
    async def test() -> None:
        a = await circle.join("a")
        await send(a, 1)
        a.log.away = True
        circle.leap += LEASE
        with pytest.raises(UnavailableError):
            await a.reader.fresh(FULLY)
        await a.reader.fresh(Consistency())  # lookups go on

    circle.run(test)


@pytest.mark.parametrize("durable", [True, False])
def test_an_append_of_unknown_outcome_across_a_take_over(circle: Circle, durable: bool) -> None:
    """Whether it was done or not, the old writer's state is that of the log in the end, and the caller heard no lie."""

    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        await send(a, 1)

        def lose() -> None:
            if not durable:
                circle.database.entries.pop()
            a.log.away = True
            raise UnavailableError("the connection broke", 0.05)

        a.log.lost = lose
        with pytest.raises(UnavailableError):
            await send(a, 2)
        assert a.store.engine.sequence == 2
        a.log.lost = lambda: None
        await taken_over(circle, a, b)
        again = await send(b, 2)
        assert again.results[0].outcome is (Outcome.DUPLICATE if durable else Outcome.ACCEPTED)
        await send(b, 3)
        a.log.away = False
        await a.becomes(STANDBY)
        await until(lambda: same(a, b))
        assert a.fatal == []

    circle.run(test)


def test_a_database_that_is_away_stops_writes_alone_and_for_as_long(circle: Circle) -> None:
    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        reply = await send(a, 1)
        assert await see(b, 1, reply)
        a.log.away = b.log.away = True
        for _ in range(3):
            with pytest.raises(UnavailableError) as refused:
                await send(a, 2)
            assert refused.value.retry_seconds > 0
        await until(lambda: not b.reign.standing().reachable)
        for member in (a, b):
            assert await see(member, 1, reply) == reply.results[0].profile_id
        assert (a.role, b.role) == (WRITER, STANDBY)
        a.log.away = b.log.away = False
        await until(lambda: a.reign.standing().reachable and b.reign.standing().reachable)
        reply = await send(a, 2)
        assert await see(b, 2, reply)
        assert a.journal.events == ["writing", "store_away", "store_back"]
        assert b.journal.events == ["standing_by", "store_away", "store_back"]

    circle.run(test)


def test_what_waits_when_the_database_goes_is_refused_and_not_left_hanging(circle: Circle) -> None:
    async def test() -> None:
        a = await circle.join("a")
        a.log.away = True
        answers = await asyncio.gather(*(send(a, number) for number in range(20)), return_exceptions=True)
        assert {type(answer) for answer in answers} == {UnavailableError}
        a.log.away = False
        await until(lambda: a.reign.standing().reachable)
        assert [reply.results[0].outcome for reply in [await send(a, number) for number in range(20)]] == [Outcome.ACCEPTED] * 20

    circle.run(test)


def test_a_log_that_was_restored_under_a_server_is_noticed(circle: Circle) -> None:
    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        reply = await send(a, 1)
        assert await see(b, 1, reply)
        backup = list(circle.database.entries)
        reply = await send(a, 2)
        assert await see(b, 2, reply)
        circle.database.entries[:] = backup
        await until(lambda: b.fatal)
        assert isinstance(b.fatal[0], StateAstrayError)

    circle.run(test)


def test_a_standby_obeys_an_erasure_and_forgets_its_own_snapshots(circle: Circle, tmp_path: Path) -> None:
    async def test() -> None:
        a, b = await circle.join("a", snapshots=tmp_path / "a"), await circle.join("b", snapshots=tmp_path / "b")
        reply = await send(a, 1, 2)
        assert await see(b, 1, reply)
        kept = tmp_path / "b" / "snapshot-000000000002"
        kept.mkdir(parents=True)
        erased = await a.writer.submit(EraseRequest((("email", "", "person1@gmail.com"),)))
        assert (erased.observations, erased.rewritten_entries) == (1, 1)
        assert await see(b, 1, erased.revision) == ""
        await until(lambda: not kept.exists() and not b.store.unforgotten, "its snapshots to be gone")
        assert same(a, b)
        assert circle.database.rewritten == 1  # by the writer, and by nobody else

    circle.run(test)


def test_an_erasure_that_its_writer_did_not_finish_is_finished_by_the_next(circle: Circle) -> None:
    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        reply = await send(a, 1, 2)
        assert await see(b, 1, reply)

        def die() -> None:
            a.log.away = True

        a.log.lost = die
        with pytest.raises(IdweaveError, match="is forgotten"):
            await a.writer.submit(EraseRequest((("email", "", "person1@gmail.com"),)))
        assert circle.database.rewritten == 0
        await taken_over(circle, a, b)
        assert circle.database.rewritten == 1
        assert b.store.unforgotten == set()
        assert len(circle.database.entries[1].body) > 0

    circle.run(test)


def test_a_server_that_ends_politely_is_followed_at_once(circle: Circle) -> None:
    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        await a.reign.stop()
        a.store.close()
        await b.becomes(WRITER)  # no time has passed for the database
        assert a.duty == ["begun", "ended"]

    circle.run(test)


def test_a_hundred_take_overs_issue_no_revision_twice(circle: Circle) -> None:
    async def test() -> None:
        members = [await circle.join("a"), await circle.join("b")]
        revisions: list[str] = []
        for number in range(100):
            writer, heir = members[number % 2], members[(number + 1) % 2]
            revisions.append((await send(writer, number)).revision)
            await taken_over(circle, writer, heir)
            writer.log.away = False
            await writer.becomes(STANDBY)
        assert len(set(revisions)) == 100
        terms = [entry.term for entry in circle.database.entries]
        assert len(set(terms)) == 101  # the first entry is the store's policy, written with a term of its own
        await until(lambda: same(*members))
        for number, revision in enumerate(revisions):
            for member in members:
                assert await see(member, number, revision)

    circle.run(test)


@dataclass
class Look:
    """A change that changes nothing: what is read before a job and after it."""

    read: Callable[[], int]
    weight: int = 1

    def steps(self, _: object) -> Steps[tuple[int, int]]:
        before = self.read()
        yield lambda: None
        return before, self.read()


def test_reads_between_two_entries_have_their_turn_on_a_standby(circle: Circle) -> None:
    async def look(member: Member) -> None:
        for _ in range(10):
            before, after = await member.reign.between(Look(lambda: member.store.engine.sequence))
            assert before == after

    async def test() -> None:
        a, b = await circle.join("a"), await circle.join("b")
        writes = asyncio.ensure_future(asyncio.gather(*(send(a, number) for number in range(30))))
        await asyncio.gather(look(a), look(b))
        await writes

    circle.run(test)


def test_a_lock_without_a_lease_writes_from_the_start(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.operations.leased.LeasedLog.lease_seconds", None)

    async def test() -> None:
        a = await circle.join("a")
        assert (a.role, a.reign.standing().lease_seconds, a.journal.events) == (WRITER, None, [])
        await send(a, 1)
        circle.database.pass_by(1_000)
        await a.reader.fresh(FULLY)
        circle.database.place = None
        with pytest.raises(DeposedError):
            await send(a, 2)
        assert a.role is WRITER

    circle.run(test)
