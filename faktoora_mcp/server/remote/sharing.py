"""What several servers share: keys that they derive from the same secrets, and a state in Redis."""

from dataclasses import dataclass
from typing import Self

from faktoora_mcp.settings import Settings, SettingsError
from faktoora_mcp.state.keys import MIN_SECRET_CHARS, Identities, StateKeys
from faktoora_mcp.state.local import LocalState
from faktoora_mcp.state.state import LEASE_MARGIN_S, State

from .settings import RemoteSettings

MISSING = '--state needs redis: pip install "faktoora-mcp[replicas]".'
NO_KEYS = "--state needs FAKTOORA_STATE_KEYS, a secret that all servers of one address have in common."
TOO_SHORT = f"FAKTOORA_STATE_KEYS: no secret is shorter than {MIN_SECRET_CHARS} characters."
TWICE = "FAKTOORA_STATE_KEYS: a secret is given twice."
NO_ADDRESS = "FAKTOORA_STATE: expected redis://HOST:PORT/NUMBER, rediss:// for TLS, or unix://PATH."
WORKERS = "--workers above 1 needs --state: the processes have to share what they know."
ONE_SANDBOX = "--workers above 1 and --sandbox: each process would have customers of its own."
ONE_COUNTER = (
    "--workers above 1 and --metrics: each process would count by itself; run several servers instead."
)


@dataclass(frozen=True, slots=True)
class Sharing:
    """The state and the keys of one server."""

    state: State
    keys: StateKeys

    @classmethod
    def of(cls, settings: Settings, remote: RemoteSettings) -> Self:
        """SettingsError for what cannot be used or does not fit together."""
        keys = _keys(remote)
        return cls(_state(settings, remote, keys), keys)


def check_workers(settings: Settings, remote: RemoteSettings) -> None:
    """SettingsError where several processes would not act as one server."""
    if remote.workers == 1:
        return
    for refused, reason in (
        (remote.state is None, WORKERS),
        (settings.sandbox, ONE_SANDBOX),
        (remote.metrics, ONE_COUNTER),
    ):
        if refused:
            raise SettingsError(reason)


def _keys(remote: RemoteSettings) -> StateKeys:
    """The keys of all servers that have the same secrets; those of this process where it has none."""
    if remote.state_keys is None:
        if remote.state is not None:
            raise SettingsError(NO_KEYS)
        return StateKeys.random()
    given = [secret.strip() for secret in remote.state_keys.get_secret_value().split(",")]
    if min(map(len, given)) < MIN_SECRET_CHARS:
        raise SettingsError(TOO_SHORT)
    if len({*given}) < len(given):
        raise SettingsError(TWICE)
    return StateKeys(given)


def _state(settings: Settings, remote: RemoteSettings, keys: StateKeys) -> State:
    """The state that the operator names, which need not answer yet; else that of this process."""
    if remote.state is None:
        return LocalState()
    try:
        from faktoora_mcp.state.shared import SharedState
    except ImportError:
        raise SettingsError(MISSING) from None
    try:
        url = remote.state.get_secret_value()
        return SharedState(url, Identities(keys), settings.call_s + LEASE_MARGIN_S)
    except (ValueError, TypeError):
        raise SettingsError(NO_ADDRESS) from None
