"""A model on a scripted API: what it is asked, what its calls do, what the report tells of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import httpx2
import pytest
from anthropic.types import ModelParam

from evals.__main__ import MODEL, main
from evals.model import MAX_REQUESTS
from evals.tasks import TASKS
from faktoora_mcp.server.app import INSTRUCTIONS
from faktoora_mcp.server.tools import TOOLS

KEY = "sk-ant-secret-4711"
Block = dict[str, Any]
Said = Callable[[Block], httpx2.Response]


def calls(tool: str, **arguments: object) -> Block:
    return {"type": "tool_use", "id": f"toolu_{tool}", "name": tool, "input": arguments}


def tells(text: str) -> Block:
    return {"type": "text", "text": text}


def says(*blocks: Block, stop: str | None = None) -> httpx2.Response:
    """A message of the model, at the price of 100 tokens in, 10 of them new, and 20 out."""
    used = any(block["type"] == "tool_use" for block in blocks)
    usage = {"input_tokens": 10, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 30}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": blocks,
        "stop_reason": stop or ("tool_use" if used else "end_turn"),
        "stop_sequence": None,
        "usage": usage | {"output_tokens": 20},
    }
    return httpx2.Response(200, json=message)


class Scripted:
    """The model's API: answers in the order of its script, the last answer again and again."""

    def __init__(self, *answers: httpx2.Response | Said) -> None:
        self._answers = list(answers)
        self.asked: list[Block] = []
        self.authorised_by = set[str]()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(json.loads(request.content))
        self.authorised_by.add(request.headers["authorization"])
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer if isinstance(answer, httpx2.Response) else answer(self.asked[-1])

    def play(self, *options: str) -> int:
        return main(options, {"ANTHROPIC_API_KEY": KEY}, httpx2.MockTransport(self))


def result(asked: Block) -> Block:
    """The last result of a tool that the model was sent."""
    return asked["messages"][-1]["content"][0]


LOOKS_UP = calls("query_customers", where=[{"field": "vatId", "op": "eq", "value": "DE202082401"}])


def deletes_the_second(asked: Block) -> httpx2.Response:
    found = json.loads(asked["messages"][2]["content"][0]["content"])
    return says(calls("delete_customer", id=found["duplicates"][0]["customers"][1]["id"]))


def test_the_model_gets_the_tools_the_instructions_the_date_and_the_wish() -> None:
    api = Scripted(says(tells("Wer weiß?")))
    api.play("--tasks", "payer_by_vat_id")
    (asked,) = api.asked
    (system,) = asked["system"]
    assert [tool["name"] for tool in asked["tools"]] == [*TOOLS]
    assert {tool["input_schema"]["type"] for tool in asked["tools"]} == {"object"}
    assert INSTRUCTIONS.splitlines()[0] in system["text"]
    assert system["text"].endswith(f"Today's date is {datetime.now(UTC).date().isoformat()}.")
    assert asked["messages"] == [{"role": "user", "content": TASKS["payer_by_vat_id"].turns[0].says}]
    assert "temperature" not in asked
    assert api.authorised_by == {f"Bearer {KEY}"}


def test_the_model_reads_what_its_call_was_answered() -> None:
    api = Scripted(says(tells("Ich sehe nach."), LOOKS_UP), says(tells("Lorenz Weinhandel GmbH")))
    assert api.play("--tasks", "payer_by_vat_id") == 0
    read = result(api.asked[1])
    assert (read["type"], read["tool_use_id"], read["is_error"]) == ("tool_result", LOOKS_UP["id"], False)
    assert '"Lorenz Weinhandel GmbH"' in read["content"]


def test_a_refused_call_reaches_the_model_as_an_error() -> None:
    api = Scripted(says(calls("find_customer")), says(tells("Es ging nicht.")))
    api.play("--tasks", "payer_by_vat_id")
    assert result(api.asked[1])["is_error"] is True
    assert json.loads(result(api.asked[1])["content"])["error"]["code"] == "not_found"


def test_the_user_answers_in_one_conversation_and_agrees_to_what_the_task_says() -> None:
    api = Scripted(
        says(calls("find_duplicate_customers")),
        says(tells("CUST-0004 und CUST-0008.")),
        deletes_the_second,
        says(tells("Gelöscht.")),
    )
    assert api.play("--tasks", "delete_one_of_two_duplicates") == 0
    roles = [message["role"] for message in api.asked[-1]["messages"]]
    assert roles == ["user", "assistant"] * 3 + ["user"]
    assert api.asked[2]["messages"][-1]["content"] == "Dann lösche bitte CUST-0008 endgültig."


def test_the_report_tells_calls_and_what_the_api_counted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    api = Scripted(
        says(LOOKS_UP),
        says(tells("Lorenz Weinhandel")),
        says(calls("find_customer")),
        says(tells("Niemand.")),
    )
    file = tmp_path / "report.json"
    assert api.play("--tasks", "payer_by_vat_id", "--repeat", "2", "--json", str(file)) == 1
    table, faults = capsys.readouterr().out.split("\n\n")
    assert table.splitlines()[0].endswith("| tokens in | cache read | cache written | tokens out |")
    assert table.splitlines()[2].startswith("| payer_by_vat_id (de) | 1/2 | 1 | 0.5")
    assert table.splitlines()[2].endswith("| 20 | 120 | 60 | 40 |")
    assert faults == "- payer_by_vat_id: the answer does not say Lorenz Weinhandel\n"
    first, second = json.loads(file.read_text("utf-8"))["trials"]
    assert first["tokens"] == {"input": 20, "cacheRead": 120, "cacheWritten": 60, "output": 40}
    assert [call["tool"] for call in first["played"]] == ["query_customers"]
    assert (first["wrong"], second["answers"]) == ([], ["Niemand."])


def test_a_model_that_never_comes_to_an_end_is_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    api = Scripted(says(calls("generate_customer_number")))
    assert api.play("--tasks", "payer_by_vat_id") == 1
    assert len(api.asked) == MAX_REQUESTS
    assert f"no answer after {MAX_REQUESTS} requests to the model" in capsys.readouterr().out


def test_an_answer_that_was_cut_off_is_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    Scripted(says(tells("Lorenz Weinhandel"), stop="max_tokens")).play("--tasks", "payer_by_vat_id")
    assert "the model stopped early: max_tokens" in capsys.readouterr().out


def test_a_refusal_of_the_api_is_told_by_kind_and_status_and_without_the_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    error = {"type": "authentication_error", "message": f"invalid x-api-key {KEY}"}
    api = Scripted(httpx2.Response(401, json={"type": "error", "error": error}))
    file = tmp_path / "report.json"
    assert api.play("--tasks", "payer_by_vat_id", "--json", str(file)) == 1
    told = capsys.readouterr()
    assert "the model could not be asked: AuthenticationError, status 401" in told.out
    assert KEY not in told.out + told.err + file.read_text("utf-8")


def test_the_default_model_is_one_that_the_sdk_names() -> None:
    assert MODEL in get_args(get_args(ModelParam)[0])
