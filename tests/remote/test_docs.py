"""docs/remote.md tells the options as they are."""

from faktoora_mcp.cli.options import REMOTE_OPTIONS
from faktoora_mcp.server.remote.settings import RemoteSettings
from faktoora_mcp.settings import PREFIX
from tests.documents import ROOT, table, with_block, written

PAGE = ROOT / "docs" / "remote.md"


def options() -> str:
    rows = (
        (
            f"`--{name.replace('_', '-')}`" if name in REMOTE_OPTIONS else "-",
            f"`{PREFIX}{name.upper()}`",
            str(field.description),
            shown(field.default),
        )
        for name, field in RemoteSettings.model_fields.items()
    )
    return table(("Option", "Variable", "Meaning", "Default"), rows)


def shown(default: object) -> str:
    return "-" if default in (None, (), False) else f"`{default}`"


def test_the_page_lists_every_option() -> None:
    now = with_block(PAGE, "remote", options())
    assert written(PAGE, now) == now
