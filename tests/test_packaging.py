import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from faktoora_mcp import __version__
from tests.processes import environment

ROOT = Path(__file__).parent.parent
PROMPTS = sorted(path.relative_to(ROOT / "prompts").as_posix() for path in ROOT.glob("prompts/*/*.md"))
PINS = [ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt"]


def done(*command: object, cwd: Path = ROOT) -> str:
    """What a command prints; it has to succeed."""
    result = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment(),
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the source distribution, so that both are tried."""
    folder = tmp_path_factory.mktemp("dist")
    done(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a clean environment that holds the pinned packages and the wheel."""
    home = tmp_path_factory.mktemp("installed")
    done(sys.executable, "-m", "venv", home)
    pip = (home / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check")
    done(*pip, "--require-hashes", "-r", PINS[0])
    done(*pip, "--no-deps", wheel)
    return home / "bin"


def test_the_wheel_holds_the_package_with_its_page_the_prompts_and_nothing_else(wheel: Path) -> None:
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {"faktoora_mcp"}
    prompts = {f"faktoora_mcp/_prompts/{path}" for path in PROMPTS}
    assert {
        f"faktoora_mcp/{name}" for name in ("py.typed", "server/tools.json", "server/view.html")
    } | prompts <= set(names)


def test_the_pinned_packages_satisfy_what_the_package_asks_for(installed: Path) -> None:
    assert done(installed / "pip", "check").strip() == "No broken requirements found."


def test_the_installed_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    assert done(installed / "faktoora-mcp", "--version", cwd=tmp_path).strip() == __version__


def test_the_installed_demo_plays_every_tool(installed: Path, tmp_path: Path) -> None:
    played = json.loads(done(installed / "faktoora-mcp", "demo", "--json", cwd=tmp_path))
    assert played["ok"] is True
    assert {step["tool"] for step in played["steps"]} == set(played["tools"])
    assert len(played["tools"]) == 10


def test_the_installed_package_has_its_prompts(installed: Path, tmp_path: Path) -> None:
    names = 'print(*(f"{language}/{name}.md" for language in ("de", "en") for name in catalogue(language)))'
    code = f"from faktoora_mcp.server.prompts import catalogue; {names}"
    assert done(installed / "python", "-c", code, cwd=tmp_path).split() == PROMPTS


@pytest.mark.parametrize("path", PINS, ids=["run", "tests"])
def test_every_pin_has_hashes_and_names_no_index(path: Path) -> None:
    text = path.read_text("utf-8")
    entries = re.findall(r"^[a-z0-9].*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert entries
    assert [
        entry.split("\n")[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry
    ] == []
    assert "://" not in text


def test_only_packages_that_the_code_imports_are_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {re.split(r"[<>=]", spec)[0] for spec in project["dependencies"]}
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "faktoora_mcp").rglob("*.py"))
    modules = {"python-stdnum": "stdnum", "email-validator": "email_validator", "pyyaml": "yaml"}
    unused = [
        name
        for name in asked
        if not re.search(rf"^\s*(import|from) {modules.get(name, name)}\b", source, re.MULTILINE)
    ]
    assert unused == ["sniffio"]  # httpcore looks for it at every request
