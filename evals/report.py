"""The figures of a run: a table for people, JSON for programs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from statistics import mean
from typing import Any

from .trial import Trial

Figure = Callable[[Trial], int]
COLUMNS: dict[str, Figure] = {
    "calls": lambda trial: len(trial.played),
    "refused": lambda trial: trial.refused,
    "bytes sent": lambda trial: trial.bytes_sent,
    "bytes read": lambda trial: trial.bytes_read,
}
TOKENS: dict[str, Figure] = {
    "tokens in": lambda trial: trial.tokens.input if trial.tokens else 0,
    "cache read": lambda trial: trial.tokens.cacheRead if trial.tokens else 0,
    "cache written": lambda trial: trial.tokens.cacheWritten if trial.tokens else 0,
    "tokens out": lambda trial: trial.tokens.output if trial.tokens else 0,
}


def table(trials: Sequence[Trial]) -> str:
    """A Markdown table: means over the repeats of a task, their sum, then the faults."""
    figures = COLUMNS | (TOKENS if any(trial.tokens for trial in trials) else {})
    groups = [list(group) for _, group in groupby(trials, lambda trial: trial.task.id)]
    rows = [_row(group, figures) for group in groups]
    sums = [_shown(sum(mean(map(figure, group)) for group in groups)) for figure in figures.values()]
    total = ["**all**", _solved(trials), *sums]
    lines = [["task", "solved", *figures], ["---", *["---:"] * (len(figures) + 1)], *rows, total]
    return "\n".join([*("| " + " | ".join(line) + " |" for line in lines), *_faults(trials)])


def as_json(player: str, trials: Sequence[Trial]) -> dict[str, Any]:
    return {
        "player": player,
        "solved": sum(not trial.wrong for trial in trials),
        "trials": [_whole(trial) for trial in trials],
    }


def _whole(trial: Trial) -> dict[str, Any]:
    return {
        "task": trial.task.id,
        "language": trial.task.language,
        "wrong": trial.wrong,
        "answers": trial.outcome.answers,
        "played": [asdict(call) for call in trial.played],
        "tokens": asdict(trial.tokens) if trial.tokens else None,
    }


def _row(group: Sequence[Trial], figures: dict[str, Figure]) -> list[str]:
    means = [_shown(mean(map(figure, group))) for figure in figures.values()]
    return [f"{group[0].task.id} ({group[0].task.language})", _solved(group), *means]


def _shown(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def _solved(trials: Sequence[Trial]) -> str:
    return f"{sum(not trial.wrong for trial in trials)}/{len(trials)}"


def _faults(trials: Iterable[Trial]) -> list[str]:
    wrong = [f"- {trial.task.id}: {'; '.join(trial.wrong)}" for trial in trials if trial.wrong]
    return ["", *wrong] if wrong else []
