"""Uploads a file to a running sandbox through the sandbox's own route."""

import json
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen


def upload_file(url: str, key: str, name: str, content: bytes) -> str:
    """Returns the fileId of the uploaded file. OSError if the sandbox does not accept it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise OSError(f"{url} is not an http address")
    target = f"{parts.scheme}://{parts.netloc}/_sandbox/files?name={quote(name, safe='')}"
    request = Request(target, content, {"X-API-KEY": key, "Content-Type": "text/csv"})  # noqa: S310 (its scheme is checked above)
    with urlopen(request, timeout=20) as response:  # noqa: S310 (its scheme is checked above)
        return str(json.load(response)["fileId"])
