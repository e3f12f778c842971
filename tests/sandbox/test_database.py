"""Database files: reopened, shared by threads and processes, refused if they are something else."""

import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from faktoora_mcp.sandbox.app import create_app, register_file
from faktoora_mcp.sandbox.database import Database
from faktoora_mcp.sandbox.errors import InvalidRequestError
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED, Forms
from faktoora_mcp.sandbox.query import ListQuery
from faktoora_mcp.sandbox.records import Record, new_record, now
from faktoora_mcp.sandbox.store import Store
from tests.sandbox.clients import client

pytestmark = pytest.mark.anyio


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def _record(**fields: str) -> Record:
    place: Record = {
        "address": "Weg 1",
        "postcode": "10115",
        "city": "Berlin",
        "extras": {},
        "isCompany": True,
    }
    return new_record(place | fields, uuid4(), now())


async def test_a_file_keeps_what_was_written(tmp_path: Path, acme: dict[str, object]) -> None:
    db = tmp_path / "sandbox.sqlite"
    app = create_app(db, customers=5)
    async with client(app) as api:
        created = (await api.post("/customer", json=acme)).json()
    app.state.close()
    again = create_app(db, customers=500, seed=9)
    async with client(again) as api:
        assert (await api.get("/customers")).json()["meta"]["totalItems"] == 6
        assert (await api.get("/customers?keywords[]=acme")).json()["data"] == [created]
    again.state.close()
    assert _names(tmp_path) == ["sandbox.sqlite"]


async def test_the_search_index_holds_exactly_what_is_stored(
    tmp_path: Path, acme: dict[str, object], forms: Forms
) -> None:
    db = tmp_path / "sandbox.sqlite"
    app = create_app(db, customers=5, forms=forms)
    async with client(app) as api:
        kept, gone = [(await api.post("/customer", json=acme)).json()["id"] for _ in range(2)]
        await api.patch(f"/customer/{kept}", json=acme | {"name": "Quitte GmbH"})
        await api.delete(f"/customer/{gone}")
        await api.post("/customers/import", json={"fileId": "550e8400-e29b-41d4-a716-446655440000"})
        await api.post("/customer", json=acme)
    app.state.close()
    connection = sqlite3.connect(db)
    connection.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    connection.close()


async def test_a_file_may_be_reopened_with_other_forms(tmp_path: Path, acme: dict[str, object]) -> None:
    found: list[int] = []
    for forms in (DOCUMENTED, CURRENT, CURRENT, DOCUMENTED):
        app = create_app(tmp_path / "sandbox.sqlite", customers=5, forms=forms)
        async with client(app) as api:
            await api.post("/customer", json=acme | {"city": "Münchenbach"})
            found.append((await api.get("/customers?keywords[]=munchenb")).json()["meta"]["totalItems"])
        app.state.close()
    assert found == [1, 0, 0, 4]


async def test_two_apps_on_one_file_see_each_other(tmp_path: Path, acme: dict[str, object]) -> None:
    first, second = (create_app(tmp_path / "sandbox.sqlite", customers=0) for _ in range(2))
    async with client(first) as one, client(second) as other:
        created = (await one.post("/customer", json=acme)).json()
        assert (await other.get(f"/customer/{created['id']}")).json() == created
    first.state.close()
    second.state.close()


async def test_a_registered_file_can_be_imported(tmp_path: Path) -> None:
    db = tmp_path / "sandbox.sqlite"
    app = create_app(db, customers=0)
    file_id = register_file(db, "liste.csv", "Firma;Straße;PLZ;Ort\nÄ;Weg 1;10115;Berlin\n".encode())
    async with client(app) as api:
        answer = await api.post("/customers/import", json={"fileId": file_id})
    app.state.close()
    assert [row["name"] for row in answer.json()] == ["Ä"]


