"""Requests in different names over the same connections: each bears its own key, and none shows it."""

import anyio
import pytest

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.api.pool import Credentials
from faktoora_mcp.errors import InvalidInput
from tests.scripted import KEY, Script, page, reply, settings

pytestmark = pytest.mark.anyio
OTHER = Credentials("an-other-key-4711", "account-2")


async def test_each_request_bears_the_key_and_account_of_its_client() -> None:
    script = Script(*[page() for _ in range(20)])
    async with FaktooraClient(settings(), script) as own:
        other = own.in_name_of(OTHER)
        async with anyio.create_task_group() as tasks:
            for client in [own, other] * 10:
                tasks.start_soon(client.list_customers, CustomerQuery())
    sent = sorted(
        {(it.headers["X-API-KEY"], it.headers.get("x-account-id")) for it in script.requests}, key=str
    )
    assert sent == sorted([(KEY, None), (OTHER.key, OTHER.account_id)], key=str)


async def test_a_key_sends_no_more_requests_a_second_than_the_operator_allows() -> None:
    script = Script(*[page() for _ in range(4)])
    async with FaktooraClient(settings(api_rps=1), script) as client:
        for _ in range(4):
            await client.list_customers(CustomerQuery())
    assert anyio.current_time() == pytest.approx(3)


async def test_what_one_account_proved_says_nothing_of_another() -> None:
    async with FaktooraClient(settings(), Script()) as own:
        own.dialect.coverage.learn("name", covered=True)
        assert own.in_name_of(OTHER).dialect.coverage.covers("name") is None


async def test_who_claims_the_account_of_another_shares_nothing_with_it() -> None:
    async with FaktooraClient(settings(), Script()) as own:
        claimed = Credentials("a-key-of-a-stranger", OTHER.account_id, claimed=True)
        own.in_name_of(OTHER).dialect.coverage.learn("name", covered=True)
        assert own.in_name_of(claimed).dialect.coverage.covers("name") is None
        assert own.in_name_of(claimed).account != own.in_name_of(OTHER).account


async def test_the_form_of_the_api_is_the_same_for_all_keys() -> None:
    async with FaktooraClient(settings(), Script()) as own:
        own.dialect.forms.limit_pages(25)
        assert own.in_name_of(OTHER).dialect.forms.page_size == 25


async def test_an_error_masks_the_key_of_the_request() -> None:
    script = Script(reply({"message": f"key {OTHER.key} is bad"}, 400))
    async with FaktooraClient(settings(), script) as own:
        with pytest.raises(InvalidInput) as refused:
            await own.in_name_of(OTHER).list_customers(CustomerQuery())
    assert OTHER.key not in str(refused.value)


def test_credentials_and_accounts_do_not_show_the_key() -> None:
    assert (
        OTHER.key
        not in f"{OTHER!r} {OTHER.account('https://api')} {Credentials(OTHER.key).account('https://api')}"
    )


async def test_a_look_up_of_another_caller_does_not_wait_for_a_walk_with_the_same_key() -> None:
    script = Script(*[page() for _ in range(21)])
    async with FaktooraClient(settings(max_connections=1), script) as own:
        walk, look_up = own.in_name_of(OTHER, "anna"), own.in_name_of(OTHER, "bernd")
        async with anyio.create_task_group() as tasks:
            for client, category in [*[(walk, "walk")] * 20, (look_up, "look-up")]:
                tasks.start_soon(client.list_customers, CustomerQuery(category=category))
    assert [it.url.params["category"] for it in script.requests].index("look-up") <= 2


async def test_a_cookie_that_the_api_sets_for_one_key_goes_to_no_other() -> None:
    first = page()
    first.headers["Set-Cookie"] = "session=of-a; Path=/"
    script = Script(first, page(), page())
    async with FaktooraClient(settings(), script) as own:
        for client in (own, own.in_name_of(OTHER), own):
            await client.list_customers(CustomerQuery())
    assert [it.headers.get("cookie") for it in script.requests] == [None] * 3
