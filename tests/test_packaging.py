"""The package as its users get it; .ci/wheel builds and installs it."""

import json
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import anyio
import pytest

from faktoora_mcp import __version__
from tests.agents import ERAS
from tests.cli.test_demo import IN_TWO_CALLS
from tests.documents import ROOT
from tests.processes import CALLER, output
from tests.remote.serving import caller
from tests.remote.test_stopping import process, stopped

PROMPTS = sorted(path.relative_to(ROOT / "prompts").as_posix() for path in ROOT.glob("prompts/*/*.md"))
INSTALL_S = 300
PINS = ROOT / "requirements.txt"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the source distribution, so that both are tried."""
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder)
    output(*build, cwd=ROOT, env=CALLER, deadline_s=INSTALL_S)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a clean environment that holds the pinned packages and the wheel."""
    home = tmp_path_factory.mktemp("installed")
    output(sys.executable, "-m", "venv", home)
    pip = (home / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check")
    output(*pip, "--require-hashes", "-r", PINS, env=CALLER, deadline_s=INSTALL_S)
    output(*pip, "--no-deps", wheel, env=CALLER)
    return home / "bin"


@pytest.fixture(scope="module")
def with_http(installed: Path, wheel: Path) -> Path:
    """The same with the extra for HTTP, which is installed by its name."""
    output(installed / "pip", "install", "--quiet", f"{wheel}[http]", env=CALLER, deadline_s=INSTALL_S)
    return installed


@pytest.mark.outside
class TestWheel:
    def test_the_wheel_holds_the_package_with_its_page_the_prompts_and_nothing_else(
        self, wheel: Path
    ) -> None:
        names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
        assert {name.split("/")[0] for name in names} == {"faktoora_mcp"}
        prompts = {f"faktoora_mcp/_prompts/{path}" for path in PROMPTS}
        assert {
            f"faktoora_mcp/{name}" for name in ("py.typed", "server/tools.json", "server/view.html")
        } | prompts <= set(names)

    def test_the_pinned_packages_satisfy_what_the_package_asks_for(self, installed: Path) -> None:
        assert output(installed / "pip", "check").strip() == "No broken requirements found."

    def test_the_installed_command_tells_its_version(self, installed: Path, tmp_path: Path) -> None:
        assert output(installed / "faktoora-mcp", "--version", cwd=tmp_path).strip() == __version__

    def test_the_installed_demo_plays_every_tool_that_needs_one_call(
        self, installed: Path, tmp_path: Path
    ) -> None:
        played = json.loads(output(installed / "faktoora-mcp", "demo", "--json", cwd=tmp_path))
        assert played["ok"] is True
        assert {step["tool"] for step in played["steps"]} == {*played["tools"]} - IN_TWO_CALLS
        assert len(played["tools"]) == 12

    def test_the_installed_package_has_its_prompts(self, installed: Path, tmp_path: Path) -> None:
        names = (
            'print(*(f"{language}/{name}.md" for language in ("de", "en") for name in catalogue(language)))'
        )
        code = f"from faktoora_mcp.server.prompts import catalogue; {names}"
        assert output(installed / "python", "-c", code, cwd=tmp_path).split() == PROMPTS

    @pytest.mark.anyio
    @pytest.mark.parametrize("era", ERAS)
    async def test_the_extra_for_http_is_used_to_serve(self, with_http: Path, era: str) -> None:
        with process(command=[str(with_http / "faktoora-mcp")]) as (started, url):
            async with caller(era, url) as someone:
                await someone.call("list_customers")
            loaded = await anyio.Path(f"/proc/{started.pid}/maps").read_text("utf-8")
            assert (await anyio.to_thread.run_sync(stopped, started), started.returncode) == ("", 0)
        assert "/uvloop/loop." in loaded


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
    # imported by starlette, by httpcore and by zoneinfo
    assert sorted(unused) == ["python-multipart", "sniffio", "tzdata"]
