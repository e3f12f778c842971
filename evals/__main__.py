"""`python -m evals`: how well a model solves the tasks of a bookkeeper, and what it costs."""

import argparse
import json
import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import anyio
import httpx2

from faktoora_mcp.sandbox.forms import Dialect, Forms, forms_of

from .report import Previous, Run, as_json, as_previous, table
from .script import Script, Singly
from .task import Task
from .tasks import TASKS
from .trial import PlayerFactory, Trial, play

KEY = "ANTHROPIC_API_KEY"
NO_KEY = (
    f"Set {KEY} to a key of the Anthropic API to ask a model, or play the reference scripts with --script."
)
BAD_KEY = f"{KEY} contains characters that no key has."
MODEL = "claude-sonnet-5-5"
MAX_REPEAT = 20
PREVIOUS = Path(__file__).with_name("previous.json")
"""The figures of the version to compare with, by the reference scripts."""


def main(
    argv: Sequence[str],
    environ: Mapping[str, str],
    transport: httpx2.AsyncBaseTransport | None = None,
) -> int:
    """0: all solved, 1: not all, 2: cannot run; `transport` replaces HTTP (for tests)."""
    given = _parser().parse_args(argv)
    key = environ.get(KEY, "").strip()
    if not given.script and not re.fullmatch("[!-~]+", key):
        sys.stderr.write((BAD_KEY if key else NO_KEY) + "\n")
        return 2
    trials = anyio.run(_play_all, given, key, transport)
    run = Run.of(trials)
    sys.stdout.write(table(run, _previous()) + "\n")
    if given.json:
        player = "script" if given.script else given.model
        given.json.write_text(json.dumps(as_json(player, run), ensure_ascii=False, indent=1), "utf-8")
    if given.keep:
        given.keep.write_text(json.dumps(as_previous(run), indent=1) + "\n", "utf-8")
    return 1 if any(trial.wrong for trial in trials) else 0


async def _play_all(
    given: argparse.Namespace, key: str, transport: httpx2.AsyncBaseTransport | None
) -> list[Trial]:
    async with AsyncExitStack() as stack:
        script = Singly if given.singly else Script
        new_player = script if given.script else await _model(stack, given.model, key, transport)
        forms = forms_of(given.dialect)
        return [await _played(task, new_player, forms) for task in given.tasks for _ in range(given.repeat)]


async def _played(task: Task, new_player: PlayerFactory, forms: Forms) -> Trial:
    trial = await play(task, new_player, forms)
    sys.stderr.write(f"{task.id}: {'not solved' if trial.wrong else 'solved'}\n")
    return trial


async def _model(
    stack: AsyncExitStack, name: str, key: str, transport: httpx2.AsyncBaseTransport | None
) -> PlayerFactory:
    from .model import Model, api_for

    api = await stack.enter_async_context(api_for(key, transport))
    today = datetime.now(UTC).date()
    return lambda _, work: Model(api, name, work, today)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m evals", description=__doc__, epilog=f"{KEY} is the model's key."
    )
    parser.add_argument("--script", action="store_true", help="play the reference scripts instead of a model")
    parser.add_argument("--singly", action="store_true", help="scripts without the tools for many customers")
    parser.add_argument("--model", default=MODEL, help="default %(default)s")
    parser.add_argument("--tasks", type=_tasks, default=[*TASKS.values()], help="ids, separated by commas")
    parser.add_argument(
        "--dialect",
        choices=get_args(Dialect),
        default="documented",
        help="the API as specified, or current, as its vendor's newer pages describe it",
    )
    parser.add_argument("--repeat", type=int, choices=range(1, MAX_REPEAT + 1), default=1, metavar="N")
    parser.add_argument("--json", type=_file, metavar="FILE", help="every call and answer as well")
    parser.add_argument(
        "--keep", type=_file, metavar="FILE", help=f"the figures, in the form of {PREVIOUS.name}"
    )
    return parser


def _previous() -> Previous | None:
    if not PREVIOUS.exists():
        return None
    kept = json.loads(PREVIOUS.read_text("utf-8"))
    return Previous(kept["unit"], kept["tasks"])


def _tasks(ids: str) -> list[Task]:
    try:
        return [TASKS[each.strip()] for each in ids.split(",")]
    except KeyError as unknown:
        raise argparse.ArgumentTypeError(f"no task {unknown}, only {', '.join(TASKS)}") from None


def _file(path: str) -> Path:
    if not Path(path).parent.is_dir():
        raise argparse.ArgumentTypeError(f"no folder {Path(path).parent}")
    return Path(path)


if __name__ == "__main__":
    logging.getLogger("faktoora_mcp").setLevel(logging.ERROR)
    raise SystemExit(main(sys.argv[1:], os.environ))
