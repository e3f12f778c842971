"""The client as a library: the example of docs/library.md is type-checked and run as by its reader."""

import json
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import IO, cast

import pytest

from tests.documents import ROOT, blocks
from tests.processes import CALLER, COMMAND, environment, output

pytestmark = pytest.mark.outside
(EXAMPLE,) = [block.text for block in blocks(ROOT / "docs" / "library.md", "python")]


@dataclass(frozen=True, slots=True)
class Project:
    """A user's folder with the example; in its environment the package is installed, not our checkout."""

    folder: Path
    python: Path

    def run(self, env: Mapping[str, str]) -> str:
        return output(self.python, "-W", "error", "example.py", cwd=self.folder, env=environment(**env))

    def check(self, text: str) -> list[str]:
        """What a strict type checker says of the text."""
        (self.folder / "checked.py").write_text(text, encoding="utf-8")
        command = (sys.executable, "-m", "pyright", "--pythonpath", self.python, "--outputjson", "checked.py")
        found = json.loads(output(*command, cwd=self.folder, env=CALLER, codes=(0, 1)))
        assert found["summary"]["filesAnalyzed"] == 1
        return [problem["message"] for problem in found["generalDiagnostics"]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    (folder / "example.py").write_text(EXAMPLE, encoding="utf-8")
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    venv.create(folder / "env", symlinks=True)
    python = folder / "env" / "bin" / "python"
    packages = Path(output(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    output(*pip, "--no-deps", "--no-build-isolation", "--target", packages, ROOT, env=CALLER)
    return Project(folder, python)


@pytest.fixture
def sandbox() -> Iterator[dict[str, str]]:
    """The variables that lead to a running sandbox."""
    command = [*COMMAND, "sandbox", "--port", "0", "--key", "key-of-the-example"]
    env = environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
        first = cast("IO[bytes]", process.stdout).readline().decode()
        url = cast("re.Match[str]", re.search(r"http://127\.0\.0\.1:[0-9]+/api/v1", first))[0]
        yield {"FAKTOORA_BASE_URL": url, "FAKTOORA_API_KEY": "key-of-the-example"}
        process.terminate()


@contextmanager
def api_that_refuses(status: int) -> Generator[str]:
    """The address of an API that knows no customer and answers every creation with the status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(200, b"[]")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(status, b'{"message": "closed"}')

        def answer(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api/v1"
        finally:
            server.shutdown()


def test_the_example_creates_a_customer_once_and_finds_it_the_next_time(
    project: Project, sandbox: dict[str, str]
) -> None:
    assert re.fullmatch(r"Created: [-0-9a-f]{36} Acme GmbH\n", project.run(sandbox))
    assert project.run(sandbox) == "Known already: ['Acme GmbH']\n"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (503, "The API answered 503: closed Look before you repeat it.\n"),
        (429, "The API takes no more requests for now. Nothing was created.\n"),
        (422, "The API refuses the input: closed Correct it and call again.\n"),
    ],
)
def test_the_example_tells_what_came_of_a_creation_that_failed(
    project: Project, status: int, said: str
) -> None:
    with api_that_refuses(status) as url:
        assert project.run({"FAKTOORA_BASE_URL": url, "FAKTOORA_API_KEY": "any-key-will-do"}) == said


def test_a_strict_type_checker_accepts_the_example(project: Project) -> None:
    assert project.check(EXAMPLE) == []


def test_a_strict_type_checker_sees_a_wrong_type_and_a_wrong_name(project: Project) -> None:
    (number,) = project.check(EXAMPLE.replace('postcode="10115"', "postcode=10115"))
    assert 'cannot be assigned to parameter "postcode" of type "RequiredText"' in number
    assert any("zip" in problem for problem in project.check(EXAMPLE.replace("postcode=", "zip=")))
