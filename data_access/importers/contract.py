"""Which tables and fields can an import feed, and what does each field take?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a field holds, and thereby how its text is read."""

    TEXT = "text"
    ID = "id"
    ALIAS = "alias"
    CURRENCY = "currency"
    DOMAIN = "domain"
    LIST = "list"
    MONEY = "money"
    REAL = "real"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a contract table, as far as an import needs to know it.

    `refers` names the table whose key it holds; `low` and `high` bound a number; `choices` are the allowed words.
    `required` fields may not be blank unless the database has a default (`default`).
    """

    kind: Kind
    required: bool = False
    refers: str | None = None
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A contract table: its key and its fields, in the order of the database."""

    name: str
    key: tuple[str, ...]
    fields: Mapping[str, Field] = field(default_factory=dict)

    @property
    def own_id(self) -> str | None:
        """The single text key that the source gives, where the table has one."""
        return self.key[0] if len(self.key) == 1 else None


_text = Field(Kind.TEXT)
_moment = Field(Kind.MOMENT)
_date = Field(Kind.DATE)
_day = Field(Kind.DATE, required=True)
_id = Field(Kind.ID, required=True)
_currency = Field(Kind.CURRENCY)
_money = Field(Kind.MONEY, low=0, high=1e15)


def _reference(table: str, required: bool = False) -> Field:
    return Field(Kind.ID, required=required, refers=table)


def _choice(default: str | None, *words: str) -> Field:
    return Field(Kind.TEXT, required=default is not None, choices=words, default=default)


_TYPES = ("marketplace", "technology", "backlink", "content", "agency", "reseller", "referral", "other")
_ASSETS = ("page", "listing", "webinar", "article", "case_study", "integration", "other")
_COSTS = ("seat", "tooling", "people", "content", "media", "payout", "other")
_ALIASES = ("name", "lead_source", "utm_source", "partner_key", "domain")
_lead_moments = (
    "referral_at",
    "partner_confirmed_at",
    "vendor_confirmed_at",
    "mql_at",
    "eql_at",
    "sql_at",
    "assigned_at",
    "first_contacted_at",
    "disqualified_at",
    "last_activity_at",
    "deleted_at",
    "merged_at",
)

