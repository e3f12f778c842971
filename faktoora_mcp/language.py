"""Which language people are spoken to: what the operator chose, else the system's, else English."""

import locale
from typing import Literal

Language = Literal["de", "en"]


def spoken(chosen: Language | None) -> Language:
    """German where it was chosen or the system speaks it."""
    system = locale.getlocale()[0] or ""
    return chosen or ("de" if system.lower().startswith(("de", "german")) else "en")