def test_registering_needs_an_existing_database(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no sandbox database"):
        register_file(tmp_path / "nothing.sqlite", "a.csv", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    db = tmp_path / "other.sqlite"
    with sqlite3.connect(db) as connection:
        connection.execute("CREATE TABLE treasure (gold)")
    connection.close()
    with pytest.raises(OSError, match="not one of this version of the sandbox"):
        create_app(db)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    db = tmp_path / "letter.txt"
    db.write_text("Sehr geehrte Damen und Herren, " * 100)
    before = db.read_bytes()
    with pytest.raises(OSError, match=r"letter\.txt is not usable as the sandbox's database"):
        create_app(db)
    assert db.read_bytes() == before


async def test_the_end_of_the_lifespan_closes_the_database(tmp_path: Path) -> None:
    app = create_app(tmp_path / "sandbox.sqlite", customers=0)
    async with app.router.lifespan_context(app), client(app) as api:
        assert (await api.get("/customers")).status_code == 200
    assert _names(tmp_path) == ["sandbox.sqlite"]
    app.state.close()


@pytest.mark.parametrize("in_memory", [True, False])
async def test_requests_at_once_lose_nothing(
    tmp_path: Path,
    acme: dict[str, object],
    in_memory: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    app = create_app(None if in_memory else tmp_path / "sandbox.sqlite", customers=0)
    statuses: list[int] = []
    async with client(app) as api:

        async def create(number: int) -> None:
            answer = await api.post("/customer", json=acme | {"customerId": f"{number % 30:03d}"})
            statuses.append(answer.status_code)
            assert (await api.get("/customers?sort=name&keywords[]=acme")).status_code == 200

        async with anyio.create_task_group() as tasks:
            for number in range(60):
                tasks.start_soon(create, number)
        assert (await api.get("/customers")).json()["meta"]["totalItems"] == 30
    app.state.close()
    assert sorted(statuses) == [200] * 30 + [400] * 30


async def test_updates_at_once_do_not_overwrite_each_other(tmp_path: Path, acme: dict[str, object]) -> None:
    app = create_app(tmp_path / "sandbox.sqlite", customers=0)
    fields = ["name", "city", "email", "phoneNo", "vatId", "taxId", "note", "category", "title", "gender"]
    async with client(app) as api:
        path = f"/customer/{(await api.post('/customer', json=acme)).json()['id']}"

        async def change(field: str) -> None:
            assert (await api.patch(path, json={field: "changed"})).status_code == 200

        async with anyio.create_task_group() as tasks:
            for field in fields:
                tasks.start_soon(change, field)
        record = (await api.get(path)).json()
    app.state.close()
    assert {record[field] for field in fields} == {"changed"}


def test_threads_never_get_the_same_number(tmp_path: Path) -> None:
    db = tmp_path / "sandbox.sqlite"
    create_app(db, customers=0).state.close()
    database = Database(db)
    store = Store(database, DOCUMENTED)
    with ThreadPoolExecutor(12) as threads:
        numbers = list(threads.map(_add_with_next_number, [store] * 60))
    database.close()
    assert sorted(numbers) == [f"{number:03d}" for number in range(1, 61)]


def _add_with_next_number(store: Store) -> str:
    while True:
        number = store.next_number()
        try:
            store.add(_record(customerId=number))
        except InvalidRequestError:
            continue
        return number


WRITER = """
    import sys
    from pathlib import Path
    import anyio, httpx
    from faktoora_mcp.sandbox.app import create_app

    async def main(db, name):
        app = create_app(Path(db), customers=20)
        transport = httpx.ASGITransport(app=app)
        body = {"isCompany": True, "name": name, "address": "Weg 1", "postcode": "1", "city": "X"}
        body["extras"] = {}
        url, headers = "http://sandbox/api/v1", {"X-API-KEY": "any"}
        async with httpx.AsyncClient(transport=transport, base_url=url, headers=headers) as api:
            for number in range(60):
                own = await api.post("/customer", json=body | {"customerId": f"{name}-{number}"})
                shared = await api.post("/customer", json=body | {"customerId": f"shared-{number}"})
                print(own.status_code, shared.status_code)
        app.state.close()

    anyio.run(main, *sys.argv[1:])
"""


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_create_one_new_file_and_write_to_it_at_once(tmp_path: Path) -> None:
    db = tmp_path / "sandbox.sqlite"
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(WRITER), str(db)]
    writers = [_started([*command, name]) for name in ("one", "two")]
    lines = [line.split() for writer in writers for line in writer.communicate(timeout=120)[0].splitlines()]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert [own for own, _ in lines] == ["200"] * 120
    assert sorted(shared for _, shared in lines) == ["200"] * 60 + ["400"] * 60
    database = Database(db)
    assert Store(database, DOCUMENTED).page(ListQuery())[0] == 20 + 120 + 60
    database.close()


async def test_reading_goes_on_while_an_import_writes(tmp_path: Path) -> None:
    db = tmp_path / "sandbox.sqlite"
    app = create_app(db, customers=0)
    rows = "".join(f"Firma {number};Weg 1;10115;Berlin\n" for number in range(3000))
    file_id = register_file(db, "big.csv", f"Firma;Straße;PLZ;Ort\n{rows}".encode())
    seen: set[int] = set()
    async with client(app) as api, anyio.create_task_group() as tasks:
        finished = anyio.Event()

        async def run() -> None:
            answer = await api.post("/customers/import", json={"fileId": file_id})
            assert len(answer.json()) == 3000
            finished.set()

        tasks.start_soon(run)
        while not finished.is_set():
            seen.add((await api.get("/customers")).json()["meta"]["totalItems"])
        seen.add((await api.get("/customers")).json()["meta"]["totalItems"])
    app.state.close()
    assert seen == {0, 3000}


@pytest.mark.parametrize("fails", [ValueError, KeyboardInterrupt])
def test_a_transaction_that_fails_leaves_nothing_and_gives_its_connection_back(
    fails: type[BaseException],
) -> None:
    database = Database(None)

    def run(statement: Callable[[sqlite3.Connection], None]) -> None:
        with database.transaction("IMMEDIATE") as connection:
            statement(connection)

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (done)")
        raise fails

    with pytest.raises(fails):
        run(fail)
    run(lambda connection: connection.execute("CREATE TABLE half (done)").close())
    database.close()


def test_closing_twice_is_harmless_and_does_not_wait() -> None:
    app = create_app(customers=1)
    started = time.monotonic()
    app.state.close()
    app.state.close()
    assert time.monotonic() - started < 5
