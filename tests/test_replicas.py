"""The run over replicas judges by what callers were told and what is stored: it has to see what is wrong."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from benchmarks.claims import Claim
from benchmarks.replicas.caller import Call, Caller
from benchmarks.replicas.incidents import Incident
from benchmarks.replicas.stage import Stage
from benchmarks.replicas.verdict import Run, problems, succeeded

NOWHERE = Stage("", "", ssl.create_default_context(), (), None, ())
TOOLS = (
    "get_customer", "list_customers", "query_customers", "create_customer", "update_customer",
    "update_customers", "delete_customer",
)  # fmt: skip
KILLED, STATE_KILLED = Incident("killed", 10, 12), Incident("state killed", 30, 33)
RESTARTED = Incident("restarted", 50, 52)
AWAY = Call(31, 31, "create_customer", "state_unavailable")
Stored = Mapping[str, Sequence[Mapping[str, str]]]


def run(*more: Call, stored: Stored | None = None) -> Run:
    """A run of one caller, who created a customer and saw nothing wrong but these calls."""
    caller = Caller(7, NOWHERE, 0)
    caller.claims.append(claim := Claim("mark07-0"))
    claim.created("", "1")
    caller.calls += [*(Call(20, 21, tool, "") for tool in TOOLS), AWAY, *more]
    return Run([caller], [KILLED, STATE_KILLED, RESTARTED], stored or {"mark07": [{"category": "mark07-0"}]})


def test_a_run_in_which_nothing_went_wrong_is_told_as_such() -> None:
    assert problems(run()) == []


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        ({"mark07": []}, "mark07-0 created: is missing"),
        ({"mark07": [{"category": "mark07-0"}] * 2}, "mark07-0 created: 2 customers"),
        (
            {"mark07": [{"category": "mark07-0"}, {"category": "mark08-3"}]},
            "mark07 has the customer mark08-3",
        ),
    ],
    ids=["lost", "doubled", "crossed"],
)
def test_a_write_that_was_lost_doubled_or_crossed_is_told(stored: Stored, problem: str) -> None:
    assert problems(run(stored=stored)) == [problem]


def test_an_answer_with_customers_of_another_caller_is_told() -> None:
    found = run()
    found.callers[0].strange.append("mark08")
    assert problems(found) == ["mark07 was shown customers of ['mark08']"]


@pytest.mark.parametrize(
    ("error", "when"),
    [("broken", 11), ("http 502", 12), ("busy", 40), ("state_unavailable", 37)],
)
def test_an_error_that_comes_from_an_incident_is_explained(error: str, when: float) -> None:
    assert problems(run(Call(when, when, "create_customer", error))) == []


@pytest.mark.parametrize(
    ("error", "when"),
    [
        ("broken", 5),
        ("http 502", 16),
        ("broken", 51),
        ("busy", 5),
        ("state_unavailable", 20),
        ("internal", 11),
        ("protocol -32602", 11),
    ],
)
def test_an_error_without_a_reason_is_told(error: str, when: float) -> None:
    told = f"create_customer ended in {error}, 1 times, without a reason"
    assert problems(run(Call(when, when, "create_customer", error))) == [told]


@pytest.mark.parametrize("error", ["duplicate", "busy", "not_confirmed", "not_found"])
def test_of_the_same_call_made_twice_one_may_be_refused(error: str) -> None:
    call = Call(5, 5, "create_customer", error, rival=True)
    assert problems(run(call)) == []
    assert len(problems(run(replace(call, rival=False)))) == 1


def test_a_read_counts_by_its_repetition() -> None:
    failed = Call(11, 11, "get_customer", "broken")
    assert succeeded(run(failed, Call(12, 12, "get_customer", "", repeated=True))) == 1
    assert succeeded(run(failed, Call(12, 12, "get_customer", "broken", repeated=True))) == 0.75


def test_too_many_reads_that_failed_are_told() -> None:
    assert problems(run(Call(11, 11, "get_customer", "broken"))) == ["only 75.000% of the reads succeeded"]


def test_a_run_that_tried_too_little_is_told() -> None:
    found = run()
    found.callers[0].calls.remove(AWAY)
    found.callers[0].calls.remove(Call(20, 21, "delete_customer", ""))
    assert problems(found) == [
        "no call of delete_customer succeeded",
        "nobody wrote while the state was away",
    ]
