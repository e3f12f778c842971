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
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_SAMPLE = 5_000
"""So many words with letters outside ASCII show the encoding."""
_CASE = re.compile(r"[a-zäöüß][A-ZÄÖÜŠŸŽ]")
_GERMAN = frozenset("äöüÄÖÜß")
_EUROPEAN = frozenset("éèêáàâóôíçñëïøåæœ\u2013\u2018\u2019\u201c\u201d\u201e")
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
    """The encoding in which the words look most like European names; Windows-1252 if nothing decides."""
    words = [*islice(chain.from_iterable(map(_WORD.findall, lines)), _SAMPLE)]
    scores = {encoding: _score(words, encoding) for encoding in _ONE_BYTE}
    best = max(_ONE_BYTE, key=lambda encoding: scores[encoding])
    least = _UNDEFINED if best == "cp1252" else 0
    return best if scores[best] > least else None


def _score(words: Iterable[bytes], encoding: str) -> int:
    """Letters of names count, a capital within a word counts against the encoding."""
    score = 0
    for word in words:
        try:
            text = word.decode(encoding)
        except UnicodeDecodeError:
            return _UNDEFINED
        score += sum(map(_letter_score, text)) - _GERMAN_SCORE * len(_CASE.findall(text))
    return score


def _letter_score(char: str) -> int:
    if char in _GERMAN:
        return _GERMAN_SCORE
    return 1 if char in _EUROPEAN else 0 if char.isalpha() else -1
