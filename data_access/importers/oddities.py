"""What was odd in rows that were accepted all the same?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from data_access.importers.choosing import Assigned
from data_access.importers.contract import ORDERED_MOMENTS
from data_access.importers.converting import Context
from data_access.importers.rows import position_of
from data_access.importers.staging import Stage, Staging, matching


@dataclass(frozen=True, slots=True)
class Oddity:
    """A warning: a stable code, how often, a sentence, and where it was met first."""

    code: str
    count: int
    text: str
    file_no: int | None = None
    line: int | None = None


def dates_out_of_order(staging: Staging, zone: str) -> list[Oddity]:
    """Moments that lie on an earlier day than what must come before them, among rows just written.

    Calendar days of the reporting zone are compared, since many sources know no time of day.
    """
    found = []
    for stage in staging.stages:
        for first, second in ORDERED_MOMENTS.get(stage.section.table.name, ()):
            if {first, second} & set(stage.fields):
                found += _earlier(staging, stage, zone, first, second)
        if stage.section.table.name == "deal" and {"closed_at", "lead_id"} & set(stage.fields):
            found += _closed_before_lead(staging, stage, zone)
    return found


def _earlier(staging: Staging, stage: Stage, zone: str, first: str, second: str) -> list[Oddity]:
    days = _days(zone, sql.Identifier("t", second), sql.Identifier("t", first))
    text = f"rows have {second} before {first}; they count, except in timing"
    return _count(staging, stage, sql.SQL(""), days, "dates_out_of_order", text)


def _closed_before_lead(staging: Staging, stage: Stage, zone: str) -> list[Oddity]:
    joined = sql.SQL("JOIN eql.lead l ON l.lead_id = t.lead_id")
    days = _days(zone, sql.Identifier("t", "closed_at"), sql.Identifier("l", "created_at"))
    # Where opened_at is the lead's own moment, the row has been counted already.
    condition = sql.SQL("{} AND t.opened_at IS DISTINCT FROM l.created_at").format(days)
    text = "deals closed before their lead came in; they count, except in timing"
    return _count(staging, stage, joined, condition, "dates_out_of_order", text)


def _days(zone: str, early: sql.Composable, late: sql.Composable) -> sql.Composed:
    return sql.SQL("({} AT TIME ZONE {zone})::date < ({} AT TIME ZONE {zone})::date").format(
        early, late, zone=sql.Literal(zone)
    )


def without_currency(staging: Staging) -> list[Oddity]:
    """Rows just written whose amounts no rate can convert, since nothing says in which money they are."""
    found = []
    for stage in staging.stages:
        name = stage.section.table.name
        amounts = [field for field in ("amount", "arr") if field in stage.section.table.fields]
        if "currency" not in stage.section.table.fields or not {"currency", *amounts} & set(stage.fields):
            continue
        given = sql.SQL(", ").join(sql.Identifier("t", field) for field in amounts)
        condition = sql.SQL("t.currency IS NULL AND num_nonnulls({}) > 0").format(given)
        text = (
            f"rows of {name} have an amount without a currency: they are kept, count in no sum of money and stand on "
            "page Data as not converted; a currency in the mapping, or a default for blank cells, gives them one"
        )
        found += _count(staging, stage, sql.SQL(""), condition, "no_currency", text)
    return found


def in_the_future(staging: Staging) -> list[Oddity]:
    """Leads said to have come in after tomorrow."""
    found = []
    for stage in staging.feeding("lead"):
        condition = sql.SQL("t.created_at > clock_timestamp() + interval '1 day'")
        text = "leads came in after today; they are seen once that day has come"
        found += _count(staging, stage, sql.SQL(""), condition, "date_in_future", text)
    return found


def _count(
    staging: Staging, stage: Stage, joined: sql.Composable, condition: sql.Composable, code: str, text: str
) -> list[Oddity]:
    row = staging.connection.execute(
        sql.SQL(
            "SELECT count(*), min(s.file_no), min(s.line)"
            " FROM {stage} s JOIN {target} t ON {same} {joined} WHERE {condition}"
        ).format(
            stage=stage.table,
            target=stage.target,
            same=matching(stage.key, "t", "s", stage.section.table),
            joined=joined,
            condition=condition,
        )
    ).fetchone()
    assert row is not None
    return [Oddity(code, row[0], text, row[1], row[2])] if row[0] else []


def file_oddities(todo: Sequence[Assigned]) -> list[Oddity]:
    """Files whose encoding was guessed, or that lack columns which the mapping would use."""
    found = []
    for number, assigned in enumerate(todo):
        table = assigned.table
        if "encoding_guessed" in table.warnings:
            text = f"{table.name} is not UTF-8 and was read as {table.encoding} (Windows, Western Europe)"
            found.append(Oddity("encoding_guessed", 0, text, number))
        absent = [name for name in assigned.file.columns() if position_of(name, table.headings) is None]
        if absent:
            listed = ", ".join(map(repr, absent[:6])) + (f" and {len(absent) - 6} more" if len(absent) > 6 else "")
            text = f"{table.name} lacks columns that the mapping would use: {listed}"
            found.append(Oddity("missing_column", 0, text, number))
    return found


def text_oddities(context: Context) -> list[Oddity]:
    """Texts that no look-up and no partner answered to."""
    found = []
    for lookup in context.lookups.values():
        if lookup.asked > lookup.found and not lookup.sparse:
            where = lookup.file.name if lookup.file else "which no file given here is"
            text = f"of {lookup.asked:,} texts were not found in lookup {lookup.name} ({where})"
            found.append(Oddity("not_found_in_lookup", lookup.asked - lookup.found, text))
    if context.unnamed_partners:
        texts = sorted(context.unnamed_partners.items(), key=lambda item: -item[1])
        listed = ", ".join(f"{text!r} ({count:,})" for text, count in texts[:8])
        text = f"rows name no known partner and stay without one: {listed}{' …' if len(texts) > 8 else ''}"
        found.append(Oddity("no_known_partner", sum(context.unnamed_partners.values()), text))
    if context.recogniser.clashes:
        text = f"aliases mean another partner already: {'; '.join(context.recogniser.clashes[:5])}"
        found.append(Oddity("alias_taken", len(context.recogniser.clashes), text))
    return found
