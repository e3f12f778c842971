"""What an operator can set for a server over HTTP, beside the settings of every server."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from faktoora_mcp.settings import FromEnvironment, Names, usable_address

GRACE_S = 10
"""So long running calls may go on after a signal to stop."""


def _address(url: str) -> str:
    """As it stands: an issuer is compared letter by letter."""
    usable_address(url)
    return url


Address = Annotated[str, AfterValidator(_address)]


class RemoteSettings(FromEnvironment):
    """Field `x_y` is the option --x-y and the variable FAKTOORA_X_Y."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8765, ge=0, le=65535, description="port to listen on; 0: any free one")
    path: str = Field(default="/mcp", pattern=r"^/[\w/-]*[\w]$", description="path of the MCP endpoint")
    auth: Literal["passthrough", "shared", "oauth"] = Field(
        default="passthrough",
        description="whose faktoora key is used: passthrough, the caller's; shared, the server's for callers "
        "with a token; oauth, the firm's for callers with a token of an issuer",
    )
    access_token_file: Path | None = Field(
        default=None, description="callers of --auth shared: a line NAME:sha256:HEX for each"
    )
    oauth_issuer: Address | None = Field(default=None, description="https:// address of the issuer of tokens")
    oauth_audience: str | None = Field(default=None, description="audience that a token must be meant for")
    public_url: Address | None = Field(
        default=None, description="address under which callers reach this server"
    )
    key_map: Path | None = Field(default=None, description="JSON file: which firm's key a token stands for")
    allowed_host: Names = Field(
        default=(), description="names under which callers reach the server, separated by commas"
    )
    trusted_proxy: Names = Field(
        default=(), description="addresses of proxies whose forwarded headers are believed, by commas"
    )
    max_clients: int = Field(default=500, ge=1, description="connections at the same time")
    max_calls: int = Field(default=64, ge=1, description="requests that are handled at the same time")
    max_calls_per_key: int = Field(default=16, ge=1, description="of these, requests with one key")
    workers: int = Field(default=1, ge=1, le=64, description="processes that serve; above 1 needs --state")
    state: SecretStr | None = Field(
        default=None,
        description="redis:// address of the state that several servers share; needs faktoora-mcp[replicas]",
    )
    state_keys: SecretStr | None = Field(
        default=None,
        description="secrets that these servers have in common, by commas, the newest first "
        "(only as a variable, so that no process list shows it)",
    )
    metrics: bool = Field(
        default=False, description="counts for Prometheus at /metrics; needs faktoora-mcp[metrics]"
    )
    otel: bool = Field(
        default=False,
        description="traces by OpenTelemetry, set up by OTEL_… variables; needs faktoora-mcp[otel]",
    )

    @property
    def brings_keys(self) -> bool:
        """Whether every request brings a key, so that the server has none of its own."""
        return self.auth != "shared"
