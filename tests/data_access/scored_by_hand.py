"""Which cells do the rows of a small company make? Worked out lead by lead in Python, without SQL."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from dashboard.scoring.cells import MEASURES, ScoreCells, Work
from dashboard.scoring.model import Criterion, Gate, Kind, Level
from dashboard.scoring.structure import AnyOf, Flag, HowMany, Question, Structure
from dashboard.window import Window
from tests.reference.counted import count_rows
from tests.reference.question import Question as Asked

Row = dict[str, Any]
Cells = dict[tuple[Any, ...], Counter[str]]
TABLES = ("partner", "account", "asset", "lead", "signal", "deal", "fx_rate")


def read_everything(engine: Engine) -> dict[str, list[Row]]:
    """Whole tables as lists of rows."""
    with engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(text(f"SELECT * FROM eql.{name}")).mappings()]
            for name in TABLES
        }


def cells_by_hand(
    tables: dict[str, list[Row]], window: Window, structure: Structure, sourced: bool, days: int
) -> Cells:
    """Measures by (partner, channel, code, work); `days` around the lead's creation in which signals count."""
    asked = Asked(
        window.period.start, window.period.end, window.as_of, "", ZoneInfo(window.zone), window.currency, 1, ""
    )
    signals = _signals(tables, asked)
    others = {name: {row[f"{name}_id"]: row for row in tables[name]} for name in ("account", "asset", "partner")}
    recording = {row["source"] for row in tables["lead"] if row["assigned_at"] or row["first_contacted_at"]}
    found: Cells = defaultdict(Counter)
    for lead in count_rows(tables | {"cost": []}, asked).leads:
        row = lead.row
        if not (window.period.start <= row["created_at"] < window.period.end) or (sourced and not row["partner_id"]):
            continue
        counted = _counted(row, signals[row["lead_id"]], lead.deals, asked, days)
        code = 0
        for question, weight in zip(structure.questions, structure.weights, strict=True):
            code += weight * _answer(question, row, counted, others, asked)
        work = _work(row, bool(lead.deals), recording, asked)
        found[(row["partner_id"], row["channel"], code, int(work))].update(_measures(lead, asked))
    return found


def as_dictionary(cells: ScoreCells) -> Cells:
    """Cells as the product gives them, in the same form."""
    found: Cells = defaultdict(Counter)
    for place in range(len(cells.owner)):
        key = (*cells.owners[cells.owner[place]], int(cells.codes[cells.code[place]]), int(cells.work[place]))
        measures = dict(zip(MEASURES, map(int, cells.counts[:, place]), strict=True))
        assert key not in found
        found[key].update(measures | {"arr_squares": int(cells.arr_squares[place])})
    return found


def _signals(tables: dict[str, list[Row]], asked: Asked) -> dict[str | None, list[Row]]:
    leads = {row["lead_id"]: row for row in tables["lead"]}
    found: dict[str | None, list[Row]] = defaultdict(list)
    for signal in tables["signal"]:
        row, test = leads[signal["lead_id"]], False
        while row["merged_into"] and (row["merged_at"] is None or asked.seen(row["merged_at"])):
            test |= row["is_test"]
            row = leads[row["merged_into"]]
        if not test:
            found[row["lead_id"]].append(signal)
    return found


def _counted(row: Row, signals: list[Row], deals: list[Any], asked: Asked, days: int) -> list[Row]:
    moments = [row["assigned_at"], row["first_contacted_at"], row["sql_at"], *(deal.opened_at for deal in deals)]
    handed = min((moment for moment in moments if moment), default=None)
    return [
        signal
        for signal in signals
        if asked.seen(signal["occurred_at"])
        and (handed is None or signal["occurred_at"] < handed)
        and abs(signal["occurred_at"] - row["created_at"]) <= timedelta(days=days)
    ]


def _answer(question: Question, row: Row, counted: list[Row], others: Any, asked: Asked) -> int:
    seen = {signal["signal"] for signal in counted}
    if isinstance(question, AnyOf):
        return int(bool(seen & set(question.signals)))
    if isinstance(question, HowMany):
        return len(seen & set(question.signals))
    if isinstance(question, Flag):
        names = ("eql_at",) if question.gate is Gate.RECORDED else ("partner_confirmed_at", "vendor_confirmed_at")
        return int(all(asked.seen(row[name]) for name in names))
    value = _value(question, row, counted, others)
    if value is None:
        return 0
    for place, level in enumerate(question.levels, 1):
        if _meets(value, level):
            return place
    return len(question.levels) + 1


def _value(criterion: Criterion, row: Row, counted: list[Row], others: Any) -> Any:
    if criterion.kind is Kind.SIGNAL:
        reach = timedelta(days=9_999 if criterion.within_days is None else criterion.within_days)
        near = (s for s in counted if abs(s["occurred_at"] - row["created_at"]) <= reach)
        return sum(signal["signal"] == criterion.looks_at for signal in near)
    table, column = criterion.looks_at.split(".")
    key = {"account": "account_id", "asset": "first_asset_id", "partner": "partner_id"}.get(table)
    value = (row if key is None else others[table].get(row[key], {})).get(column)
    return None if isinstance(value, str) and not value.strip(" ") else value


def _meets(value: Any, level: Level) -> bool:
    if level.otherwise:
        return True
    if level.at_least is not None:
        return value >= level.at_least
    if isinstance(value, list):
        tags = {tag.lower() for tag in value}
        if level.all_of:
            return {tag.lower() for tag in level.all_of} <= tags
        return bool({tag.lower() for tag in level.any_of} & tags)
    if isinstance(value, str):
        return value.strip(" ").lower() in [one.lower() for one in level.any_of]
    return (level.at_or_above is None or value >= level.at_or_above) and (level.below is None or value < level.below)


def _work(row: Row, dealt: bool, recording: set[str], asked: Asked) -> Work:
    if asked.seen(row["assigned_at"]) or asked.seen(row["first_contacted_at"]):
        return Work.EXPERIMENT if row["experiment"] else Work.WORKED
    by_result = row["source"] not in recording and (asked.seen(row["sql_at"]) or dealt)
    return Work.BY_RESULT if by_result else Work.NEVER


def _measures(lead: Any, asked: Asked) -> Counter[str]:
    outcomes = {deal.outcome for deal in lead.deals}
    outcome = next((name for name in ("won", "open", "lost") if name in outcomes), None)
    arr = int(100 * sum(deal.won_arr or 0 for deal in lead.deals))
    old = lead.row["created_at"] < asked.as_of - timedelta(days=180)
    found = Counter({"leads": 1, "arr": arr, "arr_squares": arr * arr, "old": int(old)})
    found["sqls"] = int(asked.seen(lead.row["sql_at"]))
    found["pipeline"] = int(100 * sum(deal.pipeline or 0 for deal in lead.deals))
    found["old_won"] = int(old and outcome == "won")
    if outcome:
        found[outcome] = 1
    return found


def agree(found: Cells, expected: Cells) -> bool:
    """Whether both hold the same, a missing measure being 0."""
    return {key: +cell for key, cell in found.items()} == {key: +cell for key, cell in expected.items()}
