"""Compares the server with others in one run: `python -m benchmarks`."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import calls, machine
from benchmarks.contenders import Field, fastmcp_python
from benchmarks.load import QUICK, Load
from benchmarks.memory import memory
from benchmarks.overlap import overlap
from benchmarks.report import Section, environment, figures, markdown, packages
from benchmarks.sizes import sizes
from benchmarks.start import start
from benchmarks.upstream import upstream

Part = Callable[[Field, str, Load], Coroutine[None, None, list[Section]]]
PARTS: dict[str, Part] = {
    "start": start,
    "latency": calls.latency,
    "throughput": calls.throughput,
    "overlap": overlap,
    "memory": memory,
    "sizes": sizes,
}


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    load = QUICK if given.quick else Load()
    load = replace(load, rounds=given.rounds) if given.rounds else load
    with TemporaryDirectory() as folder, upstream() as url:
        field = Field(Path(folder), fastmcp_python(Path(folder), given.fastmcp))
        sections, warnings = _measured(given.only or list(PARTS), field, url, load)
    if given.fastmcp is not None and field.fastmcp is None:
        warnings.append("FastMCP could not be installed, or does not start, so it has no column.")
    head = environment(*packages("mcp", "pydantic", "httpx"))
    text = "".join(markdown(sections, head, warnings))
    if given.markdown:
        given.markdown.write_text(text)
    else:
        sys.stdout.write(text)
    if given.json:
        given.json.write_text(json.dumps(figures(sections, head, warnings), indent=2) + "\n")
    return int(any(row.missed for section in sections for row in section.rows))


def _measured(parts: Sequence[str], field: Field, url: str, load: Load) -> tuple[list[Section], list[str]]:
    """The figures of each part, and what makes them unreliable."""
    sections: list[Section] = []
    disturbances = machine.load_at_start()
    for name in parts:
        disturbances += machine.disturbances(name)
        sections += asyncio.run(PARTS[name](field, url, load))
    warnings = [f"The machine was not quiet: {'; '.join(disturbances)}."] if disturbances else []
    return sections if load.judged else [section.unjudged() for section in sections], warnings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, metavar="PART", help=f"some of {', '.join(PARTS)}"
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="turns of every contender")
    parser.add_argument("--quick", action="store_true", help="a few calls, no targets: does it still work?")
    parser.add_argument(
        "--fastmcp",
        nargs="?",
        const="",
        metavar="PYTHON",
        help="compare with FastMCP too: installed for this run, or in the environment of PYTHON",
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="the tables there instead of on stdout")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures as JSON too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
