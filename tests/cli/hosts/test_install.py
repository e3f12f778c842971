import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faktoora_mcp.cli.hosts.configuration import HOSTS, Machine, config_path
from faktoora_mcp.cli.hosts.entries import Remote, program
from faktoora_mcp.cli.hosts.install import (
    MASK,
    GetSettings,
    Wanted,
    install,
    remote_of,
    uninstall,
)
from faktoora_mcp.settings import NoKeyError, Settings
from tests.processes import COMMAND, DEADLINE_S, LEGACY, environment

KEY = "fk_live_4711secret"
PROGRAM, *ARGUMENTS = program(Path(sys.executable))
ENGLISH = {"FAKTOORA_LANGUAGE": "en"}
OURS = {"command": PROGRAM, "args": ARGUMENTS, "env": {"FAKTOORA_API_KEY": KEY} | ENGLISH}
OTHER = {"command": "npx", "args": ["-y", "other"], "env": {"OTHER_KEY": "theirs"}}
FULL = {"theme": "dunkel ä", "mcpServers": {"other": OTHER}, "zoom": 1.25}


def reader(**chosen: str) -> GetSettings:
    """The settings as the command line reads them, of these options and variables alone."""

    def read(more: Mapping[str, str]) -> Settings:
        texts = {"language": "en"} | chosen | dict(more)
        return Settings.from_env({f"FAKTOORA_{name.upper()}": text for name, text in texts.items()})

    return read


def machine(home: Path) -> Machine:
    return Machine("linux", home, {})


def set_up(home: Path, host: str = "cursor", **chosen: str) -> Path:
    """Install, with the key unless there is a choice; the host's file."""
    read = reader(**(chosen or {"api_key": KEY}))
    install(Wanted(host=host, get=read, machine=machine(home)))
    return config_path(HOSTS[host], machine(home))


def show(home: Path, host: str = "cursor", **chosen: str) -> None:
    install(Wanted(host=host, get=reader(**chosen), machine=machine(home), only_print=True))


def take_out(home: Path, host: str = "cursor", *, only_print: bool = False) -> None:
    uninstall(Wanted(host=host, get=reader(), machine=machine(home), only_print=only_print))


def existing(home: Path, content: object, host: str = "cursor") -> Path:
    path = config_path(HOSTS[host], machine(home))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def files(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def backup_of(path: Path, number: str = "") -> Path:
    return path.with_name(f"{path.name}.bak{number}")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("host", "section", "entry"),
    [
        ("claude-desktop", "mcpServers", OURS),
        ("claude-code", "mcpServers", {"type": "stdio"} | OURS),
        ("cursor", "mcpServers", {"type": "stdio"} | OURS),
        ("vscode", "servers", {"type": "stdio"} | OURS),
    ],
)
def test_a_host_without_configuration_gets_one(
    host: str, section: str, entry: Mapping[str, object], tmp_path: Path
) -> None:
    path = set_up(tmp_path, host)
    assert path.read_text("utf-8") == json.dumps({section: {"faktoora": entry}}, indent=2) + "\n"


@pytest.mark.parametrize(
    ("chosen", "env"),
    [
        ({"sandbox": "true"}, {"FAKTOORA_SANDBOX": "true"}),
        ({"sandbox": "true", "api_key": KEY}, {"FAKTOORA_SANDBOX": "true"}),
        ({"sandbox": "true", "language": "de"}, {"FAKTOORA_SANDBOX": "true", "FAKTOORA_LANGUAGE": "de"}),
        (
            {"api_key": KEY, "account": "Müller GmbH", "read_only": "true", "base_url": "https://x.de/v1"},
            {
                "FAKTOORA_API_KEY": KEY,
                "FAKTOORA_BASE_URL": "https://x.de/v1",
                "FAKTOORA_READ_ONLY": "true",
                "FAKTOORA_ACCOUNT": "Müller GmbH",
            },
        ),
        ({"api_key": KEY, "read_only": "false", "log_level": "debug"}, {"FAKTOORA_API_KEY": KEY}),
    ],
)
def test_what_was_chosen_is_written_as_variables(
    chosen: dict[str, str], env: Mapping[str, str], tmp_path: Path
) -> None:
    written = json.loads(set_up(tmp_path, **chosen).read_bytes())
    assert written["mcpServers"]["faktoora"]["env"] == {**ENGLISH, **env}