_ALL = (
    Table(
        "partner",
        ("partner_id",),
        {
            "partner_id": _id,
            "name": Field(Kind.TEXT, required=True),
            "partner_type": _choice("other", *_TYPES),
            "tier": _text,
            "region": _text,
            "manager": _text,
            "status": _choice("active", "prospect", "active", "paused", "ended"),
            "joined_on": _date,
            "ended_on": _date,
        },
    ),
    Table(
        "partner_alias",
        ("alias_kind", "alias"),
        {
            "alias_kind": Field(Kind.TEXT, required=True, choices=_ALIASES),
            "alias": Field(Kind.ALIAS, required=True),
            "partner_id": _reference("partner", required=True),
        },
    ),
    Table(
        "account",
        ("account_id",),
        {
            "account_id": _id,
            "name": _text,
            "domain": Field(Kind.DOMAIN),
            "industry": _text,
            "employees": Field(Kind.INTEGER, low=0, high=2**31 - 1),
            "country": _text,
            "region": _text,
            "tech_stack": Field(Kind.LIST),
            "use_case": _text,
        },
    ),
    Table(
        "asset",
        ("asset_id",),
        {
            "asset_id": _id,
            "partner_id": _reference("partner"),
            "kind": _choice("page", *_ASSETS),
            "origin": _choice(None, "new", "syndicated"),
            "title": _text,
            "url": _text,
            "domain_rating": Field(Kind.REAL, low=0, high=100),
            "published_on": _date,
            "refreshed_on": _date,
            "retired_on": _date,
        },
    ),
    Table(
        "traffic",
        ("asset_id", "day"),
        {
            "asset_id": _reference("asset", required=True),
            "day": _day,
            "sessions": Field(Kind.INTEGER, required=True, low=0, high=2**31 - 1),
        },
    ),
    Table(
        "lead",
        ("lead_id",),
        {
            "lead_id": _id,
            "account_id": _reference("account"),
            "partner_id": _reference("partner"),
            "first_asset_id": _reference("asset"),
            **dict.fromkeys(("channel", "utm_source", "utm_medium", "utm_campaign"), _text),
            "email_domain": Field(Kind.DOMAIN),
            **dict.fromkeys(("region", "product_line", "owner"), _text),
            "crm_score": Field(Kind.REAL),
            "created_at": Field(Kind.MOMENT, required=True),
            **dict.fromkeys(_lead_moments, _moment),
            "disqualified_reason": _text,
            "is_test": Field(Kind.BOOLEAN, required=True, default="false"),
            "merged_into": _reference("lead"),
            "experiment": Field(Kind.BOOLEAN, required=True, default="false"),
        },
    ),
    Table(
        "signal",
        ("lead_id", "signal", "occurred_at"),
        {
            "lead_id": _reference("lead", required=True),
            "signal": Field(Kind.TEXT, required=True),
            "occurred_at": Field(Kind.MOMENT, required=True),
        },
    ),
    Table(
        "touch",
        ("touch_id",),
        {
            "touch_id": _id,
            "lead_id": _reference("lead", required=True),
            "partner_id": _reference("partner"),
            "asset_id": _reference("asset"),
            "channel": _text,
            "occurred_at": Field(Kind.MOMENT, required=True),
        },
    ),
    Table(
        "deal",
        ("deal_id",),
        {
            "deal_id": _id,
            "lead_id": _reference("lead"),
            "account_id": _reference("account"),
            "name": _text,
            "opened_at": _moment,
            "stage": _text,
            "status": _choice("open", "open", "won", "lost"),
            "amount": _money,
            "arr": _money,
            "currency": _currency,
            "closed_at": _moment,
            "expected_close_on": _date,
            "owner": _text,
            "lost_reason": _text,
            "deleted_at": _moment,
        },
    ),
    Table(
        "cost",
        ("cost_id",),
        {
            "cost_id": _id,
            "partner_id": _reference("partner"),
            "channel": _text,
            "category": _choice("other", *_COSTS),
            "period_start": _day,
            "period_end": _day,
            "amount": Field(Kind.MONEY, required=True, low=-1e15, high=1e15),
            "currency": _currency,
        },
    ),
    Table(
        "target",
        ("metric", "period_start", "period_end", "partner_id"),
        {
            "metric": Field(Kind.TEXT, required=True),
            "period_start": _day,
            "period_end": _day,
            "partner_id": _reference("partner"),
            "value": Field(Kind.REAL, required=True),
        },
    ),
    Table(
        "commission",
        ("partner_id", "valid_from"),
        {
            "partner_id": _reference("partner", required=True),
            "valid_from": _day,
            "rate": Field(Kind.REAL, required=True, low=0, high=1),
        },
    ),
    Table(
        "deal_stage",
        ("deal_id", "entered_at"),
        {
            "deal_id": _reference("deal", required=True),
            "stage": Field(Kind.TEXT, required=True),
            "entered_at": Field(Kind.MOMENT, required=True),
        },
    ),
    Table(
        "fx_rate",
        ("base", "currency", "day"),
        {
            "base": Field(Kind.CURRENCY, required=True),
            "currency": Field(Kind.CURRENCY, required=True),
            "day": _day,
            "rate": Field(Kind.REAL, required=True, low=1e-10, high=1e9),
        },
    ),
)

#: Every table that an import can feed, in the order in which rows must be written (a referred table comes first).
TABLES: Mapping[str, Table] = {table.name: table for table in _ALL}

#: Pairs of lead or deal moments where the second may not lie before the first; it is only flagged.
ORDERED_MOMENTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "lead": tuple(
        ("created_at", name)
        for name in ("mql_at", "eql_at", "sql_at", "assigned_at", "first_contacted_at", "disqualified_at")
    ),
    "deal": (("opened_at", "closed_at"),),
}
