"""Plausible identifiers: random digits with valid check digits."""

from collections.abc import Callable
from random import Random

from stdnum import ean, luhn
from stdnum.at import uid
from stdnum.ch import uid as swiss_uid
from stdnum.iso7064 import mod_11_10, mod_97_10
from stdnum.pl import nip


def digits(rng: Random, count: int) -> str:
    """Random digits without a leading 0."""
    return str(rng.randrange(10 ** (count - 1), 10**count))


def vat_id(rng: Random, country: str) -> str | None:
    make = _VAT_IDS.get(country)
    return make(rng) if make else None


def with_wrong_check_digit(number: str) -> str:
    return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"


def gln(rng: Random, country: str) -> str:
    body = {"AT": "90", "CH": "76"}.get(country, "40") + digits(rng, 10)
    return body + ean.calc_check_digit(body)


def leitweg_id(rng: Random, authority: str) -> str:
    suffix = digits(rng, 5)
    return f"{authority}-{suffix}-{mod_97_10.calc_check_digits(authority + suffix)}"


def tax_number(rng: Random) -> str:
    return f"{digits(rng, 2)}/{digits(rng, 3)}/{digits(rng, 5)}"


def _german(rng: Random) -> str:
    body = digits(rng, 8)
    return f"DE{body}{mod_11_10.calc_check_digit(body)}"


def _austrian(rng: Random) -> str:
    body = f"U{digits(rng, 7)}"
    return f"AT{body}{uid.calc_check_digit(body)}"


def _swiss(rng: Random) -> str:
    """The check digit 10 is never issued, so another number is drawn."""
    body = digits(rng, 8)
    check = swiss_uid.calc_check_digit(body)
    return f"CHE-{body[:3]}.{body[3:6]}.{body[6:]}{check} MWST" if len(check) == 1 else _swiss(rng)


def _dutch(rng: Random) -> str:
    body = f"{digits(rng, 9)}B"
    return f"NL{body}{mod_97_10.calc_check_digits('NL' + body)}"


def _french(rng: Random) -> str:
    body = digits(rng, 8)
    siren = body + luhn.calc_check_digit(body)
    return f"FR{int(siren + '12') % 97:02d}{siren}"


def _italian(rng: Random) -> str:
    body = f"{digits(rng, 7)}021"
    return f"IT{body}{luhn.calc_check_digit(body)}"


def _polish(rng: Random) -> str:
    body = digits(rng, 9)
    check = next((check for check in "0123456789" if nip.checksum(body + check) == 0), None)
    return f"PL{body}{check}" if check else _polish(rng)


_VAT_IDS: dict[str, Callable[[Random], str]] = {
    "DE": _german,
    "AT": _austrian,
    "CH": _swiss,
    "NL": _dutch,
    "FR": _french,
    "IT": _italian,
    "PL": _polish,
}
