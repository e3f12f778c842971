"""What the commands say: English in the code, German in a table; numbers and plurals fit the language."""

from functools import cache

from faktoora_mcp.language import spoken


def tr(text: str, /, **values: object) -> str:
    """The text in the reader's language, with these values."""
    return _in_language(text).format(**values)


def plural(count: int, one: str, many: str, /, **values: object) -> str:
    """The text for this count, which it may show as `{count}`."""
    return tr(one if count == 1 else many, count=number(count), **values)


def number(value: int) -> str:
    """With the separator of the language: 1,234 in English, 1.234 in German."""
    return f"{value:,}".replace(",", "." if spoken() == "de" else ",")


def percent(share: float) -> str:
    """12% in English, 12 % in German."""
    return f"{share * 100:.0f}{' %' if spoken() == 'de' else '%'}"


def _in_language(text: str) -> str:
    return text if spoken() == "en" else german().get(text, text)


@cache
def german() -> dict[str, str]:
    """The German of every English text that is passed to `tr` and `plural`, and of all help."""
    from .german import GERMAN
    from .german_answers import ANSWERS
    from .german_help import HELP

    return ANSWERS | GERMAN | HELP
