"""What value does a text mean: a date, an amount, a yes, a currency? And what if it means none?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from data_access.importers.contract import Field, Kind
from data_access.importers.mapping import Reading

#: Moments outside these years are typing errors or stand for "never".
FIRST_YEAR, LAST_YEAR = 1900, 2200
MAX_ID = 500
#: Sign between the pieces of a list on its way to the database.
LIST_SIGN = "\x1f"

_ISO_DATE = "%Y-%m-%d"
_ISO = (
    "%Y-%m-%d %H:%M:%S",
    _ISO_DATE,
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f %z",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M%z",
)
_SPACES = "[\\s\u00a0\u202f]"
_CURRENCY_SIGN = r"(?:R\$|[A-Z]{2}\$|\$|€|£|¥|₹|zł|kr\.?|[A-Z]{3})"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Rows (a mask) of which a field cannot be understood, with a stable code and a reason; {} is the text."""

    rows: pl.Series
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Converted:
    """Values of one field, null where blank or not understood."""

    values: pl.Series
    troubles: tuple[Trouble, ...] = ()


def blanked(texts: pl.Series, blanks: Sequence[str]) -> pl.Series:
    """Trimmed texts; null where nothing, or one of the words that mean nothing (given in lower case), is left."""
    trimmed = texts.str.strip_chars()
    nothing = trimmed == ""
    if blanks:
        nothing = nothing | trimmed.str.to_lowercase().is_in(list(blanks))
    return trimmed.set(nothing.fill_null(False), None)


def convert(texts: pl.Series, field: Field, reading: Reading, zone: str, date_only: bool = False) -> Converted:
    """Texts (null = blank) as values of a field. `zone` is the reporting zone, for dates that name none."""
    if field.choices:
        return _choice(texts, field)
    return _CONVERTERS[field.kind](texts, field, reading, reading.time_zone or zone, date_only)


_Converter = Callable[[pl.Series, Field, Reading, str, bool], Converted]


def _refused(texts: pl.Series, values: pl.Series, code: str, reason: str) -> Converted:
    return Converted(values, (Trouble(texts.is_not_null() & values.is_null(), code, reason),))


def _choice(texts: pl.Series, field: Field) -> Converted:
    words = texts.str.to_lowercase()
    known = words.is_in(list(field.choices))
    return _refused(texts, words.set(~known, None), "unknown_word", "{} is none of " + ", ".join(field.choices))


def _text(texts: pl.Series, *_: object) -> Converted:
    return Converted(texts)


def _id(texts: pl.Series, *_: object) -> Converted:
    fits = texts.set(texts.str.len_chars() > MAX_ID, None)
    return _refused(texts, fits, "too_long", f"an id has at most {MAX_ID} characters")


def _alias(texts: pl.Series, *_: object) -> Converted:
    return _id(texts.str.to_lowercase())


def _currency(texts: pl.Series, *_: object) -> Converted:
    codes = texts.str.to_uppercase()
    codes = codes.set(~codes.str.contains(r"^[A-Z]{3}$"), None)
    return _refused(texts, codes, "not_a_currency", "{} is no currency code such as EUR")


def _domain(texts: pl.Series, *_: object) -> Converted:
    """The part after @ of an address, or the host of a URL, in lower case."""
    host = texts.str.to_lowercase().str.replace(r"^.*@", "").str.replace(r"^[a-z][a-z0-9+.-]*://", "")
    host = host.str.replace(r"^www\.", "").str.replace(r"[/?#:].*$", "").str.strip_chars(".> ")
    # Without a dot it is no domain but, for instance, a pseudonym.
    return Converted(host.set(~host.str.contains(".", literal=True), None))


def _list(texts: pl.Series, field: Field, reading: Reading, *_: object) -> Converted:
    return Converted(texts)


def _boolean(texts: pl.Series, field: Field, reading: Reading, *_: object) -> Converted:
    words = texts.str.to_lowercase()
    yes, no = words.is_in(list(reading.true)), words.is_in(list(reading.false))
    values = pl.select(pl.when(yes).then(True).when(no).then(False)).to_series()
    return _refused(texts, values, "not_yes_or_no", "{} means neither yes nor no")


# Numbers


