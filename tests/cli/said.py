"""All that the commands say to people: found in the code, so that no German of it can be missing."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import cast, get_args, get_type_hints

import click

from faktoora_mcp import quotas, settings
from faktoora_mcp.answers.customers import Answer
from faktoora_mcp.api.many_outcomes import RowStatus
from faktoora_mcp.cli import main
from faktoora_mcp.cli.calls.answers import BEFORE_AFTER, FIELD, PAIRS, WORDS, label
from faktoora_mcp.cli.calls.manual import FORMS, KINDS
from faktoora_mcp.cli.check_csv import NO_BASE, NO_KEY
from faktoora_mcp.cli.csv_report import _DERIVED, _MEANING  # pyright: ignore[reportPrivateUsage] (tables of texts)
from faktoora_mcp.cli.demo_steps import STEPS
from faktoora_mcp.cli.many import CALL_COLUMNS
from faktoora_mcp.cli.texts.help import EXTRAS
from faktoora_mcp.cli.texts.usage import REASONS
from faktoora_mcp.server.remote import listening
from faktoora_mcp.server.schemas import COLUMNS
from faktoora_mcp.sheets.csv_file import DELIMITERS

CLI = Path(str(main.__file__)).parent
SETTINGS = tuple(Path(str(module.__file__)) for module in (quotas, settings))
SOURCES = (*sorted(CLI.rglob("*.py")), *SETTINGS, Path(str(listening.__file__)))
HEADINGS = (
    FIELD,
    *BEFORE_AFTER,
    *chain(*PAIRS.values()),
    *CALL_COLUMNS,
    *KINDS,
    FORMS,
    "Options",
    "Commands",
    "Parameters",
    "Show this message and exit.",
)
INNER = (
    *("added", "candidates", "cells", "changes", "current", "customers", "doubts", "errors", "exact"),
    *("examples", "failures", "ids", "merged", "reasons", "refused", "removed", "rest", "row", "skipped"),
    *("status", "total"),
)
"""Names within the parts of an answer, and the details of errors."""
SAYING = {"tr": 1, "plural": 3, "_check": 1, "SettingsError": 1, "NoKeyError": 1}
"""Functions with the number of arguments of which the texts are; the first of `plural` is the count."""
Locals = dict[str, list[ast.expr]]


def said() -> set[str]:
    """Every English text that has a German one."""
    tables = {*REASONS.values(), *DELIMITERS.values(), *_MEANING.values(), _DERIVED, *kinds_of_faults()}
    parts = [text for text in parts_of_answers() if text not in COLUMNS]
    return {
        *messages(),
        *parts,
        *helps(main.cli),
        *(step.request for step in STEPS),
        *tables,
        *HEADINGS,
        *statuses(),
    }


def parts_of_answers() -> Iterator[str]:
    """The names of parts of answers and of columns of ours, and values that are words."""
    for kind in answers():
        for name, hint in get_type_hints(kind).items():
            yield label(name)
            if name in WORDS:
                yield from (word.replace("_", " ") for word in literals(hint))
    yield from map(label, INNER)


def answers(kind: type[Answer] = Answer) -> Iterator[type[Answer]]:
    for below in kind.__subclasses__():
        yield from (below, *answers(below))


def literals(hint: object) -> Iterator[str]:
    for part in get_args(hint):
        yield from [part] if isinstance(part, str) else literals(part)


def statuses() -> tuple[str, ...]:
    """What became of a row, and the reasons why a file is not compared."""
    return (*get_args(RowStatus), NO_BASE, NO_KEY)


def kinds_of_faults() -> Iterator[str]:
    """What is said of the value of a setting, in a table and in validators."""
    own = [
        node.args[0].value
        for path in SETTINGS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ValueError"
        if isinstance(node.args[0], ast.Constant)
    ]
    return (f"{{name}}: {text}." for text in (*settings.EXPECTED.values(), *own))


def messages() -> Iterator[str]:
    """The texts in calls of `tr` and the like."""
    for path in SOURCES:
        name = ".".join(path.relative_to(CLI.parent.parent).with_suffix("").parts)
        module = import_module(name.removesuffix(".__init__"))
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from _of_function(module, function)
        yield from _outside_functions(module, ast.parse(path.read_text("utf-8")))


def _outside_functions(module: ModuleType, tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _of_function(module, statement)


def _of_function(module: ModuleType, function: ast.AST) -> Iterator[str]:
    known: Locals = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            known.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
            for argument in node.args[: SAYING[node.func.id]]:
                yield from _texts(module, argument, known)


def _texts(module: ModuleType, node: ast.expr, known: Locals) -> Iterator[str]:
    """The texts that an expression may be; none for one that only runs can tell."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from (*_texts(module, node.body, known), *_texts(module, node.orelse, known))
        case ast.Name(id=name) if name in known:
            for value in known[name]:
                yield from _texts(module, value, {})
        case ast.Name(id=name) if isinstance(text := getattr(module, name, None), str):
            yield text
        case ast.Starred(value=ast.Name() as starred):
            yield from _texts(module, starred, known)
        case ast.Name(id=name) if isinstance(texts := getattr(module, name, None), tuple):
            yield from cast("tuple[str, ...]", texts)
        case ast.JoinedStr():
            try:
                yield eval(compile(ast.Expression(node), "", "eval"), vars(module))
            except NameError:
                return
        case _:
            return


def helps(command: click.Command) -> Iterator[str]:
    """What the help of a command and of those below it says."""
    for text in (command.help, command.short_help, command.epilog):
        if text:
            yield inspect.cleandoc(text)
    yield brief_of(command)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            yield EXTRAS.split(parameter.help)[0]
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from helps(below)


def brief_of(command: click.Command) -> str:
    return command.short_help or inspect.cleandoc(command.help or "")
