"""Which companies may buy, and how well do they fit?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from .arrays import Flags, Ints, chance, frame, keys, masked, pick, weighted
from .options import DemoOptions
from .scorecard import FIT_POINTS, LEVELS, SIZE_BOUNDS
from .words import (
    ACCOUNT_FIRST,
    ACCOUNT_SECOND,
    ACCOUNT_THIRD,
    COUNTRIES,
    COUNTRY_WEIGHTS,
    EURO,
    REGION_WEIGHTS,
    REGIONS,
)

PER_LEAD = 0.75
INDUSTRY_WEIGHTS = (0.19, 0.13, 0.13, 0.08, 0.08, 0.09, 0.10, 0.07, 0.06, 0.07)
USE_CASE_WEIGHTS = (0.24, 0.26, 0.20, 0.17, 0.13)
HAS_CRM, HAS_WAREHOUSE = 0.62, 0.48
SIDE_TECH = ("helpdesk", "payments", "chat", "cms")
UNKNOWN = {"company_size": 0.07, "industry": 0.05, "tech_stack": 0.12, "use_case": 0.10}
_ALL_COUNTRIES = tuple(name for region in COUNTRIES for name in region)


@dataclass(frozen=True, slots=True)
class Accounts:
    """One entry an account, sorted by region; per criterion its true level and whether that is recorded."""

    region: Ints
    country: Ints
    employees: Ints
    crm: Flags
    warehouse: Flags
    side_tech: Ints
    level: dict[str, Ints]
    known: dict[str, Flags]
    name_code: Ints

    def __len__(self) -> int:
        return len(self.region)

    @property
    def ids(self) -> pl.Series:
        """Keys, in order."""
        return keys("A", len(self))

    @property
    def uses_euro(self) -> Flags:
        """Whether the account buys in EUR."""
        return np.array([name in EURO for name in _ALL_COUNTRIES])[self.country]

    @property
    def fit_points(self) -> Ints:
        """Points for fit as the recorded fields give them; unknown fields give 0."""
        points = np.zeros(len(self), dtype=np.int64)
        for criterion in LEVELS:
            points += np.where(self.known[criterion], np.asarray(FIT_POINTS[criterion])[self.level[criterion]], 0)
        return points


def found_accounts(options: DemoOptions) -> Accounts:
    """The accounts of the simulated company."""
    stream, count = options.stream("account"), round(options.leads * PER_LEAD)
    region = np.sort(weighted(stream, REGION_WEIGHTS, count))
    employees = np.maximum(1, np.exp(stream.normal(5.6, 1.5, count))).astype(np.int64)
    crm, warehouse = chance(stream, HAS_CRM, count), chance(stream, HAS_WAREHOUSE, count)
    level = {
        "company_size": np.searchsorted(SIZE_BOUNDS, employees, side="right").astype(np.int64),
        "industry": weighted(stream, INDUSTRY_WEIGHTS, count),
        "tech_stack": crm.astype(np.int64) + warehouse,
        "use_case": weighted(stream, USE_CASE_WEIGHTS, count),
    }
    return Accounts(
        region=region,
        country=_countries(stream, region),
        employees=employees,
        crm=crm,
        warehouse=warehouse,
        side_tech=stream.integers(0, 2 ** len(SIDE_TECH), count),
        level=level,
        known={criterion: chance(stream, 1 - UNKNOWN[criterion], count) for criterion in LEVELS},
        name_code=stream.integers(0, len(ACCOUNT_FIRST) * len(ACCOUNT_SECOND) * len(ACCOUNT_THIRD), count),
    )


def account_table(accounts: Accounts) -> pl.DataFrame:
    """Rows of `account`."""
    name = account_names(accounts)
    return frame(
        account_id=accounts.ids,
        name=name,
        domain=domains(accounts, name),
        industry=masked(pick(LEVELS["industry"], accounts.level["industry"]), accounts.known["industry"]),
        employees=masked(pl.Series(accounts.employees), accounts.known["company_size"]),
        country=pick(_ALL_COUNTRIES, accounts.country),
        region=pick(REGIONS, accounts.region),
        tech_stack=masked(_tech_stacks(accounts), accounts.known["tech_stack"]),
        use_case=masked(pick(LEVELS["use_case"], accounts.level["use_case"]), accounts.known["use_case"]),
    )


def account_names(accounts: Accounts) -> pl.Series:
    """Invented names; two accounts may share one."""
    rest, third = np.divmod(accounts.name_code, len(ACCOUNT_THIRD))
    first, second = np.divmod(rest, len(ACCOUNT_SECOND))
    parts = (pick(ACCOUNT_FIRST, first), pick(ACCOUNT_SECOND, second), pick(ACCOUNT_THIRD, third))
    return pl.select(parts[0] + parts[1] + pl.lit(" ") + parts[2]).to_series()


def domains(accounts: Accounts, name: pl.Series) -> pl.Series:
    """One domain an account, under the reserved `.example`."""
    number = pl.Series(np.arange(1, len(accounts) + 1)).cast(pl.String)
    return pl.select(name.str.to_lowercase().str.replace(" ", "-") + pl.lit("-") + number + ".example").to_series()


def _countries(stream: np.random.Generator, region: Ints) -> Ints:
    """Countries by region; `region` is sorted, so each region is one slice."""
    drawn, offset = [], 0
    for place, weights in enumerate(COUNTRY_WEIGHTS):
        drawn.append(weighted(stream, weights, int(np.sum(region == place))) + offset)
        offset += len(weights)
    return np.concatenate(drawn)


def _tech_stacks(accounts: Accounts) -> pl.Series:
    code = accounts.crm + 2 * accounts.warehouse + 4 * accounts.side_tech
    names = ("crm", "data_warehouse", *SIDE_TECH)
    stacks = [[name for bit, name in enumerate(names) if code >> bit & 1] for code in range(2 ** len(names))]
    return pl.Series(stacks, dtype=pl.List(pl.String)).gather(pl.Series(code).cast(pl.UInt32))
