"""The language for texts that people read: the setting wins, else the locale of the system counts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from faktoora_mcp.language import Language, user_language
from tests.processes import DEADLINE_S, environment

CODE = "from faktoora_mcp.language import user_language; print(user_language(None))"


def language_with(**env: str) -> str:
    """The user's language in a process with these variables: Python reads its locale at the start."""
    run = [sys.executable, "-c", CODE]
    return subprocess.check_output(run, env=environment(**env), encoding="ascii", timeout=DEADLINE_S).strip()


@pytest.mark.parametrize("language", get_args(Language))
def test_the_setting_wins(language: Language) -> None:
    assert user_language(language) == language


@pytest.mark.parametrize("name", ["C", "C.UTF-8", "xx_YY.UTF-8"])
def test_without_a_german_locale_it_is_english(name: str) -> None:
    assert language_with(LC_ALL=name) == "en"


def test_with_a_german_locale_it_is_german(tmp_path: Path) -> None:
    make = ["localedef", "-i", "de_DE", "-f", "UTF-8", f"{tmp_path}/de_DE.UTF-8"]
    possible = (
        shutil.which("localedef") and not subprocess.run(make, check=False, capture_output=True).returncode
    )
    if not possible and "CI" not in os.environ:
        pytest.skip("this machine cannot make a German locale")
    assert language_with(LC_ALL="de_DE.UTF-8", LOCPATH=str(tmp_path)) == "de"