def plain_numbers(texts: pl.Series, decimal: str) -> pl.Series:
    """Numbers as `-1234.5`, null where the text is none: signs of currency, percent and thousands are taken off.

    Thousands must stand in groups of three, so that `1,5` is never read as fifteen.
    """
    plain = re.escape(decimal)
    bare = texts.str.replace_all(_SPACES, "").str.replace_all("[\u2212\u2013]", "-")
    bare = bare.str.replace(r"^\((.*)\)$", "-$1")
    bare = bare.str.replace(rf"^([+-]?){_CURRENCY_SIGN}([+-]?)", "$1$2").str.replace(rf"(?:{_CURRENCY_SIGN}|%)$", "")
    for mark in ("'", "’", "," if decimal == "." else "."):
        grouped = bare.str.contains(rf"^[+-]?\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?:{plain}\d*)?$")
        if grouped.any():
            bare = pl.select(pl.when(grouped).then(bare.str.replace_all(mark, "", literal=True)).otherwise(bare))[:, 0]
    if decimal == ",":
        bare = bare.set(bare.str.contains(r"\."), None).str.replace(",", ".", literal=True)
    return bare.set(~bare.str.contains(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"), None)


def _number(texts: pl.Series, field: Field, reading: Reading, *_: object) -> Converted:
    plain = _fast_numbers(texts, reading.decimal)
    amounts = plain.cast(pl.Float64, strict=False)
    inside = pl.Series([True]).new_from_index(0, len(texts))
    if field.low is not None:
        inside = inside & (amounts >= field.low)
    if field.high is not None:
        inside = inside & (amounts <= field.high)
    inside = (inside & amounts.is_finite()).fill_null(True)
    return Converted(
        plain.set(~inside, None),
        (
            Trouble(texts.is_not_null() & plain.is_null(), "not_a_number", "{} is no number as the mapping has it"),
            Trouble(~inside, "out_of_range", "{} lies outside " + _range(field)),
        ),
    )


def _fast_numbers(texts: pl.Series, decimal: str) -> pl.Series:
    if decimal == "." and texts.str.contains(r"^-?\d+(?:\.\d+)?$").fill_null(True).all():
        return texts
    return plain_numbers(texts, decimal)


def _range(field: Field) -> str:
    low = "…" if field.low is None else f"{field.low:,.10g}"
    high = "…" if field.high is None else f"{field.high:,.10g}"
    return f"{low} to {high}"


def _integer(texts: pl.Series, field: Field, reading: Reading, *_: object) -> Converted:
    found = _number(texts, field, reading)
    whole = found.values.str.replace(r"\.0*$", "")
    numbers = whole.cast(pl.Int64, strict=False)
    broken = found.values.is_not_null() & numbers.is_null()
    return Converted(numbers, (*found.troubles, Trouble(broken, "not_whole", "{} is no whole number")))


# Dates


def _day(texts: pl.Series, field: Field, reading: Reading, zone: str, date_only: bool) -> Converted:
    moments, dated = parse_dates(texts, reading.date_formats, zone)
    days = pl.select(
        pl.when(dated).then(moments.dt.date()).otherwise(moments.dt.convert_time_zone(zone).dt.date())
    ).to_series()
    return _dated(texts, days, reading)


def _moment(texts: pl.Series, field: Field, reading: Reading, zone: str, date_only: bool) -> Converted:
    """UTC. A date without time is noon in the zone (the reporting zone, or the mapping's)."""
    moments, dated = parse_dates(texts, reading.date_formats, zone)
    if date_only:
        noon = moments.dt.convert_time_zone(zone).dt.replace_time_zone(None).dt.truncate("1d")
        noon = pl.select(pl.when(dated).then(moments.dt.replace_time_zone(None)).otherwise(noon)).to_series()
        dated = pl.Series([True]).new_from_index(0, len(texts))
    else:
        noon = moments.dt.replace_time_zone(None)
    if dated.any():
        local = _in_zone(noon.dt.truncate("1d").dt.offset_by("12h"), zone)
        moments = pl.select(pl.when(dated).then(local).otherwise(moments)).to_series()
    return _dated(texts, moments, reading)


def _dated(texts: pl.Series, values: pl.Series, reading: Reading) -> Converted:
    year = values.dt.year()
    sane = ((year >= FIRST_YEAR) & (year <= LAST_YEAR)).fill_null(True)
    formats = " or ".join(reading.date_formats)
    return Converted(
        values.set(~sane, None),
        (
            Trouble(texts.is_not_null() & values.is_null(), "not_a_date", "{} is no date of the form " + formats),
            Trouble(~sane, "date_out_of_range", f"{{}} lies outside the years {FIRST_YEAR} to {LAST_YEAR}"),
        ),
    )


def parse_dates(texts: pl.Series, formats: Sequence[str], zone: str) -> tuple[pl.Series, pl.Series]:
    """Moments in UTC and whether each is a date without time (then at midnight UTC of that date).

    Formats are tried in order; each is `iso`, `excel` (days since 1899-12-30), `unix` or `unix_ms` (since 1970),
    `quarter`, or in the notation of Python's strptime. What fits none is null.
    """
    moments = pl.Series([None], dtype=pl.Datetime("us", "UTC")).new_from_index(0, len(texts))
    dated = pl.Series([False]).new_from_index(0, len(texts))
    for name in formats:
        for pattern in _ISO if name == "iso" else (name,):
            todo = texts.is_not_null() & moments.is_null()
            if not todo.any():
                return moments, dated
            found, without_time = _parse(texts.set(~todo, None), pattern, zone)
            moments = pl.select(pl.coalesce(moments, found)).to_series()
            dated = dated | (todo & found.is_not_null() & without_time)
    return moments, dated


def _parse(texts: pl.Series, pattern: str, zone: str) -> tuple[pl.Series, pl.Series]:
    if pattern in ("excel", "unix", "unix_ms"):
        return _parse_count(texts, pattern, zone)
    if pattern == "quarter":
        return _parse_quarter(texts)
    if not re.search(r"%[HIsTRrcXk]", pattern):
        # A month or a year stands for its first day.
        if "%d" not in pattern and "%e" not in pattern and "%j" not in pattern:
            month = "" if re.search("%[mbB]", pattern) else "-01"
            texts, pattern = texts + f"{month}-01", pattern + ("-%m" if month else "") + "-%d"
        # %y and %Y are told apart by chrono as by Python; a two-digit year under %Y becomes the year 18 and is refused.
        days = texts.str.to_date(pattern, strict=False)
        return days.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"), days.is_not_null()
    chrono = pattern.replace(".%f", "%.f").replace("%.%f", "%.f")
    if "%z" in chrono:
        texts = texts.str.replace(r"(?:Z|UTC|GMT)$", "+0000")
    moments = texts.str.to_datetime(chrono, strict=False, time_unit="us")
    if moments.dtype.time_zone is None:  # type: ignore[attr-defined]
        moments = _in_zone(moments, zone)
    return moments, pl.Series([False]).new_from_index(0, len(texts))


def _parse_quarter(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """`2025-Q3`, `2025 Q3`, `Q3 2025` or `Q3/2025`: the first day of a calendar quarter."""
    year = texts.str.extract(r"^(?:[Qq][1-4][ /-]?)?(\d{4})(?:[ /-]?[Qq][1-4])?$")
    quarter = texts.str.extract(r"[Qq]([1-4])").cast(pl.Int64)
    days = (year + "-" + (quarter * 3 - 2).cast(pl.String) + "-1").str.to_date("%Y-%m-%d", strict=False)
    return days.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"), days.is_not_null()


def end_of(days: pl.Series, span: str) -> pl.Series:
    """The last day of the month, quarter or year in which each day lies."""
    length = {"month": "1mo", "quarter": "1q", "year": "1y"}[span]
    return days.dt.truncate(length).dt.offset_by(length).dt.offset_by("-1d")


def _parse_count(texts: pl.Series, unit: str, zone: str) -> tuple[pl.Series, pl.Series]:
    counts = texts.cast(pl.Float64, strict=False)
    counts = counts.set(~counts.is_between(-1e15, 1e15), None)
    if unit == "excel":
        # A sheet's day number; beyond 2,958,465 (the year 9999) Excel itself knows no date.
        counts = counts.set(~counts.is_between(1, 2_958_465), None)
        seconds = ((counts - 25_569) * 86_400).round()
        local = pl.from_epoch(seconds.cast(pl.Int64), "s").cast(pl.Datetime("us"))
        whole = (counts == counts.floor()).fill_null(False)
        midnight = local.dt.replace_time_zone("UTC")
        return pl.select(pl.when(whole).then(midnight).otherwise(_in_zone(local, zone))).to_series(), whole
    millis = counts if unit == "unix_ms" else counts * 1000
    millis = millis.set(~millis.is_between(-6e13, 6e13), None)
    moments = pl.from_epoch(millis.round().cast(pl.Int64), "ms").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return moments, pl.Series([False]).new_from_index(0, len(texts))


def _in_zone(local: pl.Series, zone: str) -> pl.Series:
    """Wall-clock moments as UTC; the hour that summer time skips is moved on by one, the doubled one is its first."""
    if zone == "UTC":
        return local.dt.replace_time_zone("UTC")
    there = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    gap = there.is_null() & local.is_not_null()
    if gap.any():
        moved = local.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        there = pl.select(pl.coalesce(there, moved)).to_series()
    return there.dt.convert_time_zone("UTC")


_CONVERTERS: dict[Kind, _Converter] = {
    Kind.TEXT: _text,
    Kind.ID: _id,
    Kind.ALIAS: _alias,
    Kind.CURRENCY: _currency,
    Kind.DOMAIN: _domain,
    Kind.LIST: _list,
    Kind.MONEY: _number,
    Kind.REAL: _number,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _day,
    Kind.MOMENT: _moment,
}
