"""What the tool list costs a model in tokens (o200k); tests/test_budgets.py counts bytes without Node."""

import json

import pytest
from mcp.types import Tool

from benchmarks import budgets
from faktoora_mcp.server.definitions import definitions
from tests.outside.programs import HERE, Programs

pytestmark = pytest.mark.outside


def read(tools: list[Tool]) -> str:
    """What a model reads of the tools before it calls one."""
    shown = [
        {"name": one.name, "description": one.description, "inputSchema": one.input_schema} for one in tools
    ]
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def test_the_tool_list_stays_within_its_budget_of_tokens(programs: Programs) -> None:
    every = definitions()
    single = [tool for name, tool in every.items() if name not in budgets.FOR_MANY]
    texts = json.dumps([read(single), read([*every.values()])])
    tokens = json.loads(programs.run(HERE / "count_tokens.mjs", stdin=texts).stdout)
    assert tokens[0] <= budgets.SINGLE_TOOLS_TOKENS
    assert tokens[1] <= budgets.TOOLS_TOKENS
