"""A dry run of an update: it answers as the change itself will, and sends nothing."""

import pytest

from faktoora_mcp.errors import Conflict, FaktooraError, InvalidInput
from faktoora_mcp.writes.update import Revision
from tests.scripted import RECORD, Script, reply
from tests.writes.scripts import CONTACTS, GET, PATCH, record_with, revision, updated

pytestmark = pytest.mark.anyio


class TestDryRun:
    async def test_it_shows_the_body_and_the_difference_and_sends_nothing(self) -> None:
        script = Script(reply(record_with(extras={"tier": "gold"})))
        wanted = revision(city="Hamburg", postcode="D-20095", name="Acme GmbH", extras={"region": "Nord"})
        answer = await updated(script, wanted, dry_run=True)
        assert script.calls == [GET]
        assert answer.dry_run
        assert answer.body == {
            "city": "Hamburg",
            "postcode": "20095",
            "extras": {"tier": "gold", "region": "Nord"},
        }
        assert answer.changed == {
            "city": ("Berlin", "Hamburg"),
            "postcode": ("10115", "20095"),
            "extras.region": (None, "Nord"),
        }
        assert answer.undo == {"city": "Berlin", "postcode": "10115", "extras": {"region": None}}

    async def test_it_answers_as_the_change_itself_will(self) -> None:
        wanted = revision({"customerContacts": ("1",)}, city="Hamburg")
        before = record_with(customerContacts=CONTACTS)
        tried = await updated(Script(reply(before)), wanted, dry_run=True)
        after = record_with(city="Hamburg", customerContacts=[])
        made = await updated(Script(reply(before), reply(after)), wanted)
        assert (tried.changed, tried.entries, tried.undo, tried.body) == (
            made.changed,
            made.entries,
            made.undo,
            made.body,
        )

    @pytest.mark.parametrize(
        ("wanted", "error"),
        [
            (revision(postcode="1010"), InvalidInput),
            (revision(expect={"city": "Köln"}, city="Hamburg"), Conflict),
            (revision({"extras": ("a",)}), InvalidInput),
            (revision(), InvalidInput),
        ],
    )
    async def test_it_is_refused_what_the_change_would_be(
        self, wanted: Revision, error: type[FaktooraError]
    ) -> None:
        script = Script(reply(RECORD))
        with pytest.raises(error):
            await updated(script, wanted, dry_run=True)
        assert PATCH not in script.calls

    async def test_it_says_when_there_is_nothing_to_change(self) -> None:
        answer = await updated(Script(reply(RECORD)), revision(city="Berlin"), dry_run=True)
        assert (answer.dry_run, answer.changed, answer.body) == (True, {}, {})
