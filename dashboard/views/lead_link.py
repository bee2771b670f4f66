"""Which leads does a link ask for? Its parameters become a query; what cannot be read is left out, with a note."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from dashboard import period as periods
from dashboard.domain import Stage, UserError
from dashboard.metrics.performance import Selection
from dashboard.period import Period
from dashboard.settings import Settings
from data_access.lead_list import ATTRIBUTES, GATES, GROUPS, LeadQuery, Place

PARAMETERS = (
    "reached", "missing", "cohort", "of", "group", "attribute", "value", "signal", "fails", "passes", "sourced",
)  # fmt: skip
_LONGEST = 200
_SIZE = re.compile(r"(\d{1,9})\s*(?:[-–]\s*(\d{1,9})|\+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link asks for: leads created in `period` that meet `query`; notes say what was left out."""

    period: Period
    query: LeadQuery
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader:
    """Reads parameters one by one and gathers what it could not read."""

    link: Mapping[str, Sequence[str]]
    notes: list[str] = field(default_factory=list)

    def first(self, name: str) -> str | None:
        values = [value for value in self.link.get(name, ()) if len(value) <= _LONGEST and "\x00" not in value]
        return values[0] if values else None

    def one_of(self, name: str, known: Iterable[str]) -> str | None:
        value = self.first(name)
        if value and value not in set(known):
            self.note(name, value, f"known are {', '.join(known)}")
            return None
        return value or None

    def all_of(self, name: str, known: Sequence[str]) -> tuple[str, ...]:
        given = [value for value in self.link.get(name, ()) if value]
        for value in given:
            if value not in known:
                self.note(name, value, f"known are {', '.join(known)}")
        return tuple(dict.fromkeys(value for value in given if value in known))

    def note(self, name: str, value: str, why: str) -> None:
        self.notes.append(f"The link asks for {name} “{value[:40]}”, which is left out: {why}.")


def read_link(
    link: Mapping[str, Sequence[str]],
    period: Period,
    chosen: Selection,
    everybody: Callable[[], bool],
    partner_ids: Iterable[str],
    settings: Settings,
) -> Asked:
    """The leads that a link asks for.

    `period` and `chosen` are the filters'; `everybody` says whether the data name no partner, which decides where the
    link does not; `partner_ids` are the partners that there are.
    """
    reader = _Reader(link)
    cohort = _cohort(reader, period, settings)
    whose = reader.one_of("sourced", ("partner", "all"))
    channels = None if chosen.channels is None else frozenset(name or None for name in chosen.channels)
    query = LeadQuery(
        sourced=whose == "partner" or (whose is None and not everybody()),
        partners=chosen.partners,
        channels=channels,
        reached=_stage(reader, "reached"),
        missing=_stage(reader, "missing"),
        of=_partner(reader, partner_ids),
        signal=reader.first("signal") or None,
        fails=reader.all_of("fails", GATES),
        passes=reader.all_of("passes", GATES),
    )
    query = _with_values(reader, query)
    return Asked(cohort, query, tuple(reader.notes))


def _cohort(reader: _Reader, period: Period, settings: Settings) -> Period:
    text = reader.first("cohort")
    if not text:
        return period
    try:
        return periods.parse_period(text, settings)
    except UserError:
        reader.note("cohort", text, "it is no period")
        return period


def _stage(reader: _Reader, name: str) -> Stage | None:
    stages = list(Stage) if name == "reached" else list(Stage)[1:]
    found = reader.one_of(name, [stage.value for stage in stages])
    return Stage(found) if found else None


def _partner(reader: _Reader, partner_ids: Iterable[str]) -> str | None:
    wanted = reader.first("of")
    if wanted and wanted not in set(partner_ids):
        reader.note("of", wanted, "there is no such partner")
        return None
    return wanted or None


def _with_values(reader: _Reader, query: LeadQuery) -> LeadQuery:
    """`value` belongs to the group; without a group, or where there are two, (the second) to the attribute."""
    values = [value[:_LONGEST].replace("\x00", "") for value in reader.link.get("value", ())]
    group, attribute = reader.one_of("group", GROUPS), reader.one_of("attribute", ATTRIBUTES)
    if group and values:
        query = replace(query, group=group, group_value=values.pop(0))
    elif group:
        reader.note("group", group, "it needs a value")
    if attribute and not values:
        reader.note("attribute", attribute, "it needs a value")
    if not attribute or not values:
        return query
    size = _size(values[0])
    if attribute == "size" and values[0] and size is None:
        reader.note("value", values[0], "a size is written 50-199 or 5000+")
        return query
    return replace(query, attribute=attribute, attribute_value=values[0], size=size if attribute == "size" else None)


def _size(value: str) -> tuple[int, int | None] | None:
    found = _SIZE.fullmatch(value.strip().replace(",", ""))
    return (int(found[1]), int(found[2]) if found[2] else None) if found else None


# The place in the list, as the link carries it


@dataclass(frozen=True, slots=True)
class Stop:
    """Where one stands in the list: so many leads lie before, and the page begins after (or ends before) a place."""

    earlier: int = 0
    after: Place | None = None
    before: Place | None = None


def stop_text(asked: Asked, stop: Stop) -> str:
    """The text for the link; it holds for this list only."""
    place = stop.before or stop.after
    if place is None:
        return ""
    way = "b" if stop.before else "a"
    return f"{_fingerprint(asked)}~{stop.earlier}~{way}~{place.created_at.isoformat()}~{place.lead_id}"


def read_stop(asked: Asked, text: str | None) -> Stop:
    """The place that the link names; the top of the list where it names none, or one of another list."""
    parts = (text or "").replace("\x00", "").split("~", 4)
    if len(parts) == 5 and parts[0] == _fingerprint(asked) and parts[1].isdigit():
        with suppress(ValueError):
            at = datetime.fromisoformat(parts[3])
            if at.tzinfo is not None:
                place = Place(at, parts[4])
                earlier = int(parts[1][:9])
                return Stop(earlier, before=place) if parts[2] == "b" else Stop(earlier, place)
    return Stop()


def _fingerprint(asked: Asked) -> str:
    query = asked.query
    stable = [
        sorted(map(str, value)) if isinstance(value, frozenset) else str(value)
        for value in (getattr(query, name) for name in query.__slots__)
    ]
    return f"{zlib.crc32(repr((asked.period.label, stable)).encode()):08x}"
