"""How does a scorecard become SQL? Per lead: points, triggers, gates and completeness, from what came before sales.

A signal counts when it was seen by `as_of`, before the hand-over to sales (the first of `assigned_at`,
`first_contacted_at`, `sql_at` and the opening of the lead's first deal) and within the model's window of days around
the lead's creation. Signals and deals of merged-away leads are those of the lead that remained. Field names come from
the fixed list below and all values are bound, so nothing of a model becomes SQL text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dashboard.scoring.model import Criterion, Gate, Group, Kind, Level, ScoringModel
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


class _Compiler:
    """Gathers bound values and signal counts while criteria become SQL."""

    def __init__(self, model: ScoringModel) -> None:
        self.model = model
        self.parameters: dict[str, object] = {"window_days": model.window_days}
        self.counts: dict[tuple[str, int | None], str] = {}

    def bind(self, value: object) -> str:
        name = f"score_{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def count(self, signal: str, within_days: int | None = None) -> str:
        """The column that counts a signal."""
        key = (signal, None if within_days == self.model.window_days else within_days)
        return f"seen.{self.counts.setdefault(key, f'n{len(self.counts)}')}"

    def any_of(self, signals: tuple[str, ...]) -> str:
        return " OR ".join(f"{self.count(signal)} > 0" for signal in signals) or "false"

    def condition(self, criterion: Criterion, level: Level) -> str:
        """Whether a lead with a known value meets a level, levels before it left aside."""
        return "true" if level.otherwise else _CONDITIONS[criterion.kind](self, self.value(criterion), level)

    def value(self, criterion: Criterion) -> str:
        if criterion.kind is Kind.SIGNAL:
            return self.count(criterion.looks_at, criterion.within_days)
        return COLUMNS[criterion.looks_at]

    def known(self, criterion: Criterion) -> str:
        """Whether the value is known: an absent signal is, an empty list is, an empty text is not."""
        column = self.value(criterion)
        if criterion.kind is Kind.SIGNAL:
            return "true"
        return f"coalesce(btrim({column}) <> '', false)" if criterion.kind is Kind.TEXT else f"{column} IS NOT NULL"

    def per_level(self, criterion: Criterion, of: Callable[[int, Level], int]) -> str:
        """An expression that gives a number for the level of a lead; 0 where the value is unknown or at no level."""
        whens = [
            f"WHEN {self.condition(criterion, level)} THEN {of(place, level)}"
            for place, level in enumerate(criterion.levels, 1)
        ]
        unknown = "" if criterion.kind is Kind.SIGNAL else f"WHEN NOT ({self.known(criterion)}) THEN 0 "
        return f"CASE {unknown}{' '.join(whens)} ELSE 0 END"

    def points(self, group: Group) -> str:
        return " + ".join(self.per_level(each, lambda _, level: level.points) for each in self.model.of(group)) or "0"

    def seen(self) -> str:
        columns = []
        for (signal, days), name in self.counts.items():
            where = f"g.signal = {self.bind(signal)}"
            if days is not None:
                reach = f"make_interval(days => {self.bind(days)})"
                where += f" AND g.occurred_at BETWEEN l.created_at - {reach} AND l.created_at + {reach}"
            columns.append(f"count(*) FILTER (WHERE {where}) AS {name}")
        return ", ".join(columns) or "0 AS none"


def _number_condition(compiler: _Compiler, value: str, level: Level) -> str:
    bounds = ((">=", level.at_or_above), ("<", level.below))
    return " AND ".join(f"{value} {sign} {compiler.bind(bound)}" for sign, bound in bounds if bound is not None)


def _tags_condition(compiler: _Compiler, value: str, level: Level) -> str:
    wanted, sign = (level.all_of, "@>") if level.all_of else (level.any_of, "&&")
    # Tags are compared in lower case like texts; the list is folded as one text, in a tenth of the time of unnesting.
    return f"lower({value}::text)::text[] {sign} CAST({compiler.bind([tag.lower() for tag in wanted])} AS text[])"


_CONDITIONS: Mapping[Kind, Callable[[_Compiler, str, Level], str]] = MappingProxyType(
    {
        Kind.TEXT: lambda compiler, value, level: (
            f"lower(btrim({value})) = ANY (CAST({compiler.bind([text.lower() for text in level.any_of])} AS text[]))"
        ),
        Kind.NUMBER: _number_condition,
        Kind.TAGS: _tags_condition,
        Kind.SIGNAL: lambda compiler, value, level: f"{value} >= {compiler.bind(level.at_least)}",
    }
)


def lead_score(model: ScoringModel) -> ScoreSql:
    """The model compiled for one lead at a time, so that a page of leads costs a page and a cohort a cohort."""
    compiler = _Compiler(model)
    fit, intent = compiler.points(Group.FIT), compiler.points(Group.INTENT)
    triggers = " + ".join(f"({compiler.count(signal)} > 0)::int" for signal in model.triggers) or "0"
    known = " + ".join(f"({compiler.known(criterion)})::int" for criterion in model.criteria) or "0"
    gates = _gates(compiler, model)
    laterals = f"""
CROSS JOIN LATERAL (SELECT {compiler.seen()} FROM eql.signal g WHERE {COUNTED_SIGNAL}) AS seen
CROSS JOIN LATERAL (
    SELECT {fit} AS fit, {intent} AS intent, {triggers} AS triggers, {known} AS known OFFSET 0
) AS score
CROSS JOIN LATERAL (SELECT {gates} AS gates) AS gate"""
    tables = frozenset(
        criterion.looks_at.split(".")[0] for criterion in model.criteria if criterion.kind is not Kind.SIGNAL
    )
    return ScoreSql(tables - {"lead"}, laterals, MappingProxyType(compiler.parameters))


def _gates(compiler: _Compiler, model: ScoringModel) -> str:
    passed = {
        Gate.OVERLAP: compiler.any_of(model.overlap),
        Gate.ICP: f"score.fit >= {compiler.bind(model.icp_at_least)}",
        Gate.ECOSYSTEM: compiler.any_of(model.ecosystem),
        Gate.BUYING: compiler.any_of(model.buying),
        Gate.TRIGGERS: f"score.triggers >= {compiler.bind(model.min_triggers)}",
        Gate.SCORE: f"score.fit + score.intent >= {compiler.bind(model.threshold)}",
        Gate.CONFIRMED: "coalesce(l.partner_confirmed_at <= :as_of AND l.vendor_confirmed_at <= :as_of, false)",
    }
    return " + ".join(f"CASE WHEN {condition} THEN {gate.value} ELSE 0 END" for gate, condition in passed.items())
