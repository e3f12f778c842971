"""The programs of other people, which .ci/node installs where they are not yet."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.documents import ROOT
from tests.processes import COMMAND, environment

HERE = ROOT / "tests" / "outside"
SERVER = (*COMMAND, "serve", "--sandbox")
INSTALL_S, DEADLINE_S = 300, 60


@dataclass(frozen=True, slots=True)
class Programs:
    """What stands in node_modules/.bin, run by the Node that stands there too."""

    bin: Path

    def run(
        self, program: str | Path, *arguments: str, stdin: str | None = None, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program, or a script given by its path, to its end."""
        return subprocess.run(
            [self.bin / "node", self.bin / program, *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            env=environment(**env),
            timeout=DEADLINE_S,
            check=False,
        )


def installed(folder: Path = HERE, environ: Mapping[str, str] = os.environ) -> Programs:
    """What the folder pins; where npm or its registry cannot be reached, a failure in CI, else a skip."""
    install = [str(ROOT / ".ci" / "node"), str(folder)]
    done = subprocess.run(
        install, capture_output=True, encoding="utf-8", env=environ, timeout=INSTALL_S, check=False
    )
    if done.returncode:
        stop = pytest.fail if "CI" in environ else pytest.skip
        stop(f"npm could not install what {folder} pins: {done.stderr.strip()}")
    return Programs(folder / "node_modules" / ".bin")
