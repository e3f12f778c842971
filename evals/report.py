"""The figures of a run beside those of the previous version: a table for people, JSON for programs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from statistics import mean
from typing import Any, TypeAlias

from .context import Figures, Unit, figures_of
from .trial import Trial

Means: TypeAlias = Mapping[str, float]
"""The figures of a task, means over its repeats."""
COLUMNS = [each.name for each in fields(Figures)]
TOKENS: dict[str, Callable[[Trial], int]] = {
    "tokens in": lambda trial: trial.tokens.input if trial.tokens else 0,
    "cache read": lambda trial: trial.tokens.cacheRead if trial.tokens else 0,
    "cache written": lambda trial: trial.tokens.cacheWritten if trial.tokens else 0,
    "tokens out": lambda trial: trial.tokens.output if trial.tokens else 0,
}


@dataclass(frozen=True, slots=True)
class Previous:
    """The figures of another version, by task."""

    unit: Unit
    tasks: Mapping[str, Means]


@dataclass(frozen=True, slots=True)
class Run:
    """Trials, and their figures in the same order."""

    trials: Sequence[Trial]
    unit: Unit
    figures: Sequence[Figures]

    @classmethod
    def of(cls, trials: Sequence[Trial], unit: Unit | None = None) -> "Run":
        return cls(trials, *figures_of(trials, unit))

    @property
    def means(self) -> dict[str, Means]:
        pairs = zip(self.trials, self.figures, strict=True)
        groups = groupby(pairs, lambda pair: pair[0].task.id)
        return {name: _means([each for _, each in group]) for name, group in groups}


def table(run: Run, previous: Previous | None = None) -> str:
    """A Markdown table with the previous figures in parentheses, sums by kind of task, then the faults."""
    before: Mapping[str, Means] = previous.tasks if previous and previous.unit == run.unit else {}
    counted = {name: count for name, count in TOKENS.items() if any(trial.tokens for trial in run.trials)}
    groups = {name: [*group] for name, group in groupby(run.trials, lambda trial: trial.task.id)}
    means = run.means
    rows = [
        [f"{name} ({group[0].task.language})", _solved(group), *_cells(means[name], before.get(name))]
        + [_shown(mean(map(count, group))) for count in counted.values()]
        for name, group in groups.items()
    ]
    sums = [_sum(title, chosen, means, before, counted) for title, chosen in _kinds(groups).items()]
    head = ["task", "solved", *COLUMNS, "of previous", *counted]
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows, *sums]
    shown = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([*shown, *_faults(run.trials)])


def as_json(player: str, run: Run) -> dict[str, Any]:
    return {
        "player": player,
        "solved": sum(not trial.wrong for trial in run.trials),
        "unit": run.unit,
        "trials": [
            _whole(trial) | {"figures": asdict(each)}
            for trial, each in zip(run.trials, run.figures, strict=True)
        ],
    }


def as_previous(run: Run) -> dict[str, Any]:
    """What the next version compares itself with."""
    return {"unit": run.unit, "tasks": run.means}


def _whole(trial: Trial) -> dict[str, Any]:
    return {
        "task": trial.task.id,
        "language": trial.task.language,
        "wrong": trial.wrong,
        "answers": trial.outcome.answers,
        "played": [
            {"tool": call.tool, "arguments": call.arguments, "answer": call.answer, "refused": call.refused}
            for call in trial.played
        ],
        "tokens": asdict(trial.tokens) if trial.tokens else None,
    }


def _means(group: Iterable[Figures]) -> Means:
    every = [asdict(each) for each in group]
    return {name: mean(each[name] for each in every) for name in COLUMNS}


def _kinds(groups: Mapping[str, Sequence[Trial]]) -> dict[str, dict[str, Sequence[Trial]]]:
    many = {name: group for name, group in groups.items() if group[0].task.many}
    one = {name: group for name, group in groups.items() if name not in many}
    both = {"**one customer**": one, "**many customers**": many} if one and many else {}
    return both | {"**all**": dict(groups)}


def _sum(
    title: str,
    groups: Mapping[str, Sequence[Trial]],
    means: Mapping[str, Means],
    before: Mapping[str, Means],
    counted: Mapping[str, Callable[[Trial], int]],
) -> list[str]:
    """The previous sum only where the previous version has all these tasks."""
    now = _added([means[name] for name in groups])
    earlier = _added([before[name] for name in groups]) if groups.keys() <= before.keys() else None
    trials = [trial for group in groups.values() for trial in group]
    tokens = [sum(mean(map(count, group)) for group in groups.values()) for count in counted.values()]
    return [title, _solved(trials), *_cells(now, earlier), *map(_shown, tokens)]


def _added(rows: Sequence[Means]) -> Means:
    return {name: sum(row[name] for row in rows) for name in COLUMNS}


def _cells(now: Means, before: Means | None) -> list[str]:
    if before is None:
        return [*(_shown(now[name]) for name in COLUMNS), ""]
    both = [
        _shown(now[name]) + (f" ({_shown(before[name])})" if now[name] != before[name] else "")
        for name in COLUMNS
    ]
    return [*both, f"{now['context'] / before['context']:.2f}"]


def _shown(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def _solved(trials: Sequence[Trial]) -> str:
    return f"{sum(not trial.wrong for trial in trials)}/{len(trials)}"


def _faults(trials: Iterable[Trial]) -> list[str]:
    wrong = [f"- {trial.task.id}: {'; '.join(trial.wrong)}" for trial in trials if trial.wrong]
    return ["", *wrong] if wrong else []