def test_a_file_with_the_key_is_named_by_its_absolute_path_instead_of_the_key(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY, "utf-8")
    relative = os.path.relpath(tmp_path / "key")
    written = json.loads(set_up(tmp_path, api_key_file=relative).read_bytes())
    file = Path(written["mcpServers"]["faktoora"]["env"].pop("FAKTOORA_API_KEY_FILE"))
    assert (file.is_absolute(), file.read_text("utf-8")) == (True, KEY)
    assert KEY not in json.dumps(written)


def test_everything_else_is_kept_in_its_order(tmp_path: Path) -> None:
    existing(tmp_path, FULL, "claude-desktop")
    written = json.loads(set_up(tmp_path, "claude-desktop").read_bytes())
    merged = FULL | {"mcpServers": {"other": OTHER, "faktoora": OURS}}
    assert json.dumps(written) == json.dumps(merged)


def test_umlauts_and_unpaired_surrogates_are_kept(tmp_path: Path) -> None:
    existing(tmp_path, '{"a": "ä", "b": "\\ud800"}')
    text = set_up(tmp_path).read_text("utf-8")
    assert '"a": "ä",\n  "b": "\\ud800"' in text


def test_our_entry_keeps_additions_and_loses_settings_that_are_no_longer_chosen(tmp_path: Path) -> None:
    env = {"FAKTOORA_SANDBOX": "true", "FAKTOORA_HIDE_FIELDS": "note", "HTTPS_PROXY": "http://proxy"}
    entry = {"disabled": True, "command": "old", "args": ["x"], "env": env, "timeout": 5}
    existing(tmp_path, {"mcpServers": {"faktoora": entry, "other": OTHER}}, "claude-desktop")
    written = json.loads(set_up(tmp_path, "claude-desktop").read_bytes())
    kept = {"FAKTOORA_HIDE_FIELDS": "note", "HTTPS_PROXY": "http://proxy", "FAKTOORA_API_KEY": KEY}
    assert written["mcpServers"] == {
        "faktoora": {"disabled": True, "timeout": 5} | OURS | {"env": kept | ENGLISH},
        "other": OTHER,
    }


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_file_keeps_its_line_ends(host: str, end: str, tmp_path: Path) -> None:
    path = existing(tmp_path, "", host)
    path.write_bytes(json.dumps(FULL, indent=2).replace("\n", end).encode())
    set_up(tmp_path, host)
    content = path.read_bytes().decode()
    assert content.count(end) == content.count("\n") > 10
    assert ("\r\n" in content) == (end == "\r\n")


@pytest.mark.parametrize("host", HOSTS)
def test_a_byte_order_mark_is_read_and_not_written_since_not_every_host_reads_it(
    host: str, tmp_path: Path
) -> None:
    path = existing(tmp_path, "", host)
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"theme": "dunkel ä"}).encode())
    set_up(tmp_path, host)
    assert json.loads(path.read_bytes())["theme"] == "dunkel ä"
    assert path.read_bytes().startswith(b"{")


@pytest.mark.parametrize("host", HOSTS)
def test_several_firms_backups_modes_and_write_protection_hold_for_every_host(
    host: str, tmp_path: Path
) -> None:
    existing(tmp_path, {HOSTS[host].section: {"other": OTHER}}, host).chmod(0o644)
    for name in ("muster", "beispiel"):
        read = reader(api_key=KEY, account=name)
        install(Wanted(host=host, get=read, machine=machine(tmp_path), server=name))
    path = config_path(HOSTS[host], machine(tmp_path))
    assert [*json.loads(path.read_bytes())[HOSTS[host].section]] == ["other", "muster", "beispiel"]
    assert [mode(one) for one in (path, backup_of(path), backup_of(path, ".2"))] == [0o600] * 3
    path.chmod(0o444)
    before = files(tmp_path)
    with pytest.raises(click.ClickException, match="is write-protected"):
        set_up(tmp_path, host)
    assert files(tmp_path) == before


def test_a_file_that_holds_a_key_becomes_private_whatever_is_added(tmp_path: Path) -> None:
    set_up(tmp_path).chmod(0o644)
    read = reader(sandbox="true")
    install(Wanted(host="cursor", get=read, machine=machine(tmp_path), server="probe"))
    assert mode(tmp_path / ".cursor" / "mcp.json") == 0o600


