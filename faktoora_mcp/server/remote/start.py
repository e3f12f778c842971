"""Puts a server over HTTP together: the MCP server, who may call it, and the routes beside it."""

import functools
from pathlib import Path

import httpx
from sse_starlette.sse import AppStatus

from faktoora_mcp.api.connection import SANDBOX_URL
from faktoora_mcp.api.models import CustomerQuery
from faktoora_mcp.errors import Refused, Unreachable
from faktoora_mcp.errors import Timeout as NoAnswer
from faktoora_mcp.sandbox.app import create_app as create_sandbox
from faktoora_mcp.sandbox.forms import forms_of
from faktoora_mcp.sandbox.tenants import BASE_BYTES, Tenants
from faktoora_mcp.server.app import create_server
from faktoora_mcp.server.workspace import Workspace
from faktoora_mcp.settings import Settings, SettingsError

from .access import Access, Passthrough, SharedKey
from .card import CATALOGUE_PATH, Card
from .health import Health
from .http import Beside, Gate, Route
from .limits import Calls
from .settings import RemoteSettings
from .sharing import Sharing
from .watching.metrics import Metrics
from .watching.tracing import Tracing
from .watching.watchers import Watching
from .workspace import RemoteWorkspace


def create_gate(
    settings: Settings, remote: RemoteSettings, transport: httpx.AsyncBaseTransport | None = None
) -> Gate:
    """The application that uvicorn serves. SettingsError for what cannot be used or does not fit together."""
    if settings.sandbox and transport is None:
        settings = settings.model_copy(update={"base_url": SANDBOX_URL})
        transport = _Tenants(settings)
    calls = Calls(remote.max_calls, remote.max_calls_per_key)
    AppStatus.disable_automatic_graceful_drain()  # it would cut off streamed answers at the first signal
    metrics = Metrics(calls.total) if remote.metrics else None
    watching = Watching(tuple(filter(None, (metrics, Tracing() if remote.otel else None))))
    sharing = Sharing.of(settings, remote)
    workspace = functools.partial(RemoteWorkspace, watching=watching, sharing=sharing)
    server = create_server(settings, transport, workspace)
    health = Health(functools.partial(_api_answers, server.workspace))
    access, routes = _access(settings, remote)
    card = Card(server.title or server.name, remote)
    beside = Beside(
        open={"/healthz": health.live, "/readyz": health.ready},
        public={f"{remote.path}/server-card": card.card, CATALOGUE_PATH: card.catalogue},
        checked=routes | ({"/metrics": metrics.answer} if metrics else {}),
        refused=metrics.refused if metrics else None,
    )
    return Gate(server, access, remote, calls, beside)


class _Tenants(httpx.ASGITransport):
    """The embedded sandbox with a base for each key, closed with its connection."""

    def __init__(self, settings: Settings) -> None:
        forms = forms_of(settings.dialect)
        self._tenants = Tenants(lambda: create_sandbox(forms=forms, max_bytes=BASE_BYTES))
        super().__init__(self._tenants)

    async def aclose(self) -> None:
        self._tenants.close()


def _access(settings: Settings, remote: RemoteSettings) -> tuple[Access, dict[str, Route]]:
    """Who may call, and the routes that tell how."""
    match remote.auth:
        case "shared":
            return SharedKey(settings, _needed(remote, "access_token_file")), {}
        case "oauth":
            return _oauth(settings, remote)
        case "passthrough":
            return Passthrough(), {}


def _oauth(settings: Settings, remote: RemoteSettings) -> tuple[Access, dict[str, Route]]:
    from .firms import KeyMap
    from .jwks import Jwks
    from .oauth import READ, WELL_KNOWN, WRITE, OAuth, Resource

    names = ("public_url", "oauth_issuer", "oauth_audience")
    url, issuer, audience = (str(_needed(remote, name)) for name in names)
    scopes = (READ,) if settings.read_only else (READ, WRITE)
    resource = Resource(url.rstrip("/"), remote.path, issuer, audience, scopes)
    access = OAuth(resource, Jwks(issuer, httpx.AsyncClient()), KeyMap(_needed(remote, "key_map")))
    return access, dict.fromkeys((WELL_KNOWN, WELL_KNOWN + remote.path), resource.metadata)


def _needed(remote: RemoteSettings, name: str) -> Path:
    value = getattr(remote, name)
    if value is None:
        raise SettingsError(f"--auth {remote.auth} needs --{name.replace('_', '-')}.")
    return value


async def _api_answers(workspace: Workspace) -> bool:
    """Whether the API answers a request without a caller's key, be it by refusing it."""
    try:
        await workspace.own_client.list_customers(CustomerQuery(per_page=1))
    except (Unreachable, NoAnswer):
        return False
    except Refused:
        return True
    return True
