"""One handler per operation of the API, and the sandbox's own file upload."""

import codecs
import json
from collections.abc import Iterable
from typing import NoReturn, cast
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .api_keys import api_keys
from .csv_import import read_customers, refuse_rows
from .errors import BodyTooLargeError, InvalidRequestError
from .faults import replay
from .forms import Forms
from .query import list_query, no_query, number_query, record_query
from .records import Json, Record, new_record, now, shown, with_entry_ids
from .store import Store, TakenNumbersError, taken_message
from .validation import changed_customer, import_request, new_customer

MAX_BODY_BYTES = 5 * 1024 * 1024
DEFAULT_FILE_NAME = "customers.csv"


class Handlers:
    """The store is called in a thread, since SQLite may block."""

    def __init__(self, store: Store, forms: Forms) -> None:
        self._store = store
        self._forms = forms

    async def list_customers(self, request: Request) -> Response:
        query = list_query(request.query_params, self._forms)
        total, records = await run_in_threadpool(self._store.page, query)
        omitted = self._forms.omitted_in_list
        rows: list[Json] = [shown(record, query.relations, omitted) for record in records]
        return self._page(rows, query.page, query.per_page, total)

    async def get_customer(self, request: Request) -> Response:
        relations = record_query(request.query_params)
        record = await run_in_threadpool(self._store.get, request.path_params["id"])
        return self._single(record, relations if self._forms.relations_on_get else ())

    async def create_customer(self, request: Request) -> Response:
        no_query(request.query_params)
        record = new_record(new_customer(await _json_object(request), self._forms), uuid4(), now())
        await run_in_threadpool(self._store.add, record)
        return self._single(record)

    async def update_customer(self, request: Request) -> Response:
        no_query(request.query_params)
        changes = await _json_object(request)

        def changed(current: Record) -> Record:
            return with_entry_ids(changed_customer(current, changes, self._forms), uuid4)

        return self._single(await run_in_threadpool(self._store.change, request.path_params["id"], changed))

    async def delete_customer(self, request: Request) -> Response:
        no_query(request.query_params)
        await run_in_threadpool(self._store.delete, request.path_params["id"])
        return JSONResponse({"succeed": True})

    async def generate_customer_number(self, request: Request) -> Response:
        no_query(request.query_params)
        return JSONResponse({"value": await run_in_threadpool(self._store.next_number)})

    async def verify_customer_number(self, request: Request) -> Response:
        number = number_query(request.query_params)
        return JSONResponse({"succeed": not await run_in_threadpool(self._store.is_taken, number)})

    async def import_customers(self, request: Request) -> Response:
        no_query(request.query_params)
        return await run_in_threadpool(self._import, import_request(await _json_object(request)))

    async def upload_customers_file(self, request: Request) -> Response:
        no_query(request.query_params)
        name, content = await _uploaded_file(request)
        return JSONResponse({"id": await run_in_threadpool(self._store.add_file, name, content)})

    async def list_api_keys(self, request: Request) -> Response:
        no_query(request.query_params)
        keys = api_keys(request.headers["x-api-key"], self._forms.key_days_left)
        return self._page(keys, 1, self._forms.default_per_page, len(keys))

    async def register_file(self, request: Request) -> Response:
        content = await _body(request)
        if not content:
            raise InvalidRequestError("the body must be the CSV file")
        name = request.query_params.get("name") or DEFAULT_FILE_NAME
        file_id = await run_in_threadpool(self._store.add_file, name, content)
        return JSONResponse({"fileId": file_id}, status_code=201)

    def _import(self, file_id: str) -> Response:
        file = self._store.file(file_id)
        source: Record = {"id": file.id, "name": file.name, "createdAt": file.created_at}
        created_at = now()
        rows = read_customers(file.content, self._forms)
        origin: Record = {"importedFile": source}
        records = [new_record(body | origin, uuid4(), created_at) for _, body in rows]
        try:
            self._store.add_all(records)
        except TakenNumbersError as error:
            taken = error.numbers.items()
            refuse_rows([(rows[position][0], taken_message(number)) for position, number in taken])
        return JSONResponse([shown(record, (), self._forms.omitted_on_get) for record in records])

    def _single(self, record: Record, relations: Iterable[str] = ()) -> Response:
        return JSONResponse(shown(record, relations, self._forms.omitted_on_get))

    def _page(self, rows: list[Json], page: int, per_page: int, total: int) -> Response:
        pages = -(-total // per_page)
        if self._forms.envelope == "bare":
            return JSONResponse(rows, headers={"X-Total-Count": str(total)})
        if self._forms.envelope == "results":
            pagination = {"page": page, "pageSize": per_page, "rowCount": total, "pageCount": pages}
            return JSONResponse({"results": rows, "pagination": pagination})
        meta = {"page": page, "perPage": per_page, "totalItems": total, "totalPages": pages}
        return JSONResponse({"data": rows, "meta": meta})


async def _json_object(request: Request) -> Record:
    content = await _body(request)
    try:
        body = json.loads(content.removeprefix(codecs.BOM_UTF8), parse_constant=_refuse_constant)
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("the body must be valid JSON in UTF-8") from error
    if not isinstance(body, dict):
        raise InvalidRequestError("the body must be a JSON object")
    return cast("Record", body)


async def _uploaded_file(request: Request) -> tuple[str, bytes]:
    """Name and content of the part `file`."""
    whole = Request(request.scope, replay(await _body(request)))
    try:
        async with whole.form() as form:
            file = form.get("file")
            if isinstance(file, UploadFile):
                return file.filename or DEFAULT_FILE_NAME, await file.read()
    except HTTPException as error:
        raise InvalidRequestError("the body must be multipart/form-data") from error
    raise InvalidRequestError('"file" is required and must be a file')


async def _body(request: Request) -> bytes:
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MAX_BODY_BYTES:
            raise BodyTooLargeError(f"the body must not exceed {MAX_BODY_BYTES} bytes")
    return bytes(chunks)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
