"""The side-by-side benchmark: that it runs, whom it compares, how it judges; never how fast anything is."""

import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from mcp import Client

from benchmarks.cases import ANSWERS, ERRORS, NOT_CREATED, UNKNOWN, UNREACHABLE
from benchmarks.contenders import BARE, CALLS, FLOOR, OURS, PASSTHROUGH, fastmcp_python
from benchmarks.report import Bound, Row, Section, figures, markdown
from benchmarks.servers import floor, passthrough
from benchmarks.sizes import API_SENT
from benchmarks.upstream import GET, LIST, ROWS, upstream
from faktoora_mcp.server.tools import TOOLS
from tests.agents import text_of
from tests.processes import environment
from tests.scripted import BASE, RECORD, Script, reply

ROOT = Path(__file__).parent.parent
PARTS = ["start", "latency", "sizes"]
QUICK = [sys.executable, "-m", "benchmarks", "--quick", "--only", *PARTS]
SIZED = [case.title for case in (*ANSWERS, *ERRORS, NOT_CREATED, UNKNOWN, UNREACHABLE)]
NO_ENDPOINT = {"query_customers", "find_duplicate_customers", "update_customers", "merge_customers"}


class Run(NamedTuple):
    tables: str
    measures: list[dict[str, Any]]

    def part(self, title: str) -> dict[str, dict[str, float]]:
        return {one["name"]: one["values"] for one in self.measures if one["part"] == title}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    figures = tmp_path_factory.mktemp("run") / "figures.json"
    command = [*QUICK, "--json", str(figures)]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=ROOT, env=environment(), timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return Run(done.stdout, json.loads(figures.read_text())["measures"])


@pytest.mark.benchmark
class TestQuickRun:
    def test_the_start_of_every_server_is_measured(self, run: Run) -> None:
        rows = run.part("start")
        assert len(rows) == 3
        assert all(values.keys() == {OURS, PASSTHROUGH, FLOOR} for values in rows.values())

    @pytest.mark.parametrize("call", CALLS)
    def test_every_call_is_compared_with_bare_httpx(self, run: Run, call: str) -> None:
        rows = run.part("one call at a time")
        assert rows[f"{call}: a call"].keys() == {OURS, PASSTHROUGH, FLOOR, BARE}
        assert rows[f"{call}: added to bare httpx"].keys() == {OURS, PASSTHROUGH}

    def test_cpu_time_stands_beside_time(self, run: Run) -> None:
        cpu = run.part("one call at a time")[f"{CALLS[0]}: CPU"]
        assert cpu.keys() == {OURS, PASSTHROUGH, FLOOR, BARE}
        assert all(seconds > 0 for seconds in cpu.values())

    def test_every_typical_answer_and_error_has_its_size(self, run: Run) -> None:
        rows = run.part("size")
        assert [name for name in rows if name in SIZED] == SIZED
        assert all(rows[name].keys() >= {OURS, API_SENT} for name in SIZED)

    def test_definitions_and_instructions_have_their_sizes(self, run: Run) -> None:
        rows = run.part("size")
        definitions = [name for name in rows if name not in SIZED]
        assert len(definitions) == 3
        assert all(rows[name].keys() == {OURS, PASSTHROUGH} for name in definitions)

    def test_what_is_asked_of_both_is_measured_of_both(self, run: Run) -> None:
        assert {OURS, PASSTHROUGH} <= run.part("size")["list_customers, 20 rows"].keys()
        assert PASSTHROUGH not in run.part("size")["find_duplicate_customers, all"]

    def test_nothing_is_judged(self, run: Run) -> None:
        assert not any(measure["missed"] or measure["bound"] for measure in run.measures)
        assert "target" not in run.tables


@pytest.mark.benchmark
def test_the_server_over_http_is_measured_beside_the_others() -> None:
    command = [sys.executable, "-m", "benchmarks.remote", "--quick"]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=ROOT, env=environment(), timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    for call in CALLS:
        assert f"| {call}, 4 callers | ours | pass-through | empty SDK server |" in done.stdout
    assert "| memory of ours after 8 calls | 1 keys | 4 keys |" in done.stdout