@pytest.mark.parametrize("folder", ["Jörg Müller", "a & b", "it's", "x" * 200])
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_home_of_any_name_and_length_is_written_to(
    host: str, platform: str, folder: str, tmp_path: Path
) -> None:
    home = tmp_path / folder / folder
    home.mkdir(parents=True)
    where = Machine(platform, home, {})
    install(Wanted(host=host, get=reader(sandbox="true"), machine=where))
    assert [*json.loads(config_path(HOSTS[host], where).read_bytes())[HOSTS[host].section]] == ["faktoora"]


def test_the_previous_file_is_kept_as_a_backup(tmp_path: Path) -> None:
    before = existing(tmp_path, FULL).read_bytes()
    path = set_up(tmp_path)
    assert backup_of(path).read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["mcp.json", "mcp.json.bak"]


def test_the_second_time_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    existing(tmp_path, FULL)
    path = set_up(tmp_path)
    before, number = files(tmp_path), path.stat().st_ino
    capsys.readouterr()
    set_up(tmp_path)
    assert (files(tmp_path), path.stat().st_ino) == (before, number)
    assert capsys.readouterr().out == (f"faktoora is already set up in Cursor, nothing was changed: {path}\n")


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    assert mode(set_up(tmp_path)) == 0o600


def test_a_file_that_gets_the_key_and_its_backup_are_for_their_owner_only(tmp_path: Path) -> None:
    existing(tmp_path, FULL).chmod(0o640)
    path = set_up(tmp_path)
    assert (mode(path), mode(backup_of(path))) == (0o600, 0o600)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.json"
    real.write_text("{}", "utf-8")
    link = tmp_path / ".cursor" / "mcp.json"
    link.parent.mkdir()
    link.symlink_to(real)
    set_up(tmp_path)
    assert (link.is_symlink(), "faktoora" in real.read_text("utf-8")) == (True, True)


def test_people_read_what_was_done_and_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = existing(tmp_path, FULL)
    path.chmod(0o644)
    set_up(tmp_path)
    assert capsys.readouterr().out == (
        f"faktoora is set up in Cursor, as faktoora: {path}\n"
        "Others could read this file, which may contain keys; now only you can.\n"
        f"Backup of the previous file, including keys: {path}.bak\n"
        "Restart Cursor now.\n"
    )


def test_a_second_firm_under_one_name_is_told_how_to_keep_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = set_up(tmp_path)
    set_up(tmp_path, api_key="key-of-another-firm")
    assert capsys.readouterr().out.split("Restart Cursor now.\n")[1] == (
        f"faktoora was set up in Cursor as faktoora already; that entry is replaced: {path}\n"
        "To keep several firms side by side, give each a name: --name\n"
        f"Backup of the previous file, including keys: {path}.bak\n"
    )


def test_several_firms_stand_side_by_side_and_each_is_removed_by_its_name(tmp_path: Path) -> None:
    for name in ("muster", "beispiel"):
        install(
            Wanted(
                host="cursor", get=reader(api_key=KEY, account=name), machine=machine(tmp_path), server=name
            )
        )
    path = set_up(tmp_path, api_key=KEY, account="third")
    assert [*json.loads(path.read_bytes())["mcpServers"]] == ["muster", "beispiel", "faktoora"]
    uninstall(Wanted(host="cursor", get=reader(), machine=machine(tmp_path), server="muster"))
    left = json.loads(path.read_bytes())["mcpServers"]
    assert {name: entry["env"]["FAKTOORA_ACCOUNT"] for name, entry in left.items()} == {
        "beispiel": "beispiel",
        "faktoora": "third",
    }


def test_no_backup_is_replaced_so_that_the_first_key_is_not_lost(tmp_path: Path) -> None:
    contents = [set_up(tmp_path, api_key=KEY, account=name).read_bytes() for name in ("one", "two", "three")]
    path = tmp_path / ".cursor" / "mcp.json"
    assert [backup_of(path, number).read_bytes() for number in ("", ".2")] == contents[:2]


