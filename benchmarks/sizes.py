"""What a model reads, in bytes and tokens: tools, instructions, typical answers and errors."""

import json
from collections.abc import Callable, Iterable
from typing import Any, cast

from benchmarks.cases import ANSWERS, ERRORS, NOT_CREATED, UNKNOWN, UNREACHABLE, Case
from benchmarks.contenders import OURS, Contender, Field
from benchmarks.counted_api import CountedApi
from benchmarks.load import Load
from benchmarks.pipes import Params, Peer, spawned
from benchmarks.report import Row, Section, Unit
from tests.tokens import count_tokens, tokenizer_installed

API_SENT = "the API, for ours"
FOR_MODELS = ("name", "description", "inputSchema")
Texts = dict[str, dict[str, str]]
"""By kind, then by contender."""


async def sizes(field: Field, _: str, __: Load) -> list[Section]:
    texts: Texts = {}
    for place in range(len(field.api_servers(""))):
        with CountedApi() as api:
            server = field.api_servers(api.url)[place]
            async with spawned(server.command, server.env | {"FAKTOORA_RECONCILE_S": "1"}) as peer:
                await _definitions(peer, server, texts)
                await _answers(peer, server, api, texts)
    sections = [_section("size", "B", texts, lambda every: [len(text.encode()) for text in every])]
    if not tokenizer_installed():
        return sections
    return [*sections, _section("tokens (o200k)", "tokens", texts, count_tokens)]


async def _definitions(peer: Peer, server: Contender, texts: Texts) -> None:
    greeting = await peer.initialize()
    tools = cast("list[dict[str, Any]]", (await peer.result("tools/list", {}))["tools"])
    shown = [{name: one[name] for name in FOR_MODELS if name in one} for one in tools]
    outputs = [one["outputSchema"] for one in tools if "outputSchema" in one]
    for name, text in {
        "instructions": str(greeting.get("instructions") or ""),
        "tools/list: names, descriptions, input schemas": _compact(shown),
        "tools/list: output schemas": _compact(outputs),
    }.items():
        texts.setdefault(name, {})[server.name] = text


async def _answers(peer: Peer, server: Contender, api: CountedApi, texts: Texts) -> None:
    for case in (*ANSWERS, *ERRORS):
        await _answer(peer, server, api, case, texts)
    api.failing = True
    await _answer(peer, server, api, NOT_CREATED, texts)
    api.losing = True
    await _answer(peer, server, api, UNKNOWN, texts)
    api.close()
    await _answer(peer, server, api, UNREACHABLE, texts)


async def _answer(peer: Peer, server: Contender, api: CountedApi, case: Case, texts: Texts) -> None:
    ours = server.name == OURS
    if (params := case.ours if ours else case.api) is None:
        return
    api.sent = b""
    result = await peer.result("tools/call", params)
    texts.setdefault(case.title, {})[server.name] = text = _text(result)
    _check(case, text, ours=ours, failed=bool(result.get("isError")))
    if ours:
        texts[case.title][API_SENT] = api.sent.decode()


def _check(case: Case, text: str, *, ours: bool, failed: bool) -> None:
    """The answer is the expected one; a mirror of the API may succeed where we answer an error."""
    fits = f'"code":"{case.code}"' in text if ours and case.code else failed <= bool(case.code)
    if not fits:
        raise RuntimeError(f"{case.title}: {text}")


def _text(result: Params) -> str:
    """The part of an answer that a model reads."""
    return "".join(block["text"] for block in cast("list[dict[str, str]]", result["content"]))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _section(title: str, unit: Unit, texts: Texts, measure: Callable[[list[str]], Iterable[int]]) -> Section:
    sizes = iter(measure([text for said in texts.values() for text in said.values()]))
    return Section(
        title, [Row(name, unit, {who: next(sizes) for who in said}) for name, said in texts.items()]
    )
