"""Whatever contacts and addresses two customers have: merged once more, nothing changes."""

from collections.abc import Mapping
from http import HTTPStatus

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from faktoora_mcp.api.merge_outcomes import Merged
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.writes.merge import Consent, MergeRequest, merge_customers
from faktoora_mcp.writes.merged_record import Side
from tests.crashing import Server
from tests.faulty import FaultyApi, Record, said
from tests.scripted import settings
from tests.writes.pairs import KEEP, REMOVE, Pair, pair_in

IN_USE = said(HTTPStatus.CONFLICT, {"message": "The customer is used by 3 invoices."})
LISTS = ("customerContacts", "deliveryAddresses")
some = st.sampled_from
contacts = st.fixed_dictionaries(
    {"email": some(["oez@nord.example.com", "lund@nord.example.com"])},
    optional={
        "firstName": some(["Ada", "Eva"]),
        "lastName": some(["Öz", "Oez", "Lund"]),
        "phoneNo": some(["040 1", "040 2"]),
        "department": some(["Lager", "Verkauf"]),
    },
)
addresses = st.fixed_dictionaries(
    {"address": some(["Kai 7", "Markt 1"]), "postcode": some(["20457", "24103"]), "city": some(["Kiel"])},
    optional={"name": some(["Lager", "Werk"]), "note": some(["Tor 1", "Tor 2"])},
)
lists = st.fixed_dictionaries(
    {
        "customerContacts": st.lists(contacts, max_size=4),
        "deliveryAddresses": st.lists(addresses, max_size=3),
    }
)
sides: st.SearchStrategy[Side] = some(["keep", "remove"])


async def merged(server: Server, pair: Pair, prefer: Mapping[str, Side]) -> Merged:
    request = MergeRequest(pair.keep, pair.remove, prefer)
    return await merge_customers(server.writer, request, Consent("N-2"))


@pytest.mark.parametrize("forms", [DOCUMENTED, CURRENT], ids=["documented", "current"])
@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(keep=lists, remove=lists, prefer=st.dictionaries(some(LISTS), sides))
def test_a_second_merge_of_two_that_both_stay_sends_no_change(
    forms: Forms, keep: Record, remove: Record, prefer: Mapping[str, Side]
) -> None:
    api = FaultyApi(3, forms)
    server = Server(api, settings(timeout_s=20))
    try:
        pair = server.run(pair_in(api, KEEP | keep, REMOVE | remove))
        api.meet(IN_USE, "DELETE *", always=True)
        first = server.run(merged(server, pair, prefer))
        after, sent = server.run(api.settled()), len(api.applied)
        second = server.run(merged(server, pair, prefer))
        assert first.failure is not None
        assert second.failure is not None
        assert (second.updated.body, len(api.applied), server.run(api.settled())) == ({}, sent, after)
    finally:
        server.close()
