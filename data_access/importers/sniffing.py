"""What kind of text file is this: encoding, delimiter, compression? And is it one at all?"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TextIO, cast

from dashboard.domain import UserError

#: A compressed file may not unpack to more than this many bytes, nor (once it is large) grow by more than this factor.
MAX_UNPACKED = 8 * 2**30
MAX_RATIO = 200
RATIO_COUNTS_FROM = 64 * 2**20
MAX_CELL = 2**20
MAX_LINE = 2**26
DELIMITERS = (",", ";", "\t", "|")

_BLOCK = 2**20
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls); save it as .xlsx or .csv"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (b"\x7fELF", "a program"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"(\xb5/\xfd", "a Zstandard file; unpack it first"),
    (b"BZh", "a bzip2 file; unpack it first"),
    (b"\xfd7zXZ", "an xz file; unpack it first"),
)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A readable text file: fingerprint of the file as it lies there, its size, and how to decode it."""

    path: Path
    sha256: str
    size: int
    gzipped: bool
    encoding: str
    guessed_encoding: bool


def is_workbook(path: Path) -> bool:
    """Whether the file is a zip archive, as .xlsx workbooks are."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def fingerprint(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file as it lies there."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def inspect(path: Path, encoding: str | None = None) -> TextFile:
    """Reads the file once through; raises UserError with one sentence where it is no text that can be trusted."""
    sha256, size = fingerprint(path)
    if size == 0:
        raise UserError(f"The file {path.name} is empty.")
    with path.open("rb") as file:
        start = file.read(2)
    gzipped = start == b"\x1f\x8b"
    found = _encoding(path, gzipped, encoding)
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise UserError(f"The encoding {encoding} is not known.") from None
    return TextFile(path, sha256, size, gzipped, encoding or found[0], encoding is None and found[1])


@contextmanager
def unpacked(path: Path, gzipped: bool) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where it is gzipped; a damaged archive raises UserError."""
    try:
        with path.open("rb") as packed:
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=packed)) if gzipped else packed
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise UserError(f"The file {path.name} is a damaged gzip archive.") from None


def _encoding(path: Path, gzipped: bool, given: str | None) -> tuple[str, bool]:
    """The encoding and whether it is only a guess (cp1252, when the bytes are no UTF-8)."""
    packed_size = path.stat().st_size
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    encoding, guessed, total, nul, unbroken = "", False, 0, False, 0
    with unpacked(path, gzipped) as file:
        while block := file.read(_BLOCK):
            if total == 0:
                encoding = _by_start(path, block)
            total += len(block)
            unbroken = _unbroken(path, block, unbroken)
            if gzipped:
                _refuse_bomb(path, packed_size, total)
            if encoding not in ("utf-16", "utf-32", "utf-16-le", "utf-16-be"):
                nul = nul or b"\0" in block
            if (not encoding.startswith("utf-8") and encoding) or guessed:
                continue
            guessed = not _decodes(decoder, block)
    if total == 0:
        raise UserError(f"The file {path.name} is empty.")
    if nul and given is None:
        raise UserError(f"The file {path.name} contains NUL bytes and cannot be read as text.")
    if not guessed and not encoding and not _decodes(decoder, b"", final=True):
        guessed = True
    return ("cp1252", True) if guessed else (encoding or "utf-8", False)


def _unbroken(path: Path, block: bytes, before: int) -> int:
    """How many bytes lie between the last line end and the block's end; too many are refused."""
    last = max(block.rfind(b"\n"), block.rfind(b"\r"))
    unbroken = before + len(block) if last < 0 else len(block) - last
    if unbroken > MAX_LINE:
        raise UserError(f"The file {path.name} has a line of more than {MAX_LINE // 2**20} MB and is no table.")
    return unbroken


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _by_start(path: Path, block: bytes) -> str:
    """The encoding that a file's first bytes give away, or nothing; foreign kinds of files are refused."""
    for magic, kind in _FOREIGN:
        if block.startswith(magic):
            raise UserError(f"The file {path.name} is {kind}; a table (.csv, .tsv, .xlsx) is needed.")
    for bom, encoding in _BOMS:
        if block.startswith(bom):
            return encoding
    start = block[:4096]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if odd > 0.3 * len(start) / 2 and even == 0:
        return "utf-16-le"
    if even > 0.3 * len(start) / 2 and odd == 0:
        return "utf-16-be"
    control = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in start)
    if control > 0.1 * len(start):
        raise UserError(f"The file {path.name} is binary, not text.")
    return ""


def _refuse_bomb(path: Path, packed: int, total: int) -> None:
    if total > MAX_UNPACKED or (total > RATIO_COUNTS_FROM and total > MAX_RATIO * packed):
        raise UserError(f"The file {path.name} unpacks to more than {total // 2**20} MB and is refused as a zip bomb.")


@contextmanager
def opened(file: TextFile) -> Iterator[TextIO]:
    """The decoded text, line ends untouched (LF, CR LF and lone CR all end a line)."""
    with unpacked(file.path, file.gzipped) as raw:
        errors = "replace" if file.guessed_encoding else "strict"
        with io.TextIOWrapper(raw, encoding=file.encoding, errors=errors, newline="") as text:
            yield text


def position(text: TextIO) -> int:
    """How many bytes of the file itself (packed, where it is) have been read."""
    raw = text.buffer
    packed = getattr(raw, "fileobj", None)
    return int((packed or raw).tell())


def delimiter_of(lines: list[str]) -> str:
    """The delimiter that cuts the first lines into the most columns, all lines alike being worth more."""
    return max(DELIMITERS, key=lambda sign: (*_score(lines, sign), -DELIMITERS.index(sign)))


def _score(lines: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return (0.0, 0)
    if not widths or widths[0] < 2:
        return (0.0, 0)
    alike = sum(width == widths[0] for width in widths) / len(widths)
    return (round(alike, 1), widths[0])
