"""Keys that all processes of one server derive from the operator's secrets, the newest first."""

import hmac
import secrets
from collections.abc import Sequence

MIN_SECRET_CHARS = 32


class StateKeys:
    """Keys by their use; with several secrets, while they are replaced, there are several of each."""

    def __init__(self, given: Sequence[str]) -> None:
        self._secrets = [secret.encode() for secret in given]

    @classmethod
    def random(cls) -> "StateKeys":
        """Keys of one process."""
        return cls([secrets.token_hex(32)])

    def derived(self, use: str) -> list[bytes]:
        """32 bytes for each secret, the newest first; nothing of another use follows from them."""
        return [hmac.digest(secret, f"faktoora-mcp {use}".encode(), "sha256") for secret in self._secrets]

    def __repr__(self) -> str:
        return f"StateKeys({len(self._secrets)})"


class Identities:
    """Names by which processes mean the same thing, and that do not reveal it."""

    def __init__(self, keys: StateKeys) -> None:
        self._keys = keys.derived("identity")

    def names(self, kind: str, *texts: str) -> list[str]:
        """A name of each text under each secret, so that processes meet while secrets are replaced."""
        return [f"{kind}:{self._hashed(key, kind, text)}" for key in self._keys for text in texts]

    @staticmethod
    def _hashed(key: bytes, kind: str, text: str) -> str:
        given = f"{kind} {text}".encode("utf-8", "surrogatepass")
        return hmac.digest(key, given, "sha256")[:16].hex()
