"""An API that answers anything: each call ends in time by a result or an envelope; the key stays here."""

import asyncio
import json
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faktoora_mcp.sandbox.forms import Forms
from faktoora_mcp.server.definitions import definitions
from faktoora_mcp.text import masked
from tests.agents import agent, text_of
from tests.clock import VirtualTime
from tests.fuzz.hostile import WAYS, Hostile
from tests.fuzz.scale import examples
from tests.scripted import ACME, KEY

pytestmark = pytest.mark.fuzz

CALLS = 500
LONGEST_S = 56
NEW = {key: value for key, value in ACME.items() if key != "vatId"}
ARGUMENTS: dict[str, list[dict[str, object]]] = {
    "list_customers": [{}, {"keywords": ["gmbh"], "fields": ["*"]}, {"per_page": 100, "sort": "name"}],
    "get_customer": [{"id": "@"}, {"number": "CUST-0001"}, {"id": "@", "fields": ["*"]}],
    "query_customers": [
        {"group_by": ["city"]},
        {"where": [{"field": "city", "op": "present"}], "fields": ["name", "email"]},
        {"check": "no_email"},
    ],
    "find_duplicate_customers": [{}, {"id": "@"}],
    "create_customer": [{"customer": NEW}, {"customer": NEW, "assign_number": True}],
    "update_customer": [{"id": "@", "changes": {"city": "Ulm"}}, {"id": "@", "changes": {"note": None}}],
    "update_customers": [
        {"ids": ["@"], "changes": {"category": "A"}},
        {"where": [], "changes": {"category": "A"}},
    ],
    "delete_customer": [{"id": "@", "confirm": "Schwarz Büromöbel GmbH"}],
    "merge_customers": [{"keep": "@", "remove": "@", "dry_run": True}],
    "generate_customer_number": [{}],
    "verify_customer_number": [{"number": "CUST-0001"}, {"number": "K-9"}],
    "import_customers": [{"file_id": "f"}, {"rows": [NEW], "dry_run": False}, {"csv": "name;city\nA;B"}],
}
calls = st.sampled_from([(tool, given) for tool in definitions() for given in ARGUMENTS[tool]])
ways = st.lists(
    st.tuples(st.sampled_from([None, None, "late", *WAYS]), st.integers(0, 10**6)), min_size=1, max_size=8
)


async def ended(tool: str, arguments: dict[str, object], api: Hostile, log: Path) -> tuple[str, float]:
    """What the agent is told at the end of a call, and the seconds until then."""
    async with agent("legacy", api, audit_log=log, timeout_s=20, log_level="debug") as someone:
        began = anyio.current_time()
        result = await someone.result(tool, **arguments)
        took_s = anyio.current_time() - began
    told = json.loads(text_of(result))
    if result.is_error:
        assert told["error"]["code"] != "internal", told
    else:
        assert told == result.structured_content
    return text_of(result), took_s


def test_each_call_ends_in_time_by_a_result_or_an_envelope_without_the_key(
    forms: Forms, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = tmp_path / "audit.jsonl"

    @examples(CALLS)
    @given(calls, ways)
    def fuzz(call: tuple[str, dict[str, object]], way: list[tuple[str | None, int]]) -> None:
        tool, given = call
        arguments = json.loads(json.dumps(given).replace('"@"', f'"{first}"'))
        api = Hostile(forms, way)
        with asyncio.Runner(loop_factory=VirtualTime) as runner:
            told, took_s = runner.run(ended(tool, arguments, api, log))
        assert masked(told, KEY) == told
        assert took_s <= LONGEST_S, (call, way)

    with asyncio.Runner(loop_factory=VirtualTime) as runner:
        listed, _ = runner.run(ended("list_customers", {}, Hostile(forms, [(None, 0)]), log))
    first = json.loads(listed)["rows"][0][0]
    with caplog.at_level("DEBUG"):
        fuzz()
    assert not [line for line in log.read_text("utf-8").splitlines() if masked(line, KEY) != line]
