"""What is shipped: wheel and source with equal bytes whenever they are built; what is installed, as an SBOM.

.ci/supply runs this, and leaves the SBOM in dist/.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from faktoora_mcp import __version__
from tests.documents import ROOT
from tests.processes import CALLER, output
from tests.test_pins import PINS

pytestmark = pytest.mark.outside

BUILD_S = 300
UV = Path(sys.executable).with_name("uv")
SHIPPED = ROOT / "dist" / f"faktoora_mcp-{__version__}.cdx.json"
ALLOWED = frozenset({
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0", "Unlicense"),
    "MPL-2.0",  # binds changes of its own files
    "LGPL-2.1-or-later",  # binds changes of the library; it is installed beside us and can be replaced
})  # fmt: skip
KNOWN = {
    "protobuf": "BSD-3-Clause",  # its metadata name none, the file in its wheel does
    "python-stdnum": "LGPL-2.1-or-later",  # its metadata name it by a classifier
}
Component = dict[str, Any]


def built(folder: Path, second: int, mask: int, **env: str) -> dict[str, bytes]:
    """What a build of this checkout makes in this folder: names and bytes."""
    source = folder / "source"
    tracked = output("git", "ls-files", "-z", cwd=ROOT, env=CALLER).split("\0")
    for name in filter(None, tracked):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
        os.utime(source / name, (second, second))
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"))
    subprocess.run(
        build, cwd=source, env=CALLER | env, umask=mask, check=True, capture_output=True, timeout=BUILD_S
    )
    return {path.name: path.read_bytes() for path in sorted((folder / "dist").iterdir())}


@pytest.fixture(scope="module")
def sbom(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the image's pins install, with everything optional; left in dist/."""
    home = tmp_path_factory.mktemp("installed")
    output(UV, "venv", "--quiet", "--python", sys.executable, home, env=CALLER)
    sync = ("pip", "sync", "--quiet", "--require-hashes", "--python", home, "deploy/requirements.txt")
    output(UV, *sync, cwd=ROOT, env=CALLER, deadline_s=BUILD_S)
    tell = ("environment", home, "--pyproject", "pyproject.toml", "--output-reproducible")
    told = json.loads(output(UV.with_name("cyclonedx-py"), *tell, cwd=ROOT, env=CALLER))
    told["metadata"]["component"]["version"] = __version__
    SHIPPED.parent.mkdir(exist_ok=True)
    SHIPPED.write_text(json.dumps(told, indent=1), "utf-8")
    return told


def licences(component: Component) -> Iterator[str]:
    """The ids of the licences of a package, those of an expression one by one."""
    for licence in component.get("licenses", []):
        if "expression" in licence:
            yield from re.split(r" (?:AND|OR|WITH) ", licence["expression"].strip("()"))
        elif "id" in licence["license"]:
            yield licence["license"]["id"]


def weaknesses(report: Mapping[str, Any]) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {found['id']}, fixed in {found['fix_versions']}"
        for package in report["dependencies"]
        for found in package.get("vulns", [])
    ]


def test_two_builds_elsewhere_at_another_time_have_equal_bytes(tmp_path: Path) -> None:
    first = built(tmp_path / "one", 1_500_000_000, 0o022, TZ="UTC", LC_ALL="C")
    second = built(tmp_path / "another" / "place", 1_700_000_000, 0o077, TZ="Asia/Tokyo", PYTHONHASHSEED="7")
    assert [name.rpartition(".")[2] for name in first] == ["whl", "gz"]
    assert first == second


def test_the_sbom_is_valid(sbom: dict[str, Any]) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(sbom)) is None


def test_the_sbom_names_the_version_of_every_package(sbom: dict[str, Any]) -> None:
    pinned = (ROOT / "deploy" / "requirements.txt").read_text("utf-8")
    named = {one["name"].lower().replace("_", "-"): one["version"] for one in sbom["components"]}
    assert {f"{name}=={version}" for name, version in named.items()} <= {*pinned.split()}


def test_every_licence_is_an_allowed_one(sbom: dict[str, Any]) -> None:
    found = {one["name"]: {*licences(one)} or {KNOWN.get(one["name"], "none")} for one in sbom["components"]}
    assert {name: ids for name, ids in found.items() if ids - ALLOWED} == {}


def test_no_weakness_is_known_of_what_is_pinned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "report.json"
    audit = [UV.with_name("pip-audit"), "--disable-pip", "--require-hashes", "--timeout", "10"]
    files = [word for pins in PINS for word in ("-r", pins)]
    command = [*audit, *files, "--progress-spinner", "off", "--format", "json", "--output", told]
    subprocess.run(command, cwd=ROOT, env=CALLER, capture_output=True, check=False, timeout=BUILD_S)
    if told.exists():
        assert weaknesses(json.loads(told.read_text("utf-8"))) == []
    else:
        with capsys.disabled():
            sys.stdout.write(
                "\nNotice: the service of pip-audit did not answer; weaknesses were not looked up.\n"
            )
