"""SECURITY.md names tests for what it promises, and each of them is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SECURITY = (ROOT / "SECURITY.md").read_text("utf-8")
PROMISED = SECURITY.partition("## What is promised")[2].partition("\n## ")[0]
ROWS = [row for row in PROMISED.splitlines() if row.startswith("| ")][2:]


@pytest.mark.parametrize("row", ROWS)
def test_each_promise_names_tests_that_exist(row: str) -> None:
    named = re.findall(r"`(tests/[^`]+)`", row)
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
