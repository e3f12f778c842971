"""An API whose customers are stamped by clocks that are wrong by hours, in either direction."""

import json
from datetime import datetime, timedelta
from typing import cast

import httpx
from pydantic import JsonValue

Record = dict[str, JsonValue]


class SkewedClock(httpx.AsyncBaseTransport):
    """The API before it, whose customers are created by a clock that is wrong by `hours`."""

    def __init__(self, api: httpx.AsyncBaseTransport) -> None:
        self._api = api
        self._shifts: dict[str, timedelta] = {}
        self.hours = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._api.handle_async_request(request)
        content = await answer.aread()
        if not answer.is_success or not (self._shifts or self.hours):
            return answer
        body: JsonValue = json.loads(content)
        if request.method == "POST":
            shift = timedelta(hours=self.hours)
            self._shifts |= {str(record["id"]): shift for record in _records(body)}
        for record in _records(body):
            self._stamp(record)
        if request.url.params.get("sort") == "createdAt":
            _sort(body, newest_first=request.url.params.get("order") == "desc")
        return httpx.Response(answer.status_code, json=body)

    def _stamp(self, record: Record) -> None:
        if shift := self._shifts.get(str(record["id"])):
            moment = datetime.fromisoformat(str(record["createdAt"])) + shift
            record["createdAt"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _records(body: JsonValue) -> list[Record]:
    """The customers of an answer: of a page, of an import, or the one."""
    rows = body.get("data", [body]) if isinstance(body, dict) else body
    return [row for row in cast("list[Record]", rows) if "createdAt" in row]


def _sort(body: JsonValue, *, newest_first: bool) -> None:
    """Order a page that holds all customers there are."""
    rows = cast("dict[str, list[Record]]", body)["data"]
    rows.sort(key=lambda record: str(record["createdAt"]), reverse=newest_first)
