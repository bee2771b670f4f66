"""In which ways can a column be read as dates, and which of them holds?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from data_access.importers.values import parse_dates

#: Share of a column's texts that a reading must understand.
GOOD_SHARE = 0.97
#: Date forms tried on a column; day-first and month-first look alike until a number exceeds 12.
_DAYS = (
    *("iso", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d", "%d.%m.%y", "%d/%m/%y"),
    *("%m/%d/%y", "%b %d, %Y", "%d %b %Y", "%d-%b-%Y", "%B %d, %Y"),
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", ", %I:%M %p", " %I:%M:%S %p")


@dataclass(frozen=True, slots=True)
class Column:
    """What the sample shows of one column; `dates` are the ways to read it as dates, each a tuple of forms."""

    heading: str
    texts: pl.Series
    filled: float
    unique: bool
    dates: tuple[tuple[str, ...], ...] = ()
    decimal: str | None = None

    @property
    def examples(self) -> list[str]:
        """Up to three different texts."""
        return [text[:30] for text in self.texts.drop_nulls().unique(maintain_order=True).head(3)]


def date_readings(texts: pl.Series) -> Iterator[tuple[str, ...]]:
    """Every way to read (nearly) all texts as dates: the forms that it takes, with and without time of day."""
    if not texts.str.contains(r"\d[-/. ,].*\d").all():
        return
    for day in _DAYS:
        forms = ("iso",) if day == "iso" else tuple(day + time for time in _TIMES)
        reading = tuple(form for form in forms if _read(texts, (form,)))
        if reading and _read(texts, reading) >= GOOD_SHARE * len(texts):
            yield reading


def _read(texts: pl.Series, forms: Sequence[str]) -> int:
    years = parse_dates(texts, forms, "UTC")[0].dt.year()
    return int(((years >= 1970) & (years <= 2100)).sum())


@dataclass(frozen=True, slots=True)
class DateForms:
    """The forms of most columns, and those of columns that differ.

    Day-first and month-first never stand together in one list, or each row would be guessed.
    """

    common: tuple[str, ...]
    own: Mapping[str, tuple[str, ...]]
    doubtful: tuple[str, ...]

    @classmethod
    def of(cls, columns: Sequence[Column]) -> DateForms:
        """What one column proves holds for those that could be read in two ways."""
        dated = [column for column in columns if column.dates]
        proved = [_order(column.dates[0]) for column in dated if len(_orders(column)) == 1]
        common_order = max(proved, key=proved.count) if proved else (_order(dated[0].dates[0]) if dated else "")
        common: dict[str, None] = {}
        own: dict[str, tuple[str, ...]] = {}
        doubtful = []
        for column in dated:
            forms = next((ways for ways in column.dates if _order(ways) == common_order), column.dates[0])
            if _order(forms) == common_order:
                common.update(dict.fromkeys(forms))
            else:
                own[column.heading] = forms
            if len(_orders(column)) > 1 and common_order not in proved:
                doubtful.append(column.heading)
        return cls(tuple(common) or ("iso",), own, tuple(doubtful))

    def lines(self) -> Iterator[str]:
        """The line of the mapping, and a comment where nothing tells day from month."""
        yield f"date_formats = [{listed(self.common)}]"
        for heading in self.doubtful:
            yield f"# No number above 12 tells day from month in {shown(heading)}: check the line above."


def _order(forms: Sequence[str]) -> str:
    """Which comes first, day or month: dm, md or neither."""
    return "".join(re.findall("%([dm])", forms[0]))


def _orders(column: Column) -> set[str]:
    return {_order(ways) for ways in column.dates}


def listed(texts: Sequence[str]) -> str:
    """TOML strings, comma between."""
    return ", ".join(quoted(text) for text in texts)


def quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'


def shown(text: str) -> str:
    """A text that may stand in a comment."""
    return "".join(c if c.isprintable() else " " for c in text)
