"""What the Dockerfile promises; .ci/image executes its steps and starts what they made."""

import json
import re
import tomllib

from faktoora_mcp import __version__
from faktoora_mcp.cli.main import cli
from tests.documents import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)


def test_the_labels_say_what_the_project_says() -> None:
    (version,) = instructions("ARG")
    (labels,) = instructions("LABEL")
    given = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]+)"', labels))
    assert given == {
        "title": PROJECT["name"],
        "description": PROJECT["description"],
        "licenses": PROJECT["license"],
        "source": PROJECT["urls"]["Homepage"],
        "version": "$VERSION",
    }
    assert version == f"VERSION={__version__}"


def test_the_image_runs_the_server_as_a_user_without_rights() -> None:
    assert instructions("USER") == ["10001:10001"]
    program, command = json.loads(instructions("ENTRYPOINT")[0])
    assert program in PROJECT["scripts"]
    assert command in cli.commands


def test_every_file_that_the_image_copies_passes_dockerignore() -> None:
    rules = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    copied = [words.split()[:-1] for words in instructions("COPY") if not words.startswith("--from")]
    names = {name for words in copied for name in words}
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == names
    assert all((ROOT / name).exists() for name in names)


def test_both_stages_stand_on_the_same_python() -> None:
    images = {words.split()[0] for words in instructions("FROM")}
    assert len(images) == 1
    assert f"Programming Language :: Python :: {images.pop()[7:11]}" in PROJECT["classifiers"]
