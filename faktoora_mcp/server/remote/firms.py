"""The key map: which firm's faktoora key a token stands for, from a file that is read again once changed."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from faktoora_mcp.api.pool import Credentials
from faktoora_mcp.settings import SettingsError, usable_id, usable_key

UNREADABLE = "FAKTOORA_KEY_MAP: {path} cannot be read."
UNUSABLE = "FAKTOORA_KEY_MAP: {place} {reason}."


class Firm(BaseModel):
    """One firm: its key, or the file that holds it, and what its people may do."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_key: SecretStr | None = None
    api_key_file: Path | None = None
    account_id: Annotated[str, AfterValidator(usable_id)] | None = None
    read_only: bool = False

    @model_validator(mode="after")
    def _has_one_key(self) -> "Firm":
        if (self.api_key is None) == (self.api_key_file is None):
            raise ValueError("needs api_key or api_key_file, and not both")
        return self

    def credentials(self) -> Credentials:
        """Read each time, so that a key is replaced without a restart. OSError or ValueError without one."""
        given = self.api_key.get_secret_value() if self.api_key else None
        key = given if given is not None else Path(str(self.api_key_file)).read_text("utf-8").strip()
        return Credentials(usable_key(key), self.account_id)


class _Map(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    claim: str = Field(min_length=1)
    firms: dict[str, Firm]


class KeyMap:
    """`claim` names the claim of a token whose value is the name of a firm."""

    def __init__(self, path: Path) -> None:
        self._path, self._changed_at = path, -1
        self._map = self._read()

    @property
    def claim(self) -> str:
        return self._current().claim

    def firm(self, name: object) -> Firm | None:
        """The firm of this name, as the file has it now."""
        return self._current().firms.get(name) if isinstance(name, str) else None

    def _current(self) -> _Map:
        """The file as it is; while it cannot be used, as it was."""
        try:
            if self._path.stat().st_mtime_ns != self._changed_at:
                self._map = self._read()
        except (OSError, SettingsError):
            pass
        return self._map

    def _read(self) -> _Map:
        try:
            changed_at = self._path.stat().st_mtime_ns
            found = _Map.model_validate_json(self._path.read_bytes())
        except OSError:
            raise SettingsError(UNREADABLE.format(path=self._path)) from None
        except ValidationError as invalid:
            error = invalid.errors(include_url=False, include_input=False, include_context=False)[0]
            place = ".".join(map(str, error["loc"])) or "the file"
            reason = error["msg"].removeprefix("Value error, ")
            raise SettingsError(UNUSABLE.format(place=place, reason=reason)) from None
        self._changed_at = changed_at
        return found