def test_a_write_protected_file_is_refused(tmp_path: Path) -> None:
    path = existing(tmp_path, FULL)
    path.chmod(0o444)
    before = files(tmp_path)
    with pytest.raises(click.ClickException, match="is write-protected"):
        set_up(tmp_path)
    assert files(tmp_path) == before


def test_it_speaks_german(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = set_up(tmp_path, sandbox="true", language="de")
    assert capsys.readouterr().out == (
        f"faktoora ist in Cursor als faktoora eingerichtet: {path}\nStarten Sie Cursor jetzt neu.\n"
    )


def test_print_shows_our_entry_without_key_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = existing(tmp_path, "{broken")
    before = files(tmp_path)
    show(tmp_path, api_key=KEY, read_only="true")
    first, _, shown = capsys.readouterr().out.partition("\n")
    env = {"FAKTOORA_API_KEY": MASK, "FAKTOORA_READ_ONLY": "true"}
    assert first == f"This would be written to {path}:"
    assert json.loads(shown) == {
        "mcpServers": {"faktoora": {"type": "stdio"} | OURS | {"env": env | ENGLISH}}
    }
    assert files(tmp_path) == before


def test_uninstalling_removes_our_server_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    existing(tmp_path, FULL)
    path = set_up(tmp_path)
    installed = path.read_bytes()
    capsys.readouterr()
    take_out(tmp_path)
    assert json.dumps(json.loads(path.read_bytes())) == json.dumps(FULL)
    assert backup_of(path, ".2").read_bytes() == installed
    assert capsys.readouterr().out == (
        f"faktoora was removed from Cursor: {path}\n"
        f"Backup of the previous file, including keys: {path}.bak.2\n"
        "Restart Cursor now.\n"
    )


@pytest.mark.parametrize("content", [None, FULL, {}])
def test_uninstalling_without_our_server_writes_nothing(content: object, tmp_path: Path) -> None:
    if content is not None:
        existing(tmp_path, content)
    before = files(tmp_path)
    take_out(tmp_path)
    assert files(tmp_path) == before


def test_uninstalling_can_be_previewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = set_up(tmp_path)
    before = files(tmp_path)
    capsys.readouterr()
    take_out(tmp_path, only_print=True)
    assert (files(tmp_path), capsys.readouterr().out) == (before, f"faktoora would be removed from {path}\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"mcpServers": {"a": {"env": {"K": "hidden"}} oops}}', "is not valid JSON, at 1:47"),
        ('// hidden\n{"mcpServers": {}}', "is not valid JSON, at 1:1"),
        ('{"a": "hidden", "a": 2}', "is not valid JSON (comments"),
        ('["hidden"]', "does not have the format that Cursor documents. "),
        ('{"mcpServers": ["hidden"]}', "does not have the format that Cursor documents, at mcpServers."),
    ],
    ids=range(5),
)
@pytest.mark.parametrize("change", [set_up, take_out])
def test_a_broken_file_is_left_untouched(
    change: Callable[[Path], object], content: str, reason: str, tmp_path: Path
) -> None:
    path = existing(tmp_path, content)
    with pytest.raises(click.ClickException) as refused:
        change(tmp_path)
    assert f"Nothing was changed: {path} {reason}" in refused.value.message
    assert "hidden" not in refused.value.message
    assert files(tmp_path) == {".cursor/mcp.json": content.encode()}


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ".cursor" / "mcp.json"
    path.mkdir(parents=True)
    with pytest.raises(click.ClickException, match=r"cannot be read or written: it is a folder\.$"):
        set_up(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".cursor").touch()
    with pytest.raises(
        click.ClickException, match=r"cannot be read or written: a part of the path is no folder\.$"
    ):
        set_up(tmp_path)


def test_a_change_by_the_host_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path, read = existing(tmp_path, FULL), reader(api_key=KEY)

    def slowly(more: Mapping[str, str]) -> Settings:
        if not more:  # the key is asked for, after the file was read
            path.write_text('{"theirs": 1}', "utf-8")
        return read(more)

    with pytest.raises(click.ClickException, match="another program has just changed"):
        install(Wanted(host="cursor", get=slowly, machine=machine(tmp_path)))
    assert json.loads(path.read_bytes()) == {"theirs": 1}


def test_without_a_key_and_a_terminal_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(NoKeyError):
        set_up(tmp_path, language="en")
    assert files(tmp_path) == {}