def test_a_figure_over_its_share_of_another_is_missed() -> None:
    row = Row("start", "s", {OURS: 0.6, FLOOR: 0.5}, Bound(1.1, FLOOR))
    assert (row.limit, row.missed) == (pytest.approx(0.55), True)


@pytest.mark.parametrize(("ours", "missed"), [(119.0, True), (120.0, False)])
def test_a_figure_may_have_a_least(ours: float, *, missed: bool) -> None:
    assert Row("calls", "calls/s", {OURS: ours, FLOOR: 100.0}, Bound(1.2, FLOOR, least=True)).missed is missed


def test_a_figure_is_not_judged_by_one_that_is_missing() -> None:
    row = Row("start", "s", {OURS: 0.6}, Bound(1.1, FLOOR))
    assert (row.limit, row.missed) == (None, False)


def test_a_table_shows_all_contenders_the_target_and_a_miss() -> None:
    rows = [Row("start", "s", {OURS: 1.25, FLOOR: 0.5}, Bound(2, FLOOR)), Row("idle", "MB", {FLOOR: 60.0})]
    assert "".join(markdown([Section("process", rows)], "today", ["Not quiet."])) == (
        "today\n\n**Not quiet.**\n\n"
        "| process | ours | empty SDK server | target |\n| --- | --- | --- | --- |\n"
        "| start | 1.2 s | 500.0 ms | ≤ 1.0 s (2 times empty SDK server) MISSED |\n"
        "| idle |  | 60.0 MB |  |\n\n"
    )


def test_figures_for_programs_are_not_rounded() -> None:
    row = Row("start", "s", {OURS: 0.123456}, Bound(0.1))
    (measure,) = json.loads(json.dumps(figures([Section("process", [row])], "today", [])))["measures"]
    assert (measure["values"], measure["bound"], measure["missed"]) == ({OURS: 0.123456}, 0.1, True)


@pytest.fixture(scope="module")
def api() -> Iterator[httpx.Client]:
    with upstream() as url, httpx.Client(base_url=url) as client:
        yield client


class TestUpstream:
    def test_it_answers_a_page_of_the_sandbox(self, api: httpx.Client) -> None:
        answer = api.get(LIST).raise_for_status().json()
        assert (len(answer["data"]), answer["meta"]["perPage"]) == (ROWS, ROWS)

    def test_it_answers_a_record_of_the_sandbox(self, api: httpx.Client) -> None:
        record = api.get(GET).raise_for_status().json()
        assert record in api.get(LIST).json()["data"]

    def test_it_knows_nothing_else(self, api: httpx.Client) -> None:
        assert api.get("/customers/generate-number").status_code == 404


@asynccontextmanager
async def pass_through(*replies: httpx.Response) -> AsyncGenerator[Client]:
    async with (
        httpx.AsyncClient(transport=Script(*replies), base_url=BASE) as scripted,
        Client(passthrough.create_server(scripted)) as client,
    ):
        yield client


class TestServers:
    pytestmark = pytest.mark.anyio

    async def test_the_floor_has_one_tool_that_answers_nothing(self) -> None:
        async with Client(floor.create_server()) as client:
            (tool,) = (await client.list_tools()).tools
            assert (await client.call_tool(tool.name, {})).content == []

    async def test_the_pass_through_has_a_tool_for_every_operation(self) -> None:
        async with pass_through() as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
        assert tools == TOOLS.keys() - NO_ENDPOINT

    async def test_the_pass_through_hands_on_what_the_api_sends(self) -> None:
        async with pass_through(reply(RECORD)) as client:
            result = await client.call_tool("get_customer", {"id": "cust_abc123"})
        assert (result.structured_content, json.loads(text_of(result))) == (RECORD, RECORD)

    async def test_the_pass_through_tells_why_the_api_refuses(self) -> None:
        async with pass_through(reply({"errors": []}, 404)) as client:
            result = await client.call_tool("get_customer", {"id": "nobody"})
        assert (result.is_error, 'HTTP 404: {"errors":[]}' in text_of(result)) == (True, True)


def test_a_python_without_fastmcp_is_no_contender(tmp_path: Path) -> None:
    assert fastmcp_python(tmp_path, sys.executable) is None
