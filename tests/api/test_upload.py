"""The upload of a CSV file: its form, its repetition, and an API without the route."""

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import cast

import httpx
import pytest

from faktoora_mcp.api.client import FaktooraClient
from faktoora_mcp.errors import (
    FaktooraError,
    InvalidInput,
    NotFound,
    Unauthorized,
    Unreachable,
    UpstreamUnreadable,
)
from faktoora_mcp.sandbox.app import create_app
from faktoora_mcp.sandbox.forms import CURRENT, DOCUMENTED
from tests.scripted import KEY, Reply, Script, reply, settings

pytestmark = pytest.mark.anyio

FILE_ID = "550e8400-e29b-41d4-a716-446655440000"
ROUTE = "POST /customers/import/upload"
CSV = "Firma;Straße;PLZ;Ort;Land\r\nZweitfirma GmbH;Weg 1;20095;Hamburg;DE\r\n".encode("cp1252")


async def uploaded(script: Script, name: str = "kunden.csv", content: bytes = CSV) -> str:
    async with FaktooraClient(settings(), script) as api:
        return await api.upload_customers_file(name, content)


async def failed(*replies: Reply) -> tuple[FaktooraError, list[str]]:
    script = Script(*replies)
    with pytest.raises(FaktooraError) as caught:
        await uploaded(script)
    return caught.value, script.calls


def part(request: httpx.Request) -> EmailMessage:
    """The only part of a form, as a library reads it that is not ours."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + request.content)
    (only,) = form.iter_parts()
    return cast("EmailMessage", only)


async def test_the_file_is_sent_as_the_part_file_of_a_form() -> None:
    script = Script(reply({"id": FILE_ID}))
    assert await uploaded(script) == FILE_ID
    assert script.calls == [ROUTE]
    (request,) = script.requests
    sent = part(request)
    assert (sent["content-disposition"].params, sent.get_content_type()) == (
        {"name": "file", "filename": "kunden.csv"},
        "text/csv",
    )
    assert sent.get_payload(decode=True) == CSV
    assert request.headers["content-length"] == str(len(request.content))
    assert KEY.encode() not in request.content


@pytest.mark.parametrize("name", ["Kunden März.csv", 'a"b.csv', "a\r\nX-Evil: 1.csv", "", "\u65e5.csv"])
async def test_no_name_of_a_file_breaks_the_form(name: str) -> None:
    script = Script(reply({"id": FILE_ID}))
    await uploaded(script, name)
    assert [*part(script.requests[0])] == ["Content-Disposition", "Content-Type"]


async def test_a_name_that_cannot_be_written_down_is_refused_before_the_network() -> None:
    script = Script()
    with pytest.raises(InvalidInput):
        await uploaded(script, "\ud83d.csv")


@pytest.mark.parametrize("body", [{"fileId": FILE_ID}, {"id": FILE_ID, "name": "kunden.csv"}])
async def test_the_id_of_the_file_has_one_of_two_names(body: object) -> None:
    assert await uploaded(Script(reply(body, 201))) == FILE_ID


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": " "}, {"succeed": True}, [FILE_ID], "ok"])
async def test_an_answer_without_an_id_is_unreadable(body: object) -> None:
    error, calls = await failed(reply(body))
    assert (type(error), len(calls)) == (UpstreamUnreadable, 1)


@pytest.mark.parametrize("fault", [httpx.ReadError(""), reply({}, 500), reply({}, 503), reply({}, 429)])
async def test_an_upload_is_repeated_whole_after_a_passing_fault(fault: Reply) -> None:
    script = Script(fault, reply({"id": FILE_ID}))
    assert await uploaded(script) == FILE_ID
    assert [part(request).get_payload(decode=True) for request in script.requests] == [CSV, CSV]


async def test_an_upload_that_stays_without_an_answer_ends_as_a_fault() -> None:
    error, calls = await failed(*[httpx.ReadError("")] * 5)
    assert (type(error), len(calls)) == (Unreachable, 5)


async def test_a_refusal_after_a_lost_answer_is_told_as_it_is() -> None:
    error, _ = await failed(httpx.ReadError(""), reply({}, 401))
    assert type(error) is Unauthorized


@pytest.mark.parametrize("status", [404, 405])
async def test_an_api_without_the_route_says_where_to_upload_instead(status: int) -> None:
    error, calls = await failed(reply({"message": "Cannot POST"}, status))
    assert (type(error), error.message, error.advice, len(calls)) == (
        NotFound,
        "This API takes no uploads.",
        "Upload the CSV file in faktoora, which shows its fileId.",
        1,
    )


async def test_progress_is_told_piece_by_piece_and_anew_for_each_attempt() -> None:
    content, sent = b"a;b\r\n" * 40_000, list[tuple[int, int]]()

    def on_sent(done: int, size: int) -> None:
        sent.append((done, size))

    script = Script(httpx.ReadError(""), reply({"id": FILE_ID}))
    async with FaktooraClient(settings(), script) as api:
        await api.upload_customers_file("kunden.csv", content, on_sent)
    steps = [(least, 200_000) for least in (65_536, 131_072, 196_608, 200_000, 200_000)]
    assert sent == steps * 2


async def test_an_uploaded_file_is_imported_by_its_id() -> None:
    app = create_app(forms=CURRENT)
    async with FaktooraClient(settings(), httpx.ASGITransport(app)) as api:
        file_id = await api.upload_customers_file("kunden.csv", CSV)
        (created,) = await api.import_customers(file_id)
    app.state.close()
    assert created.name == "Zweitfirma GmbH"


async def test_the_specified_api_takes_no_uploads() -> None:
    app = create_app(forms=DOCUMENTED)
    async with FaktooraClient(settings(), httpx.ASGITransport(app)) as api:
        with pytest.raises(NotFound, match="takes no uploads"):
            await api.upload_customers_file("kunden.csv", CSV)
    app.state.close()