@pytest.mark.parametrize("chosen", [{}, {"api_key": KEY}])
def test_a_projects_file_never_holds_the_key(chosen: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="shared with others and must not contain the key"):
        install(Wanted(host="cursor", get=reader(**chosen), machine=machine(tmp_path), project=tmp_path))
    assert files(tmp_path) == {}


def test_a_project_can_have_the_sandbox(tmp_path: Path) -> None:
    install(Wanted(host="vscode", get=reader(sandbox="true"), machine=machine(tmp_path), project=tmp_path))
    entry = {"type": "stdio"} | OURS | {"env": {"FAKTOORA_SANDBOX": "true"} | ENGLISH}
    assert json.loads((tmp_path / ".vscode/mcp.json").read_bytes()) == {"servers": {"faktoora": entry}}


def test_claude_desktop_has_no_projects(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match=r"^Claude Desktop has no project configuration"):
        install(
            Wanted(
                host="claude-desktop", get=reader(api_key=KEY), machine=machine(tmp_path), project=tmp_path
            )
        )


@pytest.mark.parametrize(
    ("python", "beside", "expected"),
    [
        ("python3", "faktoora-mcp", ["faktoora-mcp", "serve"]),
        ("python.exe", "faktoora-mcp.exe", ["faktoora-mcp.exe", "serve"]),
        ("python3", "other", ["python3", "-m", "faktoora_mcp", "serve"]),
    ],
)
def test_the_program_is_named_by_its_absolute_path(
    python: str, beside: str, expected: list[str], tmp_path: Path
) -> None:
    (tmp_path / beside).touch()
    assert program(tmp_path / python) == [str(tmp_path / expected[0]), *expected[1:]]


