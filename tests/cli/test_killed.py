"""Commands that are killed at any step: the files of others are as before or as wanted, never in between."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.bad_server import WAYS, bad_server
from tests.processes import COMMAND, DEADLINE_S, environment, run, served_sandbox

KEY = "fk_live_4711secret"
CUSTOMERS = 3000
KILLED = -signal.SIGKILL
RUN = """\
import os, signal, sys
step, folder, *arguments = sys.argv[1:]
left = int(step)
def watch(event, found):
    global left
    if event in ("open", "os.rename", "os.remove", "os.chmod", "os.mkdir") and folder in str(found[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
sys.argv = ["faktoora-mcp", *arguments]
from faktoora_mcp.__main__ import main
main()
"""
"""Kills itself at a step that concerns a file in a folder."""


def killed_at(step: int, folder: Path, *arguments: str, **env: str) -> int:
    """The exit code of a command that is killed at this step, if it gets there."""
    command = [sys.executable, "-c", RUN, str(step), str(folder), *arguments]
    done = subprocess.run(
        command, env=environment(**env), capture_output=True, timeout=DEADLINE_S, check=False
    )
    return done.returncode


def test_an_install_that_is_killed_leaves_the_old_configuration_or_the_new(tmp_path: Path) -> None:
    config = tmp_path / ".cursor" / "mcp.json"
    config.parent.mkdir()
    old = json.dumps({"theme": "dunkel ä", "mcpServers": {"other": {"command": "npx"}}}).encode()
    step, code, left = 0, KILLED, old
    while code == KILLED:
        step += 1
        config.write_bytes(old)
        code = killed_at(step, config.parent, "install", "cursor", HOME=str(tmp_path), FAKTOORA_API_KEY=KEY)
        left = config.read_bytes()
        assert left == old or json.loads(left)["mcpServers"].keys() == {"other", "faktoora"}
        assert {backup.read_bytes() for backup in config.parent.glob("mcp.json.bak*")} <= {old}
    assert (code, step > 3) == (0, True)
    assert left != old


def test_an_export_that_is_killed_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "customers.csv"
    target.write_text("the export of yesterday")
    command = [*COMMAND, "export", "--output", str(target), "--force"]
    with served_sandbox("--customers", str(CUSTOMERS)) as url:
        env = environment(FAKTOORA_BASE_URL=url, FAKTOORA_API_KEY=KEY)
        with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and not any(
                part.stat().st_size for part in tmp_path.glob(".*.part")
            ):
                time.sleep(0.005)
            process.kill()
        assert process.returncode == KILLED
        assert target.read_text() == "the export of yesterday"
        (left,) = tmp_path.glob(".*.part")
        os.utime(left, (0, 0))
        assert run(*command[len(COMMAND) :], env=env).returncode == 0
    assert len(target.read_text("utf-8-sig").splitlines()) >= CUSTOMERS
    assert [*tmp_path.iterdir()] == [target]


def test_an_export_that_is_killed_at_any_step_leaves_the_old_file_or_the_whole_new_one(
    tmp_path: Path,
) -> None:
    target = tmp_path / "customers.csv"
    step, code = 0, KILLED
    while code == KILLED:
        step += 1
        target.write_text("old")
        code = killed_at(step, tmp_path, "export", "--sandbox", "--output", str(target), "--force")
        assert target.read_text("utf-8-sig") == "old" or target.read_text("utf-8-sig").count("\n") >= 57
    assert (code, step > 2) == (0, True)


def test_an_upload_that_is_killed_has_changed_no_customer_and_can_be_repeated(tmp_path: Path) -> None:
    file = tmp_path / "kunden.csv"
    file.write_text("Firma;Straße;PLZ;Ort;Land\nZweitfirma GmbH;Weg 1;20095;Hamburg;DE\n")
    with bad_server(WAYS["silence"]) as silent:
        env = environment(FAKTOORA_BASE_URL=f"{silent.address}/api/v1", FAKTOORA_API_KEY=KEY)
        with subprocess.Popen([*COMMAND, "upload", str(file)], env=env) as process:
            while process.poll() is None and not silent.requests:
                time.sleep(0.01)
            process.kill()
        assert process.returncode == KILLED
    with served_sandbox("--customers", "3", "--dialect", "current") as url:
        env = environment(FAKTOORA_BASE_URL=url, FAKTOORA_API_KEY=KEY)
        assert run("upload", str(file), env=env).returncode == 0
        listed = json.loads(run("call", "list_customers", env=env).stdout)
        assert listed["totalItems"] == 3
    assert [*tmp_path.iterdir()] == [file]
