"""`faktoora-mcp sandbox` with the options that change what the API answers."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.commands import run
from tests.processes import served_sandbox

ACME: dict[str, object] = {
    "isCompany": True,
    "name": "Acme GmbH",
    "address": "Musterstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "extras": {},
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served_sandbox("--customers", "3", "--dialect", "current", "--late-writes", "0") as url:
        yield url


@pytest.fixture
def api(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"X-API-KEY": "any"}) as api:
        yield api


def test_the_dialect_current_has_pages_of_25_and_lists_keys(api: httpx.Client) -> None:
    assert api.get("/customers").json()["meta"]["perPage"] == 25
    assert api.get("/apikeys").status_code == 200


def test_late_writes_are_answered_504_and_applied_at_the_next_request(api: httpx.Client) -> None:
    assert api.post("/customer", json=ACME).status_code == 504
    assert api.get("/customers").json()["meta"]["totalItems"] == 4


def test_a_csv_file_is_uploaded_in_every_dialect(url: str, tmp_path: Path) -> None:
    file = tmp_path / "kunden.csv"
    file.write_text("Firma;Straße;PLZ;Ort\nA;Weg 1;10115;Berlin\n")
    done = run("sandbox", "upload", str(file), "--url", url)
    assert (done.returncode, len(done.stdout.strip())) == (0, 36)
