"""How does a scorecard become SQL? Per lead: points, triggers, gates and completeness, from what came before sales.

A signal counts when it was seen by `as_of`, before the hand-over to sales (the first of `assigned_at`,
`first_contacted_at`, `sql_at` and the opening of the lead's first deal) and within the model's window of days around
the lead's creation. Signals and deals of merged-away leads are those of the lead that remained. Field names come from
the fixed list below and all values are bound, so nothing of a model becomes SQL text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dashboard.scoring.model import Criterion, Gate, Group, Kind, Level, ScoringModel
from dashboard.scoring.structure import Flag, HowMany, Question, asked, of_gate
from data_access.live import MERGED

# A query over scores begins with these queries; `own` are the leads that were merged into one.
BEGINNING = f"""{MERGED},
own AS MATERIALIZED (SELECT end_id, array_agg(lead_id) AS ids FROM merged WHERE NOT is_test GROUP BY end_id)"""

# What a query over leads `l` joins to know the keys of a lead. All leads of a cohort are hashed at once; leads that are
# wanted in order, until there are enough, must be looked up one by one, since a hash join would lose the order.
MEMBERS = "(ARRAY[l.lead_id] || own.ids)"
OWN = "LEFT JOIN own ON own.end_id = l.lead_id"
OWN_IN_ORDER = """
CROSS JOIN LATERAL (
    SELECT CASE WHEN l.lead_id IN (SELECT o.end_id FROM own o)
                THEN (SELECT o.ids FROM own o WHERE o.end_id = l.lead_id) END AS ids OFFSET 0
) AS own"""

# And to learn of its deals: whether there is one, whether one was won, when the first opened.
DEALT = f"""
CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS opportunity, min(d.opened_at) AS opened_at,
           coalesce(bool_or(d.status = 'won' AND d.closed_at <= :as_of), false) AS won
    FROM eql.deal d
    WHERE d.lead_id = ANY ({MEMBERS}) AND coalesce(d.opened_at, d.closed_at) <= :as_of
      AND (d.deleted_at IS NULL OR d.deleted_at > :as_of)
) AS dealt"""

# Signals `g` of a lead that count, wherever `own` and `dealt` are joined.
COUNTED_SIGNAL = f"""
    g.lead_id = ANY ({MEMBERS}) AND g.occurred_at <= :as_of
    AND g.occurred_at < coalesce(least(l.assigned_at, l.first_contacted_at, l.sql_at, dealt.opened_at), 'infinity')
    AND g.occurred_at BETWEEN l.created_at - make_interval(days => :window_days)
                          AND l.created_at + make_interval(days => :window_days)"""

JOINS = MappingProxyType(
    {
        "account": "LEFT JOIN eql.account a ON a.account_id = l.account_id",
        "asset": "LEFT JOIN eql.asset s ON s.asset_id = l.first_asset_id",
        "partner": "LEFT JOIN eql.partner p ON p.partner_id = l.partner_id",
    }
)
COLUMNS = MappingProxyType(
    {
        "account.industry": "a.industry",
        "account.employees": "a.employees",
        "account.country": "a.country",
        "account.region": "a.region",
        "account.tech_stack": "a.tech_stack",
        "account.use_case": "a.use_case",
        "lead.channel": "l.channel",
        "lead.region": "l.region",
        "lead.product_line": "l.product_line",
        "lead.email_domain": "l.email_domain",
        "lead.utm_source": "l.utm_source",
        "lead.utm_medium": "l.utm_medium",
        "lead.utm_campaign": "l.utm_campaign",
        "asset.kind": "s.kind",
        "asset.origin": "s.origin",
        "asset.domain_rating": "s.domain_rating",
        "partner.partner_type": "p.partner_type",
        "partner.tier": "p.tier",
    }
)


@dataclass(frozen=True, slots=True)
class ScoreSql:
    """A model as SQL over leads `l`: tables to join by name, laterals to follow `own` and `dealt`, bound parameters.

    The laterals give `score.fit`, `score.intent`, `score.triggers`, `score.known` (criteria with a known value) and
    `gate.gates` (bits of `dashboard.scoring.model.Gate`, without RECORDED).
    """

    tables: frozenset[str]
    laterals: str
    parameters: Mapping[str, object]


class LevelSql:
    """Gathers bound values and signal counts while the questions of a structure become SQL."""

    def __init__(self, window_days: int) -> None:
        self.window_days = window_days
        self.parameters: dict[str, object] = {"window_days": window_days}
        self.counts: dict[tuple[str, int | None], str] = {}

    def bind(self, value: object) -> str:
        """A bound parameter with this value."""
        name = f"score_{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def digit(self, question: Question) -> str:
        """An expression that answers a question to a lead `l`, answers numbered as those of a `Structure`."""
        if isinstance(question, Criterion):
            return self._level(question)
        if isinstance(question, Flag):
            return f"coalesce({_FLAGS[question.gate]}, false)::int"
        seen = [f"({self._count(signal)} > 0)" for signal in question.signals]
        if isinstance(question, HowMany):
            return " + ".join(f"{each}::int" for each in seen) or "0"
        return f"({' OR '.join(seen) or 'false'})::int"

    def seen(self) -> str:
        """The columns that count signals `g` of a lead `l`, to be asked for when all digits were compiled."""
        columns = []
        for (signal, days), name in self.counts.items():
            where = f"g.signal = {self.bind(signal)}"
            if days is not None:
                reach = f"make_interval(days => {self.bind(days)})"
                where += f" AND g.occurred_at BETWEEN l.created_at - {reach} AND l.created_at + {reach}"
            columns.append(f"count(*) FILTER (WHERE {where}) AS {name}")
        return ", ".join(columns) or "0 AS none"

    def _count(self, signal: str, within_days: int | None = None) -> str:
        key = (signal, None if within_days == self.window_days else within_days)
        return f"coalesce(seen.{self.counts.setdefault(key, f'n{len(self.counts)}')}, 0)"

    def _level(self, criterion: Criterion) -> str:
        """0 where the value is unknown (an absent signal is known, an empty list is, an empty text is not)."""
        value, unknown = self._value(criterion), ""
        if criterion.kind is Kind.TEXT:
            unknown = f"WHEN NOT coalesce(btrim({value}) <> '', false) THEN 0 "
        elif criterion.kind is not Kind.SIGNAL:
            unknown = f"WHEN {value} IS NULL THEN 0 "
        whens = " ".join(
            f"WHEN {'true' if level.otherwise else _CONDITIONS[criterion.kind](self, value, level)} THEN {place}"
            for place, level in enumerate(criterion.levels, 1)
        )
        return f"CASE {unknown}{whens} ELSE {len(criterion.levels) + 1} END"

    def _value(self, criterion: Criterion) -> str:
        if criterion.kind is Kind.SIGNAL:
            return self._count(criterion.looks_at, criterion.within_days)
        return COLUMNS[criterion.looks_at]


# A moment that is missing never came: the caller turns null into false.
_FLAGS = MappingProxyType(
    {
        Gate.CONFIRMED: "(l.partner_confirmed_at <= :as_of AND l.vendor_confirmed_at <= :as_of)",
        Gate.RECORDED: "(l.eql_at <= :as_of)",
    }
)


def _number_condition(compiler: LevelSql, value: str, level: Level) -> str:
    bounds = ((">=", level.at_or_above), ("<", level.below))
    return " AND ".join(f"{value} {sign} {compiler.bind(bound)}" for sign, bound in bounds if bound is not None)


def _tags_condition(compiler: LevelSql, value: str, level: Level) -> str:
    wanted, sign = (level.all_of, "@>") if level.all_of else (level.any_of, "&&")
    # Tags are compared in lower case like texts; the list is folded as one text, in a tenth of the time of unnesting.
    return f"lower({value}::text)::text[] {sign} CAST({compiler.bind([tag.lower() for tag in wanted])} AS text[])"


_CONDITIONS: Mapping[Kind, Callable[[LevelSql, str, Level], str]] = MappingProxyType(
    {
        Kind.TEXT: lambda compiler, value, level: (
            f"lower(btrim({value})) = ANY (CAST({compiler.bind([text.lower() for text in level.any_of])} AS text[]))"
        ),
        Kind.NUMBER: _number_condition,
        Kind.TAGS: _tags_condition,
        Kind.SIGNAL: lambda compiler, value, level: f"{value} >= {compiler.bind(level.at_least)}",
    }
)


def tables_of(questions: Iterable[Question]) -> frozenset[str]:
    """The entries of JOINS that the questions look at."""
    fields = (each.looks_at for each in questions if isinstance(each, Criterion) and each.kind is not Kind.SIGNAL)
    return frozenset(field.split(".")[0] for field in fields) - {"lead"}


def questions_of(model: ScoringModel) -> dict[Question, str]:
    """What a model asks of a lead but RECORDED, each with the name of the column that answers it."""
    asked_gates = (Gate.OVERLAP, Gate.ECOSYSTEM, Gate.BUYING, Gate.TRIGGERS, Gate.CONFIRMED)
    questions = [*(asked(criterion) for criterion in model.criteria), *(of_gate(model, gate) for gate in asked_gates)]
    return {question: f"d{place}" for place, question in enumerate(dict.fromkeys(questions))}


def points_sql(model: ScoringModel, group: Group, answers: Mapping[Question, str]) -> str:
    """The points of a group from the columns that answer the model's questions."""
    terms = []
    for criterion in model.of(group):
        whens = " ".join(f"WHEN {place} THEN {level.points}" for place, level in enumerate(criterion.levels, 1))
        terms.append(f"CASE {answers[asked(criterion)]} {whens} ELSE 0 END")
    return " + ".join(terms) or "0"


