"""What is counted of a trial, and how it stands beside the previous version."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic_core import to_json

from benchmarks.budgets import FOR_MANY
from evals.__main__ import PREVIOUS, main
from evals.context import Figures, figures_of
from evals.report import Previous, Run, as_previous, table
from evals.task import Call, Outcome, Task, Turn
from evals.tasks import TASKS
from evals.trial import Played, Trial
from tests.faulty import Base
from tests.tokens import count_tokens, tokenizer_installed

NEEDS_TOKENIZER = pytest.mark.skipif(
    not tokenizer_installed(), reason=".ci/node has not installed the tokenizer"
)
HEAD = "| task | solved | calls | refused | tools | answers | context | of previous |"
LISTED, SAYS, ARGUMENTS, ANSWER, TOLD = 1000, 10, len('{"id":"1"}'), 100, 20
CALL = Call("get_customer", {"id": "1"})


def trial(
    *, turns: int = 1, calls: int = 2, many: bool = False, name: str = "some", solved: bool = True
) -> Trial:
    """So many turns of so many calls, each text of the length above."""
    turn = Turn("s" * SAYS, (CALL,) * calls, "t" * TOLD)
    task = Task(name, "de", (turn,) * turns, (lambda _: None if solved else "not done",), many=many)
    empty: Base = {}
    outcome = Outcome((empty,) * (turns + 1), (turn.answer,) * turns)
    played = [Played(CALL.tool, CALL.arguments, '{"a":"' + "x" * (ANSWER - 8) + '"}', refused=False)]
    ends = [calls * (each + 1) for each in range(turns)]
    return Trial(task, outcome, "i" * LISTED, played * calls * turns, ends, None)


def figures(*trials: Trial) -> list[Figures]:
    return figures_of(trials, "bytes")[1]


def test_a_turn_without_calls_reads_the_tools_and_what_was_said_once() -> None:
    assert figures(trial(calls=0)) == [Figures(0, 0, LISTED, 0, LISTED + SAYS)]


def test_each_call_reads_everything_before_it_again() -> None:
    context = 3 * (LISTED + SAYS) + (2 + 1) * (ARGUMENTS + ANSWER)
    assert figures(trial(calls=2)) == [Figures(2, 0, 3 * LISTED, 2 * ANSWER, context)]


def test_a_second_turn_reads_the_first_one_again() -> None:
    pair = ARGUMENTS + ANSWER
    context = 4 * (LISTED + SAYS) + 3 * pair + 2 * (TOLD + SAYS) + pair
    assert figures(trial(turns=2, calls=1)) == [Figures(2, 0, 4 * LISTED, 2 * ANSWER, context)]


def test_figures_stand_beside_those_of_the_previous_version() -> None:
    run = Run.of([trial()], "bytes")
    before = {"calls": 4, "refused": 0, "tools": 6000, "answers": 200, "context": 6720}
    head, _, row, total = table(run, Previous("bytes", {"some": before})).splitlines()
    assert head == HEAD
    assert row == "| some (de) | 1/1 | 2 (4) | 0 | 3,000 (6,000) | 200 | 3,360 (6,720) | 0.50 |"
    assert total == row.replace("some (de)", "**all**")


def test_figures_of_another_unit_are_not_compared() -> None:
    run = Run.of([trial()], "bytes")
    before = Previous("tokens", run.means)
    assert table(run, before) == table(run)


def test_single_customers_and_many_are_added_apart_and_only_with_tasks_that_both_versions_have() -> None:
    run = Run.of([trial(name="one"), trial(name="list", many=True)], "bytes")
    one, many, both = table(run, Previous("bytes", {"one": run.means["one"]})).splitlines()[-3:]
    assert one == "| **one customer** | 1/1 | 2 | 0 | 3,000 | 200 | 3,360 | 1.00 |"
    assert many == "| **many customers** | 1/1 | 2 | 0 | 3,000 | 200 | 3,360 |  |"
    assert both == "| **all** | 2/2 | 4 | 0 | 6,000 | 400 | 6,720 |  |"


def test_a_task_that_was_not_solved_is_named_with_its_fault() -> None:
    assert table(Run.of([trial(solved=False)], "bytes")).endswith("\n\n- some: not done")


def test_what_is_kept_is_what_the_next_version_is_compared_with() -> None:
    run = Run.of([trial()], "bytes")
    kept = json.loads(json.dumps(as_previous(run)))
    assert Previous(kept["unit"], kept["tasks"]) == Previous("bytes", run.means)


def test_kept_figures_are_written_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.json"
    assert main(["--script", "--tasks", "payer_by_vat_id", "--keep", str(file)], {}) == 0
    assert capsys.readouterr().out.startswith(HEAD)
    assert json.loads(file.read_text("utf-8"))["tasks"]["payer_by_vat_id"]["calls"] == 1


def test_the_previous_version_has_figures_of_every_task_in_tokens() -> None:
    kept = json.loads(PREVIOUS.read_text("utf-8"))
    assert kept["unit"] == "tokens"
    assert kept["tasks"].keys() == TASKS.keys()


def share_of_previous(trials: list[Trial]) -> float:
    """What was read in the trials, by what was read in them in the previous version."""
    before = json.loads(PREVIOUS.read_text("utf-8"))["tasks"]
    read = sum(each["context"] for each in Run.of(trials).means.values())
    return read / sum(before[trial.task.id]["context"] for trial in trials)


def about_one(reference: dict[str, Trial]) -> list[Trial]:
    return [trial for trial in reference.values() if not trial.task.many]


def without_tools_for_many(trial: Trial) -> Trial:
    """The trial with the ten tools that the previous version had."""
    assert not {call.tool for call in trial.played} & FOR_MANY
    instructions, first, rest = trial.introduction.partition("[{")
    kept = [tool for tool in json.loads(first + rest) if tool["name"] not in FOR_MANY]
    return replace(trial, introduction=instructions + to_json(kept).decode())


@NEEDS_TOKENIZER
def test_with_the_same_ten_tools_tasks_about_one_customer_read_at_most_four_fifths_of_what_they_read_before(
    reference: dict[str, Trial],
) -> None:
    assert share_of_previous([without_tools_for_many(trial) for trial in about_one(reference)]) <= 4 / 5


@NEEDS_TOKENIZER
def test_with_the_two_tools_for_many_beside_them_they_read_less_than_nine_tenths(
    reference: dict[str, Trial],
) -> None:
    assert share_of_previous(about_one(reference)) < 9 / 10


@NEEDS_TOKENIZER
def test_tasks_about_many_read_at_most_a_third_of_what_they_read_in_the_previous_version(
    reference: dict[str, Trial],
) -> None:
    assert share_of_previous([trial for trial in reference.values() if trial.task.many]) <= 1 / 3


@NEEDS_TOKENIZER
def test_texts_are_counted_in_tokens_where_the_tokenizer_is_installed() -> None:
    assert count_tokens(["", "hello world"]) == [0, 2]
