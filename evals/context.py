"""What a model reads in a trial: each request reads tools, instructions and all that was said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tests.tokens import count_tokens, tokenizer_installed

from .trial import Trial

Unit: TypeAlias = Literal["tokens", "bytes"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one trial. `tools`: the tool list and instructions times the requests; `answers`: each answer once.

    `context`: everything that was read, with a request for each call and one for each answer to the user.
    """

    calls: int
    refused: int
    tools: int
    answers: int
    context: int


def figures_of(trials: Sequence[Trial], unit: Unit | None = None) -> tuple[Unit, list[Figures]]:
    """In tokens (o200k) if the tokenizer is installed, else in bytes."""
    unit = unit or ("tokens" if tokenizer_installed() else "bytes")
    texts = [text for trial in trials for request in _requests(trial) for text in request]
    sizes = iter(_sizes(texts, unit))
    return unit, [
        _figures(trial, [[next(sizes) for _ in new] for new in _requests(trial)]) for trial in trials
    ]


def _sizes(texts: list[str], unit: Unit) -> list[int]:
    return count_tokens(texts) if unit == "tokens" else [len(text.encode()) for text in texts]


def _figures(trial: Trial, requests: list[list[int]]) -> Figures:
    left = range(len(requests), 0, -1)
    return Figures(
        len(trial.played),
        trial.refused,
        requests[0][0] * len(requests),
        sum(new[-1] for new in requests if len(new) == _CALL),
        sum(sum(new) * times for new, times in zip(requests, left, strict=True)),
    )


_CALL = 3
"""Texts of a request after a call: nothing said, the arguments, the answer."""


def _requests(trial: Trial) -> list[list[str]]:
    """For each request to a model, what it reads for the first time."""
    requests: list[list[str]] = []
    said, begin = trial.introduction, 0
    for turn, end, answer in zip(trial.task.turns, trial.ends, trial.outcome.answers, strict=False):
        requests.append([said, turn.says])
        requests += [["", call.sent, call.text] for call in trial.played[begin:end]]
        said, begin = answer, end
    return requests or [[trial.introduction, ""]]
