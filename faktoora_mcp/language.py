"""The language for texts that people read: the operator's choice, else the system's, else English."""

import locale
from typing import Literal

Language = Literal["de", "en"]


def user_language(chosen: Language | None) -> Language:
    """German if it was chosen or if it is the system's language."""
    system = locale.getlocale()[0] or ""
    return chosen or ("de" if system.lower().startswith(("de", "german")) else "en")
