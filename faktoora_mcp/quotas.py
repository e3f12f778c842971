"""How many changes an operator allows: in one run, or for each caller in an hour."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Quota:
    """`20` or `100/h`."""

    most: int
    hourly: bool = False

    def __str__(self) -> str:
        return f"{self.most}/h" if self.hourly else str(self.most)


def _quota(value: object) -> Quota | None:
    if value is None or isinstance(value, Quota):
        return value
    found = re.fullmatch(r"(\d{1,9})(/h)?", str(value).strip())
    if not found:
        raise ValueError("expected a whole number, or one in an hour such as 100/h")
    return Quota(int(found[1]), bool(found[2]))


Limit = Annotated[Quota | None, BeforeValidator(_quota)]
