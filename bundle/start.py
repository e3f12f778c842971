# /// script
# requires-python = ">=3.11,<3.14"
# ///
"""Starts the server of the bundle, with the packages that requirements.txt pins.

At the first start uv, which runs this, installs them beside it and compares their hashes. Later starts need
no network.
"""

import os
import runpy
import site
import subprocess
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
PINS = HERE.parent / "requirements.txt"


def packages() -> Path:
    """The folder of these packages for this Python; it appears whole or not at all."""
    digest = sha256(PINS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder, unfinished = HERE / "packages" / digest, HERE / "packages" / f"{digest}.{os.getpid()}"
    if not folder.exists():
        _install(unfinished)
        with suppress(OSError):  # another start was faster
            unfinished.rename(folder)
    return folder


def _install(target: Path) -> None:
    """Nothing is written to stdout, which belongs to the host."""
    install = [os.environ["UV"], "pip", "install", "--require-hashes", "--requirements", PINS]
    where = ["--target", target, "--python", sys.executable]
    subprocess.run([*install, *where], stdout=sys.stderr, check=True)  # noqa: S603 (every word is ours, or the host's uv)


def main() -> None:
    folder = str(packages())
    site.addsitedir(folder)
    sys.path[:0] = [str(PINS.parent), folder]
    runpy.run_module("faktoora_mcp", run_name="__main__")


if __name__ == "__main__":
    main()
