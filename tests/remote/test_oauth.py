"""Callers with access tokens: whose key they get, what they may do, and which tokens are refused."""

import json
import os
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from faktoora_mcp.server.remote.oauth import INVALID, NO_FIRM
from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.settings import SettingsError
from tests.agents import ERAS
from tests.remote.issuer import AUDIENCE, Issuer, issuing, new_key
from tests.remote.serving import caller, served

pytestmark = pytest.mark.anyio
FIRMS = {
    "claim": "org",
    "firms": {
        "firm-a": {"api_key": "faktoora-key-of-a"},
        "firm-b": {"api_key": "faktoora-key-of-b", "read_only": True},
    },
}
NEW = {"isCompany": True, "name": "Probe GmbH", "address": "Weg 1", "postcode": "20457", "city": "Hamburg"}


@dataclass
class Office:
    """A server for firms with their own issuer of tokens."""

    issuer: Issuer
    url: str
    key_map: Path

    async def post(self, token: str | None = None, key: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient() as client:
            return await client.post(self.url, json={}, headers=headers | ({"X-API-KEY": key} if key else {}))

    async def status(self, token: str) -> int:
        return (await self.post(token)).status_code


@pytest.fixture
def office(tmp_path: Path) -> Generator[Office]:
    key_map = tmp_path / "firms.json"
    key_map.write_text(json.dumps(FIRMS))
    with issuing() as issuer:
        options: dict[str, object] = {
            "auth": "oauth",
            "oauth_issuer": issuer.url,
            "oauth_audience": AUDIENCE,
            "public_url": "https://mcp.firm.example",
            "key_map": key_map,
        }
        with served(None, None, **options) as url:
            yield Office(issuer, url, key_map)


PASSED = 400
"""An empty request is no MCP: who gets this far was let in."""


async def test_a_valid_token_is_let_in(office: Office) -> None:
    assert await office.status(office.issuer.token()) == PASSED


@pytest.mark.parametrize("era", ERAS)
async def test_people_of_one_firm_share_its_customers_and_others_do_not_see_them(
    office: Office, era: str
) -> None:
    found: dict[str, int] = {}
    for name, firm in (("anna", "firm-a"), ("bernd", "firm-a"), ("carla", "firm-b")):
        token = office.issuer.token(sub=name, org=firm)
        async with caller(era, office.url, "", Authorization=f"Bearer {token}") as someone:
            if name == "anna":
                await someone.call("create_customer", customer=NEW)
            found[name] = len((await someone.call("list_customers", keywords=["Probe GmbH"]))["rows"])
    assert found == {"anna": 1, "bernd": 1, "carla": 0}


class TestMetadata:
    async def test_it_names_the_issuer_for_who_comes_without_a_token(self, office: Office) -> None:
        refused = await office.post()
        address = f'resource_metadata="{AUDIENCE}/.well-known/oauth-protected-resource/mcp"'
        assert (refused.status_code, address in refused.headers["WWW-Authenticate"]) == (401, True)
        async with httpx.AsyncClient() as client:
            told = await client.get(
                office.url.removesuffix("/mcp") + "/.well-known/oauth-protected-resource/mcp"
            )
        assert told.json()["authorization_servers"] == [office.issuer.url]
        assert told.json()["resource"] == f"{AUDIENCE}/mcp"

    @pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
    async def test_who_only_knocks_is_told_where_to_sign_in_as_well(
        self, office: Office, method: str
    ) -> None:
        async with httpx.AsyncClient() as client:
            refused = await client.request(method, office.url)
        assert (refused.status_code, "resource_metadata" in refused.headers["WWW-Authenticate"]) == (
            401,
            True,
        )


class TestForgedTokens:
    @pytest.mark.parametrize(
        "claims",
        [
            {"aud": "https://other.example"},
            {"aud": None},
            {"iss": "https://other.example"},
            {"iss": None},
            {"exp": int(time.time()) - 3600},
            {"exp": None},
            {"nbf": int(time.time()) + 3600},
            {"sub": None},
        ],
        ids=lambda claims: next(iter(claims)),
    )
    async def test_claims_that_do_not_fit_are_refused(
        self, office: Office, claims: dict[str, object]
    ) -> None:
        refused = await office.post(office.issuer.token(**claims))
        assert (refused.status_code, refused.json()["error"]["message"]) == (401, INVALID)
        assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]

    async def test_an_unsigned_token_is_refused(self, office: Office) -> None:
        assert await office.status(office.issuer.unsigned_token()) == 401

    async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(self, office: Office) -> None:
        assert await office.status(office.issuer.confused_token()) == 401

    @pytest.mark.parametrize(
        "kid", ["first", "../keys", "http://127.0.0.1:9/keys", "/etc/passwd", "", "x" * 5000]
    )
    async def test_a_key_that_the_issuer_does_not_have_is_refused(self, office: Office, kid: str) -> None:
        assert await office.status(office.issuer.token(kid, new_key())) == 401

    @pytest.mark.parametrize("token", ["a.b.c", "eyJhbGciOiJSUzI1NiJ9", "faktoora-key-of-a", "x" * 9000])
    async def test_what_is_no_token_is_refused(self, office: Office, token: str) -> None:
        assert await office.status(token) == 401

    async def test_a_faktoora_key_is_no_token(self, office: Office) -> None:
        refused = await office.post(key="faktoora-key-of-a")
        assert refused.status_code == 401
        assert "access token" in refused.json()["error"]["message"]

    async def test_made_up_key_ids_do_not_read_the_keys_each_time(self, office: Office) -> None:
        for place in range(20):
            await office.status(office.issuer.token(f"made-up-{place}", office.issuer.keys["first"]))
        assert office.issuer.asked.count("/keys") <= 1


