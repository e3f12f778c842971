"""Command lines as a person types them: quoted for a POSIX shell, on Windows for PowerShell."""

import re
import shlex
import sys
from collections.abc import Mapping, Sequence

PLAIN = re.compile(r"[\w.:/\\=+-]+")
"""What PowerShell takes as it is."""


def command_line(words: Sequence[str], platform: str = sys.platform) -> str:
    """The command; PowerShell calls a quoted program by `&`."""
    if platform != "win32":
        return shlex.join(words)
    quoted = [_quoted(word) for word in words]
    return "& " * quoted[0].startswith("'") + " ".join(quoted)


def with_variables(variables: Mapping[str, str], words: Sequence[str], platform: str = sys.platform) -> str:
    """The command, started with these environment variables."""
    if platform != "win32":
        assigned = [f"{name}={shlex.quote(text)}" for name, text in variables.items()]
        return " ".join([*assigned, shlex.join(words)])
    assigned = [f"$env:{name}='{_escaped(text)}'" for name, text in variables.items()]
    return "; ".join([*assigned, command_line(words, platform)])


def argument(word: str, platform: str = sys.platform) -> str:
    """One word of a command, quoted where it needs it."""
    return _quoted(word) if platform == "win32" else shlex.quote(word)


def _quoted(word: str) -> str:
    return word if PLAIN.fullmatch(word) else f"'{_escaped(word)}'"


def _escaped(text: str) -> str:
    return text.replace("'", "''")