def known_sql(model: ScoringModel, answers: Mapping[Question, str]) -> str:
    """How many criteria have a known value."""
    known = ("1" if each.kind is Kind.SIGNAL else f"({answers[asked(each)]} > 0)::int" for each in model.criteria)
    return " + ".join(known) or "0"


def gates_sql(model: ScoringModel, answers: Mapping[Question, str], fit: str, score: str) -> str:
    """Bits of `dashboard.scoring.model.Gate` but RECORDED; all values are whole numbers of the model."""
    passed = {gate: f"{answers[of_gate(model, gate)]} > 0" for gate in _ANSWERED}
    passed[Gate.ICP] = f"{fit} >= {model.icp_at_least:d}"
    passed[Gate.TRIGGERS] = f"{answers[of_gate(model, Gate.TRIGGERS)]} >= {model.min_triggers:d}"
    passed[Gate.SCORE] = f"{score} >= {model.threshold:d}"
    return " + ".join(f"CASE WHEN {condition} THEN {gate.value} ELSE 0 END" for gate, condition in passed.items())


_ANSWERED = (Gate.OVERLAP, Gate.ECOSYSTEM, Gate.BUYING, Gate.CONFIRMED)


def lead_score(model: ScoringModel) -> ScoreSql:
    """The model compiled for one lead at a time, so that a page of leads costs a page and a cohort a cohort."""
    compiler, questions = LevelSql(model.window_days), questions_of(model)
    digits = ", ".join(f"{compiler.digit(question)} AS {name}" for question, name in questions.items())
    answers = {question: f"digit.{name}" for question, name in questions.items()}
    laterals = f"""
CROSS JOIN LATERAL (SELECT {compiler.seen()} FROM eql.signal g WHERE {COUNTED_SIGNAL}) AS seen
CROSS JOIN LATERAL (SELECT {digits} OFFSET 0) AS digit
CROSS JOIN LATERAL (
    SELECT {points_sql(model, Group.FIT, answers)} AS fit, {points_sql(model, Group.INTENT, answers)} AS intent,
           {answers[of_gate(model, Gate.TRIGGERS)]} AS triggers, {known_sql(model, answers)} AS known OFFSET 0
) AS score
CROSS JOIN LATERAL (SELECT {gates_sql(model, answers, "score.fit", "score.fit + score.intent")} AS gates) AS gate"""
    return ScoreSql(tables_of(questions), laterals, MappingProxyType(compiler.parameters))
