"""The consent of a user is good for one change, also where one process serves and shares nothing."""

from typing import Any, cast

import httpx
import pytest

from faktoora_mcp.errors import NotConfirmed
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import DOCUMENTED
from faktoora_mcp.state.consent import Consent, bringing, current_consent
from faktoora_mcp.state.local import LocalState
from tests.processes import Process, environment, served_sandbox
from tests.remote.serving import KEYS, served
from tests.remote.test_consent import META, NEW, SHARED, agreed, deleted

pytestmark = pytest.mark.anyio
USED = "This confirmation was already used"


def used(answer: dict[str, Any]) -> tuple[bool, bool, bool]:
    """Whether an answer refuses a consent because it was used, and says what to do."""
    text = answer["result"]["content"][0]["text"]
    return '"code":"not_confirmed"' in text, USED in text, "Look first" in text


class TestConsent:
    async def test_all_writes_of_a_request_use_it_once(self) -> None:
        state, consent = LocalState(), Consent("sealed")
        for _ in range(3):
            await consent.use(state)

    async def test_no_other_request_may_use_it(self) -> None:
        state = LocalState()
        await Consent("sealed").use(state)
        for again in (Consent("sealed").use(state), Consent("sealed").check_unused(state)):
            with pytest.raises(NotConfirmed, match=USED):
                await again

    async def test_another_one_is_unused(self) -> None:
        state = LocalState()
        await Consent("sealed").use(state)
        await Consent("another").check_unused(state)
        await Consent("another").use(state)

    def test_it_is_that_of_the_request_alone(self) -> None:
        with bringing("sealed"):
            assert current_consent()
            with bringing(None):
                assert current_consent() is None
        assert current_consent() is None


async def test_over_http_its_repetition_is_refused() -> None:
    transport = httpx.ASGITransport(create_app(forms=DOCUMENTED))
    with served(SHARED, transport) as url:
        async with httpx.AsyncClient(transport=transport, headers={"X-API-KEY": KEYS[0]}) as api:
            made = (await api.post(f"{SHARED.base_url}/customer", json=NEW)).json()
            asked = (await deleted(url, KEYS[0], made["id"]))["result"]
            await deleted(url, KEYS[0], made["id"], **agreed(asked))
            again = await deleted(url, KEYS[0], made["id"], **agreed(asked))
    assert used(again) == (True, True, True)


async def test_a_consent_that_led_to_no_change_is_still_good() -> None:
    transport = httpx.ASGITransport(create_app(forms=DOCUMENTED))
    with served(SHARED, transport) as url:
        async with httpx.AsyncClient(transport=transport, headers={"X-API-KEY": KEYS[0]}) as api:
            made = (await api.post(f"{SHARED.base_url}/customer", json=NEW)).json()
            asked = (await deleted(url, KEYS[0], made["id"]))["result"]
            no = {name: {"action": "decline"} for name in asked["inputRequests"]}
            await deleted(url, KEYS[0], made["id"], **agreed(asked) | {"inputResponses": no})
            done = await deleted(url, KEYS[0], made["id"], **agreed(asked))
    assert done["result"]["structuredContent"]["outcome"] == "deleted"


def test_over_stdio_its_repetition_is_refused() -> None:
    with served_sandbox("--customers", "0") as api:
        made = httpx.post(f"{api}/customer", json=NEW, headers={"X-API-KEY": KEYS[0]}).json()
        env = environment(FAKTOORA_BASE_URL=api, FAKTOORA_API_KEY=KEYS[0])
        with Process("serve", env=env) as server:

            def delete(**more: object) -> dict[str, Any]:
                call = {"name": "delete_customer", "arguments": {"id": made["id"]}, "_meta": META}
                server.send("tools/call", call | more)
                return cast("dict[str, Any]", server.receive())

            asked = delete()["result"]
            done, again = delete(**agreed(asked)), delete(**agreed(asked))
    assert done["result"]["structuredContent"]["outcome"] == "deleted"
    assert used(again) == (True, True, True)
