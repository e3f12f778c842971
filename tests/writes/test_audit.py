"""The audit log: one whole line per write that may have reached the API, or no write at all."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest
from pydantic import JsonValue

from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import AuditUnavailable, FaktooraError
from faktoora_mcp.writes import create, delete, imports, update
from faktoora_mcp.writes.audit import NOT_RECORDED, AuditLog
from faktoora_mcp.writes.update import Revision
from tests.agents import ERAS, agent
from tests.processes import DEADLINE_S, environment
from tests.scripted import KEY, RECORD, Reply, Script, page, reply
from tests.writes.scripts import (
    AFTER,
    CITY,
    DELETE,
    GET,
    ID,
    IMPORT,
    LIST,
    PATCH,
    POST,
    Routes,
    briefly,
    changes,
    new,
    over,
    record_with,
)

pytestmark = pytest.mark.anyio
ENTRY: dict[str, object] = {"tool": "update_customer", "changed": {}}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def lines(log: Path) -> list[dict[str, JsonValue]]:
    text = text_of(log)
    assert text.endswith("\n") or not text
    return [cast("dict[str, JsonValue]", json.loads(line)) for line in text.splitlines()]


def text_of(log: Path) -> str:
    return log.read_text("utf-8") if log.exists() else ""


def without_time(line: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in line.items() if name != "time"}


def changing(*answers: Reply) -> Script:
    return Script(reply(RECORD), *answers)


class TestLine:
    async def test_it_says_when_whose_what_and_with_how_many_requests(self, log: Path) -> None:
        script = changing(httpx.ReadError("reset"), reply(AFTER))
        async with over(script=script, audit_log=log, account="Kanzlei Nord") as writer:
            await update.update_customer(writer, ID, CITY)
        (line,) = lines(log)
        assert list(line) == ["time", "account", "tool", "id", "outcome", "changed", "requests"]
        assert without_time(line) == {
            "account": "Kanzlei Nord",
            "tool": "update_customer",
            "id": ID,
            "outcome": "updated",
            "changed": {"city": ["Berlin", "Hamburg"]},
            "requests": 3,
        }
        assert datetime.now(UTC) - datetime.fromisoformat(str(line["time"])) < timedelta(minutes=1)

    async def test_it_holds_lists_and_extras_before_and_after(self, log: Path) -> None:
        contact: JsonValue = {"id": "1", "lastName": "Muster"}
        before = record_with(customerContacts=[contact], extras={"a": 1})
        after = record_with(customerContacts=[], extras={"a": 2})
        async with over(reply(before), reply(after), audit_log=log) as writer:
            revision = Revision(changes(extras={"a": 2}), {"customerContacts": ("1",)})
            await update.update_customer(writer, ID, revision)
        assert lines(log)[0]["changed"] == {"extras.a": [1, 2], "customerContacts": [[contact], []]}

    async def test_of_a_deleted_customer_it_holds_the_whole_record(self, log: Path) -> None:
        record = record_with(customerContacts=[], deliveryAddresses=[])
        async with over(reply(record), reply({"succeed": True}), audit_log=log) as writer:
            await delete.delete_customer(writer, ID, "CUST-0042")
        (line,) = lines(log)
        assert (line["tool"], line["id"], line["outcome"]) == ("delete_customer", ID, "deleted")
        assert line["changed"] == {name: [value, None] for name, value in record.items() if value is not None}

    async def test_of_a_created_customer_it_holds_the_whole_record(self, log: Path) -> None:
        async with over(script=Routes({LIST: [page()], POST: [reply(RECORD)]}), audit_log=log) as writer:
            await create.create_customer(writer, new())
        (line,) = lines(log)
        assert (line["tool"], line["id"], line["outcome"]) == ("create_customer", ID, "created")
        assert line["changed"] == {name: [None, value] for name, value in RECORD.items() if value is not None}

    async def test_of_an_import_it_holds_all_new_ids(self, log: Path) -> None:
        script = Routes({LIST: [page()], IMPORT: [reply([RECORD, record_with(id="2")])]})
        async with over(script=script, audit_log=log) as writer:
            await imports.import_customers(writer, "550e8400")
        (line,) = lines(log)
        assert (line["id"], line["outcome"]) == ([ID, "2"], "imported")

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            (reply({}, 400), "invalid_input"),
            (reply({}, 403), "forbidden"),
            (reply({}, 409), "conflict"),
            (reply({}, 404), "not_found"),
            (reply({}, 500), "outcome_unknown"),
            (httpx.ReadTimeout("late"), "outcome_unknown"),
        ],
        ids=["400", "403", "409", "404", "500", "timeout"],
    )
    async def test_a_write_that_failed_after_it_was_sent_has_its_line(
        self, log: Path, answer: Reply, outcome: str
    ) -> None:
        script = Routes({GET: [reply(RECORD)], PATCH: [answer]})
        async with briefly(script=script, audit_log=log) as writer:
            with pytest.raises(FaktooraError):
                await update.update_customer(writer, ID, CITY)
        (line,) = lines(log)
        assert (line["tool"], line["outcome"], line["changed"]) == ("update_customer", outcome, {})

    async def test_a_write_that_failed_after_it_was_sent_names_the_customer(self, log: Path) -> None:
        script = Routes(
            {GET: [reply(RECORD)], LIST: [page()], PATCH: [reply({}, 409)], DELETE: [reply({}, 409)]}
        )
        async with over(script=script, audit_log=log) as writer:
            changing = update.update_customer(writer, ID, CITY)
            deleting = delete.delete_customer(writer, ID, "CUST-0042")
            for write in (changing, deleting):
                with pytest.raises(FaktooraError):
                    await write
        assert [line["id"] for line in lines(log)] == [ID, ID]


class TestNoLine:
    @pytest.mark.parametrize(
        ("script", "revision", "dry_run"),
        [
            (Script(reply(RECORD)), Revision(changes(city="Berlin")), False),
            (Script(reply(RECORD)), CITY, True),
            (Script(reply({}, 404)), CITY, False),
            (Script(reply(RECORD)), Revision(changes(city="Hamburg"), expect={"city": "Köln"}), False),
            (Script(reply(RECORD), httpx.ConnectError("refused")), CITY, False),
        ],
        ids=["nothing to change", "dry run", "not found", "conflict", "never left"],
    )
    async def test_without_a_write_there_is_none(
        self,
        log: Path,
        script: Script,
        revision: Revision,
        dry_run: bool,  # noqa: FBT001 (of the table)
    ) -> None:
        async with briefly(script=script, audit_log=log) as writer:
            with suppress(FaktooraError):
                await update.update_customer(writer, ID, revision, dry_run=dry_run)
        assert lines(log) == []

    async def test_reading_needs_no_log(self, tmp_path: Path) -> None:
        async with agent("auto", Script(reply(RECORD)), audit_log=tmp_path / "missing" / "log") as someone:
            await someone.call("get_customer", id=ID)


def directory(tmp_path: Path) -> Path:
    return tmp_path


def missing_folder(tmp_path: Path) -> Path:
    return tmp_path / "missing" / "audit.jsonl"


def full_device(_: Path) -> Path:
    return Path("/dev/full")


def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


class TestUnwritable:
    @pytest.mark.parametrize("place", [directory, missing_folder, full_device, pipe])
    async def test_no_write_is_sent_without_a_log(
        self, tmp_path: Path, place: Callable[[Path], Path]
    ) -> None:
        script = Script()
        async with over(script=script, audit_log=place(tmp_path)) as writer:
            for write in (
                create.create_customer(writer, new()),
                update.update_customer(writer, ID, CITY),
                delete.delete_customer(writer, ID, "CUST-0042"),
                imports.import_customers(writer, "550e8400"),
            ):
                with pytest.raises(AuditUnavailable, match="Nothing was sent") as caught:
                    await write
                assert (caught.value.code, str(tmp_path) in caught.value.message) == (
                    "audit_unavailable",
                    False,
                )
        assert script.requests == []

    async def test_a_dry_run_needs_no_log(self, tmp_path: Path) -> None:
        async with over(reply(RECORD), audit_log=tmp_path) as writer:
            assert (await update.update_customer(writer, ID, CITY, dry_run=True)).dry_run

    def test_a_full_disk_stops_writes(self, tmp_path: Path) -> None:
        code = (
            "import sys; from pathlib import Path; from faktoora_mcp.writes.audit import AuditLog;"
            "AuditLog(Path(sys.argv[1]) / 'audit.jsonl').check()"
        )
        prefix = ("unshare", "--user", "--map-root-user", "--mount")
        mount = f'mount -t tmpfs -o size=500k none {tmp_path} && exec "$@"'
        sh = [*prefix, "sh", "-c", mount, "sh"]
        possible = shutil.which("unshare") and not subprocess.run([*sh, "true"], check=False).returncode
        if not possible and "CI" not in os.environ:
            pytest.skip("this machine mounts nothing for its users")
        run = [*sh, sys.executable, "-c", code, str(tmp_path)]
        done = subprocess.run(run, capture_output=True, encoding="utf-8", timeout=DEADLINE_S, check=False)
        assert "The audit log cannot be written: the disk is full. Nothing was sent." in done.stderr

    async def test_a_change_that_could_not_be_recorded_is_told_all_the_same(self, log: Path) -> None:
        def made(_: httpx.Request) -> httpx.Response:
            log.unlink()
            log.mkdir()
            return reply(AFTER)

        async with over(script=changing(made), audit_log=log) as writer:
            updated = await update.update_customer(writer, ID, CITY)
        assert updated.customer == Customer(AFTER)
        assert updated.warnings == (NOT_RECORDED,)

    @pytest.mark.parametrize("era", ERAS)
    async def test_the_agent_reads_that_a_change_could_not_be_recorded(self, era: str, log: Path) -> None:
        def made(_: httpx.Request) -> httpx.Response:
            log.unlink()
            log.mkdir()
            return reply({"succeed": True})

        record = record_with(customerContacts=[], deliveryAddresses=[])
        async with agent(era, Script(reply(record), made), audit_log=log) as someone:
            answer = await someone.call("delete_customer", id=ID, confirm="CUST-0042")
        assert (answer["outcome"], answer["warnings"]) == ("deleted", [NOT_RECORDED])


class TestFile:
    def test_only_its_owner_may_read_it(self, log: Path) -> None:
        AuditLog(log).check()
        assert stat.S_IMODE(log.stat().st_mode) == 0o600

    @pytest.mark.parametrize("mode", [0o644, 0o666, 0o400, 0o660])
    def test_a_file_with_other_rights_gets_these(self, log: Path, mode: int) -> None:
        log.touch()
        log.chmod(mode)
        AuditLog(log).append(ENTRY)
        assert stat.S_IMODE(log.stat().st_mode) == 0o600

    def test_what_stands_in_it_stays(self, log: Path) -> None:
        log.write_text('{"old":1}\n', "utf-8")
        AuditLog(log).check()
        AuditLog(log).append(ENTRY)
        AuditLog(log).append(ENTRY)
        assert lines(log) == [{"old": 1}, ENTRY, ENTRY]

    @pytest.mark.parametrize("torn", ['{"old":1', '{"old":1}'])
    def test_a_line_without_its_end_is_closed_before_the_next(self, log: Path, torn: str) -> None:
        log.write_text(torn, "utf-8")
        AuditLog(log).append(ENTRY)
        assert log.read_text("utf-8").splitlines() == [torn, json.dumps(ENTRY, separators=(",", ":"))]

    def test_line_breaks_in_values_stay_inside_their_line(self, log: Path) -> None:
        AuditLog(log).append({"changed": {"note": ["a\nb\u2028", "ü"]}})
        assert log.read_bytes().count(b"\n") == 1

    def test_odd_texts_and_numbers_can_be_written(self, log: Path) -> None:
        AuditLog(log).append({"changed": {"a": ["\ud800", float("nan")], "b": 10**400}})
        assert len(lines(log)) == 1

    def test_the_log_may_be_moved_away_between_two_writes(self, log: Path, tmp_path: Path) -> None:
        audit = AuditLog(log)
        audit.append(ENTRY)
        log.rename(tmp_path / "audit.jsonl.1")
        audit.append(ENTRY)
        assert lines(log) == lines(tmp_path / "audit.jsonl.1") == [ENTRY]

    def test_processes_that_share_it_do_not_mix_their_lines(self, log: Path) -> None:
        code = (
            "import sys; from pathlib import Path; from faktoora_mcp.writes.audit import AuditLog;"
            "log = AuditLog(Path(sys.argv[1]));"
            "[log.append({'who': sys.argv[2], 'at': at, 'text': 'x' * 20_000}) for at in range(100)]"
        )
        ours = [
            subprocess.Popen([sys.executable, "-c", code, str(log), who], env=environment()) for who in "abc"
        ]
        assert [process.wait(DEADLINE_S) for process in ours] == [0, 0, 0]
        found = [(line["who"], line["at"]) for line in lines(log)]
        assert sorted(found, key=str) == sorted(((who, at) for who in "abc" for at in range(100)), key=str)

    @pytest.mark.parametrize("status", [200, 400, 500])
    async def test_the_key_is_never_in_it(self, log: Path, status: int) -> None:
        said = AFTER if status == 200 else {"message": f"the key {KEY}"}
        script = Routes({GET: [reply(RECORD)], PATCH: [reply(said, status)]})
        async with briefly(script=script, audit_log=log) as writer:
            with suppress(FaktooraError):
                await update.update_customer(writer, ID, CITY)
        assert len(lines(log)) == 1
        assert KEY not in text_of(log)
