"""The text of a file: its encoding, detected line by line where programs have mixed several."""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from itertools import chain, islice

from .tables import UnusableFile

ENCODINGS = {
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
    "cp850": "DOS code page 850",
}
USUAL = ("utf-8-sig", "utf-16", "utf-8", "cp1252")
"""Encodings that programs of today recognise."""
SAVE_AS_CSV = 'In Excel, choose "Save as" and "CSV UTF-8"'
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_ONE_BYTE = ("cp1252", "mac_roman", "cp850")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_LETTER = re.compile(rb"[A-Za-z]")
_SAMPLE = 5_000
"""So many words with letters outside ASCII show the encoding."""
_CASE = re.compile(r"[a-zäöüß][A-ZÄÖÜŠŸŽ]")
_GERMAN = frozenset("äöüÄÖÜß")
_EUROPEAN = frozenset("éèêáàâóôíçñëïøåæœ")
_TYPOGRAPHY = re.compile(r"^[\u2018\u201c\u201e]|[\u2019\u201c\u201d\u20ac]$|(?<=\w)[\u2013\u2019](?=\w)")
"""Quotation marks, dashes and currency where they stand in texts; elsewhere they are letters misread."""
_GERMAN_SCORE = 3
_UNDEFINED = -1_000_000
_CHUNK_CHARS = 1 << 16

Note = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Text:
    """A file in an encoding; `mixed`, if some of its lines are in another one."""

    content: bytes
    encoding: str
    mixed: bool = False

    def lines(self, note: Note | None = None) -> Iterator[str]:
        """Every line with its end. `note` gets the encoding of a line in another one, just before it."""
        if not self.mixed:
            yield from TextIOWrapper(BytesIO(self.content), self.encoding, newline="")
            return
        for line in _lines(self.content.removeprefix(codecs.BOM_UTF8)):
            if _is_utf8(line):
                yield line.decode()
            else:
                encoding = _one_byte([line]) or "latin-1"
                if note:
                    note(encoding)
                yield line.decode(encoding)


def decoded(content: bytes) -> Text:
    """The text of a file. By its byte order mark, else UTF-8, else the likeliest encoding of one byte."""
    marked = next((encoding for bom, encoding in _BOMS.items() if content.startswith(bom)), None)
    if _decodes(content, marked or "utf-8"):
        return Text(content, marked or "utf-8")
    if marked == "utf-16":
        raise UnusableFile(f"The file is not text in UTF-16, although it starts like that. {SAVE_AS_CSV}.")
    if marked or any(not line.isascii() and _is_utf8(line) for line in _lines(content)):
        return Text(content, marked or "utf-8", mixed=True)
    encoding = _one_byte(_lines(content))
    if not encoding or not _decodes(content, encoding):
        raise UnusableFile(f"The file is not text in UTF-8 or Windows-1252. {SAVE_AS_CSV}.")
    return Text(content, encoding)


def seen_as_utf8(text: str, encoding: str) -> str:
    """What a program that reads UTF-8 shows of a text in another encoding."""
    return text.encode(encoding, "replace").decode("utf-8", "replace")


def _lines(content: bytes) -> Iterator[bytes]:
    """With their ends: line feed, carriage return or both."""
    return chain.from_iterable(line.splitlines(keepends=True) for line in BytesIO(content))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decodes(content: bytes, encoding: str) -> bool:
    """Whether the content decodes, read in chunks. UnusableFile if it contains NUL characters."""
    text = TextIOWrapper(BytesIO(content), encoding, newline="")
    try:
        while chunk := text.read(_CHUNK_CHARS):
            if "\0" in chunk:
                raise UnusableFile(f"The file has NUL characters, so it is not a CSV file. {SAVE_AS_CSV}.")
    except UnicodeDecodeError:
        return False
    return True


def _one_byte(lines: Iterable[bytes]) -> str | None:
    """Windows-1252, unless the words look much more like European names in another encoding."""
    words = [*islice(_telling(lines), _SAMPLE)]
    scores = {encoding: _score(words, encoding) for encoding in _ONE_BYTE}
    best = max(_ONE_BYTE, key=lambda encoding: scores[encoding])
    if scores["cp1252"] > _UNDEFINED and scores[best] <= 2 * max(scores["cp1252"], 0):
        return "cp1252"
    return best if scores[best] > 0 else None


def _telling(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Words with letters within ASCII and characters outside it."""
    words = chain.from_iterable(map(_WORD.findall, lines))
    return (word for word in words if not word.isascii() and _LETTER.search(word))


def _score(words: Iterable[bytes], encoding: str) -> int:
    """How much the words look like names: letters of names count, signs and capitals within a word do not."""
    try:
        return sum(_word_score(word.decode(encoding)) for word in words)
    except UnicodeDecodeError:
        return _UNDEFINED


def _word_score(word: str) -> int:
    letters = sum(_GERMAN_SCORE if char in _GERMAN else 1 for char in word if char in _GERMAN | _EUROPEAN)
    typography = _TYPOGRAPHY.findall(word)
    signs = sum(not char.isascii() and not char.isalpha() for char in word) - len(typography)
    return letters + 2 * len(typography) - signs - _GERMAN_SCORE * len(_CASE.findall(word))
