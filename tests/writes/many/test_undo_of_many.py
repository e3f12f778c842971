"""Whatever is changed for many and however it was before: the base holds it, and `undo` restores what was."""

from collections.abc import Mapping
from typing import cast
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydantic import JsonValue

from faktoora_mcp.api.many_outcomes import ManyUpdated
from faktoora_mcp.api.models import CustomerChanges
from faktoora_mcp.api.outcomes import Record
from faktoora_mcp.queries.scan import Limits
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.writes.many.bulk_request import BulkRequest
from faktoora_mcp.writes.many.planning import plan_update
from faktoora_mcp.writes.many.update_many import Consent, update_customers
from faktoora_mcp.writes.session import Writer
from tests.crashing import Server
from tests.faulty import FaultyApi
from tests.scripted import settings
from tests.writes.many.prospects import prospect

LIMITS = Limits(scan_s=50, max_scan=1000)
EMPTY: tuple[JsonValue, ...] = (None, "", {})
held = st.fixed_dictionaries(
    {},
    optional={
        "category": st.sampled_from(["Interessent", "Kunde", " Kunde", "kunde"]),
        "note": st.sampled_from(["alt", "unsicht\u200bbar", "Ü", "U\u0308"]),
        "city": st.sampled_from(["Kiel", "Muenchen"]),
        "extras": st.dictionaries(
            st.sampled_from(["rabatt", "seit"]), st.sampled_from(["3 %", 3, ["a"]]), max_size=2
        ),
    },
)
changes = st.fixed_dictionaries(
    {},
    optional={
        "category": st.sampled_from(["Kunde", None]),
        "note": st.sampled_from(["neu", "Ü", None]),
        "city": st.sampled_from(["Kiel", "München"]),
        "phoneNo": st.sampled_from(["0431 1", None]),
        "extras": st.dictionaries(
            st.sampled_from(["rabatt", "neu"]), st.sampled_from(["4 %", None]), min_size=1, max_size=2
        ),
    },
).filter(bool)


async def change(writer: Writer, ids: tuple[str, ...], wanted: Mapping[str, object]) -> ManyUpdated:
    request = BulkRequest(ids=ids, changes=CustomerChanges.model_validate(wanted))
    shown = (await plan_update(writer, request, LIMITS)).preview
    made = await update_customers(writer, request, LIMITS, Consent(shown.confirm))
    assert isinstance(made, ManyUpdated)
    return made


async def undo(writer: Writer, made: ManyUpdated) -> None:
    for call in made.undo or ():
        ids = tuple(cast("list[str]", call["ids"]))
        again = await change(writer, ids, cast("dict[str, object]", call["changes"]))
        assert (len(again.done), again.failed) == (len(ids), ())


def with_changes(record: Record, wanted: Mapping[str, object]) -> Record:
    """The record after the changes; keys of extras are merged."""
    given = cast("Record", {**wanted})
    if "extras" in given:
        merged = {**cast("Record", record["extras"] or {}), **cast("Record", given["extras"])}
        given["extras"] = {key: value for key, value in merged.items() if value is not None}
    return record | given


def as_a_bookkeeper_sees(record: Record) -> Record:
    """Nothing is as good as empty; blanks around a text and the form of its accents make no difference."""
    return {
        name: normalize("NFC", value.strip()) if isinstance(value, str) else value
        for name, value in record.items()
        if value not in EMPTY and name != "updatedAt"
    }


@pytest.mark.parametrize("forms", [DOCUMENTED, CURRENT], ids=["documented", "current"])
@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records=st.lists(held, min_size=1, max_size=6), wanted=changes)
def test_what_was_changed_is_held_and_undo_restores_it(
    forms: Forms, records: list[Record], wanted: Mapping[str, object]
) -> None:
    api = FaultyApi(3, forms)
    server = Server(api, settings(timeout_s=20))
    try:
        made = [server.run(api.add(prospect(place, **record))) for place, record in enumerate(records)]
        ids = tuple(sorted(str(record["id"]) for record in made))
        before = server.run(api.settled())
        done = server.run(change(server.writer, ids, wanted))
        after = server.run(api.settled())
        for identity in ids:
            expected = as_a_bookkeeper_sees(with_changes(before[identity], wanted))
            assert as_a_bookkeeper_sees(after[identity]) == expected
        assert len(done.done) + done.preview.unchanged == len(ids)
        server.run(undo(server.writer, done))
        restored = server.run(api.settled())
        for identity, record in before.items():
            assert as_a_bookkeeper_sees(restored[identity]) == as_a_bookkeeper_sees(record)
    finally:
        server.close()
