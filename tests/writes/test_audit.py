"""The file of the audit log: it only grows, its lines are whole, and no write is sent without it."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from faktoora_mcp.answers.sentences import line
from faktoora_mcp.api.records import Customer
from faktoora_mcp.errors import AuditUnavailable
from faktoora_mcp.writes import create, delete, imports, update
from faktoora_mcp.writes.audit import NOT_RECORDED, AuditLog, unfinished
from tests.agents import ERAS, agent
from tests.processes import DEADLINE_S, environment
from tests.scripted import RECORD, Script, reply
from tests.writes.scripts import AFTER, CITY, ID, audit_lines, new, over, record_with

pytestmark = pytest.mark.anyio
ENTRY: dict[str, object] = {"tool": "update_customer", "changed": {}}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


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

    async def test_a_change_whose_outcome_could_not_be_recorded_is_reported_all_the_same(
        self, log: Path
    ) -> None:
        def made(_: httpx.Request) -> httpx.Response:
            log.unlink()
            log.mkdir()
            return reply(AFTER)

        async with over(script=Script(reply(RECORD), made), audit_log=log) as writer:
            updated = await update.update_customer(writer, ID, CITY)
        assert updated.customer == Customer(AFTER)
        assert updated.warnings == (NOT_RECORDED,)

    @pytest.mark.parametrize("era", ERAS)
    async def test_the_agent_reads_that_an_outcome_could_not_be_recorded(self, era: str, log: Path) -> None:
        def made(_: httpx.Request) -> httpx.Response:
            log.unlink()
            log.mkdir()
            return reply({"succeed": True})

        record = record_with(customerContacts=[], deliveryAddresses=[])
        async with agent(era, Script(reply(record), made), audit_log=log) as someone:
            answer = await someone.call("delete_customer", id=ID, confirm="CUST-0042")
        assert (answer["outcome"], answer["warnings"]) == ("deleted", [line(NOT_RECORDED)])


class TestUnfinished:
    """What a crash leaves: an intent without an outcome."""

    def test_intents_without_an_outcome_are_listed_oldest_first(self, log: Path) -> None:
        events = (("intent", "1"), ("intent", "2"), ("outcome", "1"), ("intent", "3"))
        for event, write in events:
            AuditLog(log).append({"event": event, "write": write})
        assert unfinished(log) == ([{"event": "intent", "write": "2"}, {"event": "intent", "write": "3"}], 0)

    @pytest.mark.parametrize("torn", ['{"event":"intent","wr', "[1]", "null", "\udcff"])
    def test_lines_that_are_no_entries_are_counted(self, log: Path, torn: str) -> None:
        log.write_text(torn, "utf-8", errors="surrogateescape")
        AuditLog(log).append({"event": "intent", "write": "1"})
        assert unfinished(log) == ([{"event": "intent", "write": "1"}], 1)

    def test_other_lines_that_a_program_collected_with_them_do_not_count(self, log: Path) -> None:
        log.write_text('{"level":"info","message":"MCP at …"}\n', "utf-8")
        AuditLog(log).append({"event": "intent", "write": "1"})
        log.write_text(log.read_text("utf-8") + '{"level":"warning","message":"slow"}\n', "utf-8")
        assert unfinished(log) == ([{"event": "intent", "write": "1"}], 0)

    def test_a_log_that_cannot_be_read_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            unfinished(tmp_path / "missing")


class TestStderr:
    def test_the_lines_go_there_instead_of_to_a_file(self, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        audit = AuditLog(Path("-"))
        audit.check()
        audit.append(ENTRY)
        assert json.loads(capfdbinary.readouterr().err) == ENTRY

    def test_they_go_to_both(self, log: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        AuditLog(Path(f"{log},-")).append(ENTRY)
        assert (json.loads(capfdbinary.readouterr().err), audit_lines(log)) == (ENTRY, [ENTRY])

    def test_a_comma_in_the_name_of_a_file_is_a_part_of_it(self, tmp_path: Path) -> None:
        AuditLog(tmp_path / "a,b").append(ENTRY)
        assert audit_lines(tmp_path / "a,b") == [ENTRY]


class TestFile:
    def test_only_its_owner_may_read_it(self, log: Path) -> None:
        AuditLog(log).check()
        assert stat.S_IMODE(log.stat().st_mode) == 0o600

    @pytest.mark.parametrize("mode", [0o644, 0o666, 0o640, 0o660])
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
        assert audit_lines(log) == [{"old": 1}, ENTRY, ENTRY]

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
        assert len(audit_lines(log)) == 1

    def test_the_log_may_be_moved_away_between_two_writes(self, log: Path, tmp_path: Path) -> None:
        audit = AuditLog(log)
        audit.append(ENTRY)
        log.rename(tmp_path / "audit.jsonl.1")
        audit.append(ENTRY)
        assert audit_lines(log) == audit_lines(tmp_path / "audit.jsonl.1") == [ENTRY]

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
        found = [(line["who"], line["at"]) for line in audit_lines(log)]
        assert sorted(found, key=str) == sorted(((who, at) for who in "abc" for at in range(100)), key=str)
