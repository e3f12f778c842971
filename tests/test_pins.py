"""What is installed anywhere: by its hash, as a wheel, and without code of its own that runs meanwhile.

.ci/pin writes the pins.
"""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

import pytest

from tests.documents import ROOT, blocks

PINS = ("requirements.txt", "requirements-build.txt", "deploy/requirements.txt", "tests/requirements.txt")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SCRIPTS = [ROOT / "Dockerfile", *sorted(path for path in ROOT.glob(".ci/*") if path.is_file())]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("*/README.md"))]
INSTALLS = re.compile(r"\b(?:pip3?|npm) (?:install|ci|i|download|wheel)\b[^&|;\n`)]*")
EXTRAS: list[str] = [*chain.from_iterable(PROJECT["project"]["optional-dependencies"].values())]
OURSELVES = {"--no-deps", "--no-build-isolation"}
"""What installs our own package and nothing else: without these pip fetches the newest build backend."""
PACKAGES: dict[str, dict[str, Any]] = json.loads(
    (ROOT / "tests" / "outside" / "package-lock.json").read_text("utf-8")
)["packages"]


def entries(pins: str) -> list[str]:
    text = (ROOT / pins).read_text("utf-8")
    return re.findall(r"^[a-z0-9].*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, str]]:
    """Every command that installs something: where it stands, and its words."""
    for path in SCRIPTS:
        for found in INSTALLS.findall(path.read_text("utf-8").replace("\\\n", " ")):
            yield str(path.relative_to(ROOT)), found
    for path in PAGES:
        for block in blocks(path, "sh") + blocks(path, "powershell"):
            for found in INSTALLS.findall(block.text):
                yield str(path.relative_to(ROOT)), found


def named(requirements: list[Any]) -> set[str]:
    """The names of packages in a list of pyproject.toml."""
    return {re.split(r"[<>=;\[ ]", text)[0].lower() for text in requirements if isinstance(text, str)}


@pytest.mark.parametrize("pins", PINS)
def test_every_pin_has_hashes(pins: str) -> None:
    hashed = re.compile(r"\S+==\S+ .*--hash=sha256:", re.DOTALL)
    assert entries(pins)
    assert [text for text in entries(pins) if not hashed.match(text)] == []


@pytest.mark.parametrize("pins", PINS)
def test_pins_name_no_address(pins: str) -> None:
    assert "://" not in (ROOT / pins).read_text("utf-8")


@pytest.mark.parametrize("pins", PINS)
def test_of_what_is_pinned_only_wheels_are_installed(pins: str) -> None:
    assert (ROOT / pins).read_text("utf-8").startswith("--only-binary :all:\n")


@pytest.mark.parametrize(
    ("pins", "wanted"),
    [
        ("requirements.txt", PROJECT["project"]["dependencies"]),
        ("requirements-build.txt", PROJECT["build-system"]["requires"]),
        ("requirements-build.txt", PROJECT["dependency-groups"]["build"]),
        ("deploy/requirements.txt", EXTRAS),
        ("tests/requirements.txt", PROJECT["dependency-groups"]["dev"]),
    ],
)
def test_whatever_the_project_asks_for_is_pinned(pins: str, wanted: list[Any]) -> None:
    pinned = {re.split(r"[=\[ ]", text)[0] for text in entries(pins)}
    assert named(wanted) - pinned == set()


@pytest.mark.parametrize(("page", "command"), [*commands()])
def test_every_command_installs_pins_or_this_package_alone(page: str, command: str) -> None:
    program, action, *words = shlex.split(command)
    if program == "npm":
        assert (page, action, "--ignore-scripts" in words) == (".ci/node", "ci", True)
    elif words[-1] == ".":
        assert {*words} >= OURSELVES
    else:
        assert installed_from(words) != []
        assert {*installed_from(words)} <= {*PINS}


def installed_from(words: list[str]) -> list[str]:
    """The files of pins that a command names; AssertionError where it names a package as well."""
    files = [word for flag, word in pairwise(words) if flag == "-r"]
    assert [word for word in words if not word.startswith("-") and word not in files] == []
    return files


def test_every_program_of_node_has_its_hash() -> None:
    assert [path for path, package in PACKAGES.items() if path and "integrity" not in package] == []


def test_no_program_of_node_has_an_address() -> None:
    assert [path for path, package in PACKAGES.items() if "resolved" in package] == []