class TestScopes:
    async def test_without_the_scope_to_read_there_is_no_access(self, office: Office) -> None:
        refused = await office.post(office.issuer.token(scope="profile"))
        assert refused.status_code == 403
        assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]

    async def test_scopes_may_come_as_a_list(self, office: Office) -> None:
        assert await office.status(office.issuer.token(scope=None, scp=["customers:read"])) == PASSED

    @pytest.mark.parametrize("era", ERAS)
    @pytest.mark.parametrize(
        "claims", [{"scope": "customers:read"}, {"org": "firm-b"}], ids=["scope", "firm"]
    )
    async def test_who_may_only_read_is_offered_no_more_and_can_do_no_more(
        self, office: Office, era: str, claims: dict[str, object]
    ) -> None:
        token = office.issuer.token(**claims)
        async with caller(era, office.url, "", Authorization=f"Bearer {token}") as reader:
            offered = {tool.name for tool in (await reader.client.list_tools()).tools}
            refused = await reader.fails("create_customer", customer=NEW)
        assert ("list_customers" in offered, "create_customer" in offered) == (True, False)
        assert refused["code"] == "read_only"


class TestFirms:
    @pytest.mark.parametrize("org", ["firm-x", None, 7, ["firm-a"], {"firm-a": 1}])
    async def test_a_token_of_no_firm_here_is_refused(self, office: Office, org: object) -> None:
        refused = await office.post(office.issuer.token(org=org))
        assert (refused.status_code, refused.json()["error"]["message"]) == (403, NO_FIRM)

    async def test_a_firm_is_added_and_removed_without_a_restart(self, office: Office) -> None:
        firms = {"claim": "org", "firms": {"firm-c": {"api_key": "faktoora-key-of-c"}}}
        office.key_map.write_text(json.dumps(firms))
        os.utime(office.key_map, (1, 1))
        assert await office.status(office.issuer.token(org="firm-c")) == PASSED
        assert await office.status(office.issuer.token(org="firm-a")) == 403

    async def test_a_file_that_is_damaged_later_changes_nothing(self, office: Office) -> None:
        office.key_map.write_text("{")
        os.utime(office.key_map, (1, 1))
        assert await office.status(office.issuer.token()) == PASSED

    async def test_a_key_in_a_file_is_read_for_every_call(self, office: Office, tmp_path: Path) -> None:
        file = tmp_path / "key-of-d"
        firms = {"claim": "org", "firms": {"firm-d": {"api_key_file": str(file)}}}
        office.key_map.write_text(json.dumps(firms))
        os.utime(office.key_map, (1, 1))
        missing = await office.status(office.issuer.token(org="firm-d"))
        file.write_text("faktoora-key-of-d\n")
        assert (missing, await office.status(office.issuer.token(org="firm-d"))) == (503, PASSED)

    @pytest.mark.parametrize("era", ERAS)
    async def test_a_key_that_was_replaced_is_used_by_the_next_call_of_the_same_client(
        self, office: Office, era: str, tmp_path: Path
    ) -> None:
        file, found = tmp_path / "key-of-d", list[int]()
        firms = {"claim": "org", "firms": {"firm-d": {"api_key_file": str(file)}}}
        office.key_map.write_text(json.dumps(firms))
        os.utime(office.key_map, (1, 1))
        file.write_text("faktoora-key-of-d")
        token = office.issuer.token(org="firm-d")
        async with caller(era, office.url, "", Authorization=f"Bearer {token}") as someone:
            await someone.call("create_customer", customer=NEW)
            for key in ("faktoora-key-of-d", "another-key-of-d"):
                file.write_text(key)
                found.append(len((await someone.call("list_customers", keywords=["Probe GmbH"]))["rows"]))
        assert found == [1, 0]


@pytest.mark.parametrize("name", ["OAUTH_ISSUER", "PUBLIC_URL"])
@pytest.mark.parametrize("url", ["http://id.firm.example", "id.firm.example", "https://a:b@id.firm.example"])
def test_addresses_over_which_keys_could_be_forged_or_read_are_refused(name: str, url: str) -> None:
    with pytest.raises(SettingsError, match=f"FAKTOORA_{name}"):
        RemoteSettings.from_variables({f"FAKTOORA_{name}": url})


def test_an_issuer_stays_as_it_is_written() -> None:
    given = RemoteSettings.from_variables({"FAKTOORA_OAUTH_ISSUER": "https://id.firm.example/"})
    assert given.oauth_issuer == "https://id.firm.example/"