@given(
    key=st.text("abcXYZ0123456789_-.{}$%", min_size=12).map(lambda text: f"k{text}"),
    host=st.sampled_from([*HOSTS]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_key_never_appears(
    key: str, host: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path_factory.mktemp("home")
    show(home, host, api_key=key)
    path = set_up(home, host, api_key=key)
    assert json.dumps(key) in path.read_text("utf-8")
    set_up(home, host, api_key="another-key")
    take_out(home, host)
    shown = capsys.readouterr()
    assert key not in shown.out + shown.err


def test_the_written_command_starts_the_server_from_any_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = json.loads(set_up(tmp_path).read_bytes())["mcpServers"]["faktoora"]
    client = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    request = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client}
    served = subprocess.run(
        [entry["command"], *entry["args"]],
        cwd=tmp_path,
        env=environment(**entry["env"]),
        input=json.dumps(request) + "\n",
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert json.loads(served.stdout.splitlines()[0])["id"] == 1
    assert KEY not in capsys.readouterr().out + served.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo terminals")
def test_at_a_terminal_the_key_is_asked_for_and_not_shown(tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    env = environment(HOME=str(tmp_path), FAKTOORA_LANGUAGE="de")
    command = [*COMMAND, "install", "cursor"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
    ) as process:
        os.close(theirs)
        seen = b""
        while b"angezeigt" not in seen:
            seen += os.read(ours, 4096)
        os.write(ours, f"{KEY}\n".encode())
        process.wait(DEADLINE_S)
        seen += os.read(ours, 4096)
    os.close(ours)
    entry = json.loads((tmp_path / ".cursor/mcp.json").read_bytes())["mcpServers"]["faktoora"]
    german = {"FAKTOORA_API_KEY": KEY, "FAKTOORA_LANGUAGE": "de"}
    assert (entry["env"], KEY.encode() in seen) == (german, False)


URL = "https://mcp.firm.example/mcp"
BEARER = {"Authorization": f"Bearer {KEY}"}


class TestAddress:
    """A server that runs elsewhere: the host gets its address, and a key or nothing."""

    def add(
        self, home: Path, host: str = "cursor", *, signs_in: bool = False, **given: object
    ) -> dict[str, object]:
        """Our entry in the host's file afterwards."""
        chosen = {name: str(value) for name, value in given.items()} or {"api_key": KEY}
        remote = Remote(URL, signs_in)
        install(Wanted(host=host, get=reader(**chosen), machine=machine(home), remote=remote))
        return self.entry(config_path(HOSTS[host], machine(home)))

    def entry(self, path: Path) -> dict[str, object]:
        config = json.loads(path.read_bytes())
        return (config.get("mcpServers") or config["servers"])["faktoora"]

    @pytest.mark.parametrize(
        ("host", "form"),
        [("claude-code", {"type": "http"}), ("cursor", {}), ("vscode", {"type": "http"})],
    )
    def test_each_host_gets_its_own_form(self, host: str, form: dict[str, object], tmp_path: Path) -> None:
        assert self.add(tmp_path, host) == form | {"url": URL, "headers": BEARER}

    def test_where_users_sign_in_no_key_is_asked_for_or_written(self, tmp_path: Path) -> None:
        assert self.add(tmp_path, signs_in=True, language="en") == {"url": URL}
        assert self.add(tmp_path, signs_in=True, api_key=KEY) == {"url": URL}

    def test_account_and_reading_only_go_along(self, tmp_path: Path) -> None:
        entry = self.add(tmp_path, api_key=KEY, account_id="acc-1", read_only="true")
        assert entry["headers"] == BEARER | {"X-Account-Id": "acc-1", "X-Faktoora-Readonly": "1"}

    def test_a_program_becomes_an_address_and_a_program_again(self, tmp_path: Path) -> None:
        local = self.entry(set_up(tmp_path))
        assert self.add(tmp_path) == {"url": URL, "headers": BEARER}
        assert self.entry(set_up(tmp_path)) == local

    def test_headers_and_keys_of_the_host_are_kept(self, tmp_path: Path) -> None:
        ours = {
            "url": "https://old.example",
            "disabled": True,
            "headers": {"X-API-KEY": "old", "X-Team": "7"},
        }
        existing(tmp_path, {"mcpServers": {"other": OTHER, "faktoora": ours}})
        assert self.add(tmp_path) == {"disabled": True, "url": URL, "headers": {"X-Team": "7"} | BEARER}

    def test_it_is_removed_as_any_other(self, tmp_path: Path) -> None:
        self.add(tmp_path)
        take_out(tmp_path)
        assert json.loads(config_path(HOSTS["cursor"], machine(tmp_path)).read_bytes()) == {"mcpServers": {}}

    def test_a_host_that_reads_no_addresses_is_told_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(click.UsageError, match="add a connector in its settings"):
            self.add(tmp_path, "claude-desktop")
        assert files(tmp_path) == {}

    @pytest.mark.parametrize("option", [{"sandbox": "true"}, {"base_url": "https://x.de"}, {"account": "A"}])
    def test_options_of_a_server_on_this_machine_are_refused(
        self, option: dict[str, str], tmp_path: Path
    ) -> None:
        (name,) = option
        with pytest.raises(click.UsageError, match=f"--{name.replace('_', '-')}"):
            self.add(tmp_path, "cursor", signs_in=False, api_key=KEY, **option)

    @pytest.mark.parametrize("signs_in", [True, False])
    def test_a_project_takes_an_address_only_without_a_key(self, signs_in: bool, tmp_path: Path) -> None:  # noqa: FBT001
        def add() -> None:
            read, remote = reader(api_key=KEY), Remote(URL, signs_in)
            install(
                Wanted(host="cursor", get=read, machine=machine(tmp_path), project=tmp_path, remote=remote)
            )

        if signs_in:
            add()
            assert self.entry(tmp_path / ".cursor" / "mcp.json") == {"url": URL}
        else:
            with pytest.raises(click.UsageError, match="must not contain the key"):
                add()

    @pytest.mark.parametrize("url", ["http://mcp.firm.example", "ftp://x", "https://a:b@x/", "x"])
    def test_an_address_that_would_show_the_key_is_refused(self, url: str) -> None:
        with pytest.raises(click.UsageError, match="--url"):
            remote_of({"url": url})

    def test_the_command_writes_it(self, tmp_path: Path) -> None:
        command = [*COMMAND, "install", "cursor", "--url", URL]
        env = environment(HOME=str(tmp_path), USERPROFILE=str(tmp_path), FAKTOORA_API_KEY=KEY)
        subprocess.run(command, env=env, check=True, capture_output=True, timeout=DEADLINE_S)
        assert self.entry(tmp_path / ".cursor" / "mcp.json") == {"url": URL, "headers": BEARER}
