"""Sockets on which a command serves HTTP."""

import errno
import socket
from collections.abc import Generator
from contextlib import contextmanager

from faktoora_mcp.settings import SettingsError

IN_USE = "Port {port} is in use. Name another one by --port; 0 takes any free one."


@contextmanager
def listening(host: str, port: int) -> Generator[tuple[socket.socket, str]]:
    """A listening socket and its address, http://HOST:PORT. SettingsError where they cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # asyncio sets it on its own sockets only
        try:
            listener.bind((host, port))
        except OSError as exc:
            text = (
                IN_USE if exc.errno == errno.EADDRINUSE else "Cannot listen on {host}, port {port}: {reason}."
            )
            raise SettingsError(text, host=host, port=port, reason=exc.strerror) from None
        listener.listen(512)
        name = f"[{host}]" if family == socket.AF_INET6 else host
        yield listener, f"http://{name}:{listener.getsockname()[1]}"
