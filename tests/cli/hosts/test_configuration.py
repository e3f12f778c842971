from pathlib import Path

import pytest

from faktoora_mcp.cli.hosts.configuration import (
    HOSTS,
    BrokenError,
    Machine,
    config_path,
    our_server,
    read,
    servers,
)

MAC, WINDOWS, LINUX = "Library/Application Support", "AppData/Roaming", ".config"
PATHS = [
    ("claude-desktop", "darwin", f"{MAC}/Claude/claude_desktop_config.json"),
    ("claude-desktop", "win32", f"{WINDOWS}/Claude/claude_desktop_config.json"),
    ("claude-desktop", "linux", f"{LINUX}/Claude/claude_desktop_config.json"),
    ("vscode", "darwin", f"{MAC}/Code/User/mcp.json"),
    ("vscode", "win32", f"{WINDOWS}/Code/User/mcp.json"),
    ("vscode", "linux", f"{LINUX}/Code/User/mcp.json"),
    *[("claude-code", system, ".claude.json") for system in ("darwin", "win32", "linux")],
    *[("cursor", system, ".cursor/mcp.json") for system in ("darwin", "win32", "linux")],
]
MOVED = [
    ("claude-desktop", "win32", "APPDATA", "Claude/claude_desktop_config.json"),
    ("claude-desktop", "linux", "XDG_CONFIG_HOME", "Claude/claude_desktop_config.json"),
    ("vscode", "win32", "APPDATA", "Code/User/mcp.json"),
    ("vscode", "linux", "XDG_CONFIG_HOME", "Code/User/mcp.json"),
    ("claude-code", "linux", "CLAUDE_CONFIG_DIR", ".claude.json"),
]
PROJECTS = {"claude-code": ".mcp.json", "cursor": ".cursor/mcp.json", "vscode": ".vscode/mcp.json"}
STORE = "AppData/Local/Packages/Claude_{}/LocalCache/Roaming/Claude"
NEWEST = "AppData/Local/Claude-Data/claude_{}"
DESKTOP = HOSTS["claude-desktop"]


def file_in(home: Path) -> Path:
    return config_path(DESKTOP, Machine("win32", home, {})).relative_to(home).parent


@pytest.mark.parametrize(("host", "platform", "path"), PATHS)
def test_every_host_has_its_file_where_it_documents_it(
    host: str, platform: str, path: str, tmp_path: Path
) -> None:
    assert config_path(HOSTS[host], Machine(platform, tmp_path, {})) == tmp_path / path


@pytest.mark.parametrize(("host", "platform", "variable", "path"), MOVED)
def test_a_folder_that_was_moved_is_found(
    host: str, platform: str, variable: str, path: str, tmp_path: Path
) -> None:
    machine = Machine(platform, tmp_path / "home", {variable: str(tmp_path / "moved")})
    assert config_path(HOSTS[host], machine) == tmp_path / "moved" / path


@pytest.mark.parametrize("folder", ["", "relative/folder"])
def test_a_variable_that_names_no_absolute_folder_counts_as_unset(folder: str, tmp_path: Path) -> None:
    machine = Machine("linux", tmp_path, {"XDG_CONFIG_HOME": folder})
    assert config_path(HOSTS["vscode"], machine) == tmp_path / LINUX / "Code/User/mcp.json"


@pytest.mark.parametrize("name", HOSTS)
def test_a_project_has_a_file_if_the_host_has_project_configurations(name: str, tmp_path: Path) -> None:
    machine = Machine("linux", tmp_path / "home", {})
    if name in PROJECTS:
        assert config_path(HOSTS[name], machine, tmp_path) == tmp_path / PROJECTS[name]
    else:
        with pytest.raises(ValueError, match="Claude Desktop has no project configuration"):
            config_path(HOSTS[name], machine, tmp_path)


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        ([STORE.format("pzs8")], STORE.format("pzs8")),
        ([STORE.format("pzs8"), f"{WINDOWS}/Claude"], STORE.format("pzs8")),
        ([STORE.format("pzs8"), NEWEST.format("pzs8")], NEWEST.format("pzs8")),
        ([f"{WINDOWS}/Claude", "AppData/Local/Packages/Other_1"], f"{WINDOWS}/Claude"),
    ],
)
def test_a_packaged_claude_desktop_on_windows_reads_the_file_of_its_package(
    folders: list[str], expected: str, tmp_path: Path
) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    assert file_in(tmp_path) == Path(expected)


def test_of_two_packages_the_one_with_a_configuration_is_used(tmp_path: Path) -> None:
    for publisher in ("first", "second"):
        (tmp_path / STORE.format(publisher)).mkdir(parents=True)
    (tmp_path / STORE.format("second") / "claude_desktop_config.json").touch()
    assert file_in(tmp_path) == Path(STORE.format("second"))


@pytest.mark.parametrize("text", [b"", b" \r\n", b"{}", b"\xef\xbb\xbf{}"])
def test_an_empty_file_is_an_empty_configuration(text: bytes) -> None:
    assert read(text) == {}


@pytest.mark.parametrize(
    ("text", "reason", "where"),
    [
        (b'{"a": 1,\n  oops}', "json", "2:3"),
        (b'{"a": 1} // mine', "json", "1:10"),
        (b'{"a": 1, "a": 2}', "json", ""),
        (b'{"a": NaN}', "json", ""),
        (b'{"a": 1e999}', "json", ""),
        (b'{"a": "\xff"}', "json", ""),
        (b"[" * 100_000, "json", ""),
        (b"[]", "shape", ""),
        (b"null", "shape", ""),
        (b'{"mcpServers": []}', "shape", "mcpServers"),
        (b'{"mcpServers": null}', "shape", "mcpServers"),
        (b'{"mcpServers": {"faktoora": "x"}}', "shape", "mcpServers.faktoora"),
        (b'{"mcpServers": {"faktoora": {"cwd": "x"}}}', "shape", "mcpServers.faktoora.command"),
        (b'{"mcpServers": {"faktoora": {"command": "x", "env": 1}}}', "shape", "mcpServers.faktoora.env"),
    ],
    ids=range(14),
)
def test_a_configuration_that_cannot_be_changed_is_refused_with_the_place(
    text: bytes, reason: str, where: str
) -> None:
    with pytest.raises(BrokenError) as broken:
        our_server(DESKTOP, read(text))
    assert (broken.value.reason, broken.value.where) == (reason, where)


def test_our_server_is_found_among_others() -> None:
    config = read(b'{"servers": {"a": {"url": "https://a"}, "faktoora": {"command": "x"}}}')
    assert our_server(HOSTS["vscode"], config) == {"command": "x"}


def test_another_hosts_section_is_not_ours() -> None:
    assert servers(HOSTS["vscode"], read(b'{"mcpServers": {"faktoora": {"command": "x"}}}')) == {}
