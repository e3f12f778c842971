"""Lists of customers over HTTP: from the chat, never from the files of the server's machine."""

from pathlib import Path

import pytest

from faktoora_mcp.settings import Settings
from tests.agents import ERAS
from tests.remote.serving import caller, served
from tests.writes.many.lists import csv_of, firms

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("era", ERAS)
async def test_a_list_may_come_from_the_chat_but_not_from_a_file(era: str, tmp_path: Path) -> None:
    (tmp_path / "kunden.csv").write_text(csv_of(firms(2)), encoding="utf-8")
    with served(Settings(sandbox=True, files=tmp_path)) as url:
        async with caller(era, url) as someone:
            error = await someone.fails("import_customers", path="kunden.csv")
            answer = await someone.call("import_customers", csv=csv_of(firms(2)), dry_run=False)
    assert error["fields"] == {"path": "this server reads no files"}
    assert answer["counts"] == {"total": 2, "created": 2}
