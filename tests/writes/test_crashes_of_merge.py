"""Killed at any request of a merge: nothing of either customer is lost, and the same call goes on."""

from contextlib import suppress
from pathlib import Path

import pytest

from faktoora_mcp.api.merge_outcomes import Merged
from faktoora_mcp.errors import NotFound
from faktoora_mcp.sandbox.forms import CURRENT, Forms
from faktoora_mcp.writes.merge import Consent, MergeRequest, merge_customers
from faktoora_mcp.writes.session import Writer
from tests.crashing import Killed, servers, until_killed
from tests.faulty import FaultyApi
from tests.writes.pairs import Pair, holds_all, is_untouched, pair_in
from tests.writes.scripts import audit_lines

REQUESTS = {False: 7, True: 9}
"""By whether a first update has to learn the form of the API; the last kill comes after all of them."""


async def merged(writer: Writer, pair: Pair) -> Merged:
    return await merge_customers(writer, MergeRequest(pair.keep, pair.remove), Consent("N-2"))


@pytest.mark.parametrize("carried_out", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", range(1, max(REQUESTS.values()) + 1))
def test_killed_at_any_request_nothing_is_lost_and_the_same_call_goes_on(
    forms: Forms,
    tmp_path: Path,
    nth: int,
    carried_out: bool,  # noqa: FBT001 (a parameter)
) -> None:
    api, log = FaultyApi(3, forms), tmp_path / "audit.jsonl"
    with servers(api, log) as (first, second):
        pair = first.run(pair_in(api))
        before = first.run(api.settled())
        first.line.begin([0.05], (nth, carried_out))
        with pytest.raises(Killed):
            first.run(until_killed(first.writer, merged(first.writer, pair)))
        after = second.run(api.settled())
        assert is_untouched(pair, before, after) or holds_all(pair, before, after)
        assert pair.remove in after or holds_all(pair, before, after)
        intents = {str(line["id"]) for line in audit_lines(log) if line["event"] == "intent"}
        assert {each for each in before if after.get(each) != before[each]} <= intents
        with suppress(NotFound):
            assert second.run(merged(second.writer, pair)).deleted
        last = second.run(api.settled())
        assert pair.remove not in last
        assert holds_all(pair, before, last)


def test_the_kills_reach_every_request(forms: Forms, tmp_path: Path) -> None:
    api = FaultyApi(3, forms)
    with servers(api, tmp_path / "audit.jsonl") as (first, _):
        pair = first.run(pair_in(api))
        first.run(merged(first.writer, pair))
        assert sum(api.left.values()) == REQUESTS[forms == CURRENT]
