"""Where do the report's newer sections and their second computation part ways?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.period import parse_period
from dashboard.reports.document import report_document
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from tests.reference import rows_review as review
from tests.reference.ranking import outer_groups
from tests.reference.rows_data import Data, read_data
from tests.reference.rows_funnel import rows_funnel
from tests.reference.rows_partner import rows_partner
from tests.reference.rows_qualification import rows_qualification
from tests.reference.rows_standing import compared_with, raw_values, rows_standing, surpassed, took_part
from tests.reference.rows_velocity import rows_velocity
from tests.strategies import Asked

# Lists of objects, by what tells one from another.
KEYS = {
    "disqualified": ("reason",),
    "pages": ("asset_id",),
    "months": ("month",),
    "groups.*": ("key",),
    "waiting_months.*": ("month",),
    "associations.*": ("attribute", "value"),
    "incidence.*": ("group",),
    "sales_velocity": ("partner_id",),
}


@dataclass(frozen=True)
class Seen:
    """One company, asked once: what the product says, and what is there to compute it from."""

    product: dict[str, Any]
    data: Data
    chosen: Settings

    @property
    def partners(self) -> dict[str, dict[str, Any]]:
        """The product's partners by their id."""
        return {own["partner_id"]: own for own in self.product["partners"]}


def look(database: Database, asked: Asked) -> Seen:
    """Asks both."""
    chosen = Settings(**asked.settings)
    window = Window(parse_period(asked.period, chosen), asked.as_of, chosen.time_zone, chosen.currency)
    product = report_document(app_engine(database), window.period, asked.as_of, chosen)
    return Seen(product, read_data(owner_engine(database), window, chosen), chosen)


def differences(product: Any, rows: Any, path: str = "") -> Iterator[str]:
    """Where the two part ways: counts and texts exact, other numbers 1e-6; the product may have more names."""
    if isinstance(rows, dict) and isinstance(product, list):
        product = keyed(product, path)
        for key in product.keys() ^ rows.keys():
            yield f"{path}: only one of them has {key!r}"
        rows = {key: own for key, own in rows.items() if key in product}
    if isinstance(rows, dict) and isinstance(product, dict):
        for key in rows:
            if key in product:
                yield from differences(product[key], rows[key], f"{path}.{key}")
            else:
                yield f"{path}.{key} is missing"
    elif isinstance(rows, list) and isinstance(product, list) and len(rows) == len(product):
        for place, (ours, theirs) in enumerate(zip(product, rows, strict=True)):
            yield from differences(ours, theirs, f"{path}[{place}]")
    elif not same(product, rows):
        yield f"{path}: product {product!r}, rows {rows!r}"


def keyed(items: list[dict[str, Any]], path: str) -> dict[Any, dict[str, Any]]:
    """A list of objects by what tells one from another; their order is of no account, none comes twice."""
    *_, above, name = ["", *path.split(".")]
    keys = KEYS.get(name) or KEYS[f"{above}.*"]
    found = {}
    for item in items:
        key = item[keys[0]] if len(keys) == 1 else tuple(item[key] for key in keys)
        assert key not in found, f"{path}: {key!r} comes twice"
        found[key] = {name: value for name, value in item.items() if name not in keys}
    return found


def same(product: Any, rows: Any) -> bool:
    """Whether two values count as equal; None, a number and a truth never do."""
    if isinstance(rows, float) and isinstance(product, int | float):
        return math.isclose(product, rows, rel_tol=1e-6, abs_tol=1e-6)
    return type(product) is type(rows) and product == rows


# What is computed twice


def compare(seen: Seen) -> list[str]:
    """Every section but what is drawn at random."""
    data, partners = seen.data, seen.partners
    return [
        *differences(seen.product["qualification"], rows_qualification(data), "qualification"),
        *differences(seen.product["funnel"], rows_funnel(data), "funnel"),
        *differences(seen.product["velocity"], rows_velocity(data), "velocity"),
        *differences(partners, rows_partner(data), "partner"),
        *differences(partners, rows_standing(data, seen.product), "partner"),
        *compare_standings(seen),
        *compare_review(seen),
    ]


def compare_standings(seen: Seen) -> Iterator[str]:
    """Percentiles: those without bounds as the raw numbers have them, none where there is nothing to compare."""
    everyone, values = took_part(seen.data), raw_values(seen.product)
    for key, own in seen.partners.items():
        _, others = compared_with(seen.data, key, everyone)
        for measure, standing in own["standings"].items():
            known = [value for other in others if (value := values[measure][other]) is not None]
            value, where = values[measure][key], f"{key}.{measure}"
            if key not in everyone or value is None or not known:
                if standing["percentile"] is not None:
                    yield f"{where}: a percentile of nothing"
            elif standing["low"] is not None:
                if not 0 <= standing["low"] <= standing["high"] <= 1:
                    yield f"{where}: bounds of {standing}"
            elif measure != "median_days_to_close" and not same(standing["percentile"], surpassed(value, known)):
                yield f"{where}: product {standing['percentile']}, rows {surpassed(value, known)}"


def compare_review(seen: Seen) -> list[str]:
    """What is ranked, where it stood before, and what follows from the product's own chances."""
    data, partners, ranking = seen.data, seen.partners, seen.product["ranking"]
    values = review.page_values(data)
    ranked = review.eligible(data, values)
    size, top, bottom = outer_groups(ranked)
    rows: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        rows[key] = {"ranking_value": None if value is None else float(value)}
        if key in ranked:
            place = "top" if key in top else "bottom" if key in bottom else "middle"
            chances = partners[key]["p_top"], partners[key]["p_bottom"]
            rows[key]["suggestion"] = review.suggestion(*chances, place)
        else:
            rows[key] |= {"p_top": None, "p_bottom": None, "rank_interval": None, "suggestion": None}
    for place, label in enumerate(ranking["periods_before"]):
        period = parse_period(label, seen.chosen)
        ranks = review.ranks_in(review.at(data, period.start, period.end))
        for key in rows:
            rows[key].setdefault("ranks_before", []).append(ranks.get(key))
            if place == len(ranking["periods_before"]) - 1:
                rows[key]["last_rank"] = ranks.get(key)
    found = list(differences(partners, rows, "review"))
    events = sum(review.page_cases(data, key).events for key in ranked)
    certain = {key: own for key in ranked if (own := partners[key])["p_top"] is not None}
    if bool(certain) != (events >= review.FEWEST_EVENTS) or certain.keys() not in ({}.keys(), ranked.keys()):
        found.append(f"review: {len(certain)} of {len(ranked)} with chances from {events} events")
    if certain:
        expected = review.consequences(
            ranked,
            {key: own["p_top"] for key, own in certain.items()},
            {key: own["p_bottom"] for key, own in certain.items()},
        )
        found += differences(ranking["consequences"], expected, "review.consequences")
        for name in ("p_top", "p_bottom"):
            if not math.isclose(sum(own[name] for own in certain.values()), size, abs_tol=1e-6):
                found.append(f"review: {name} does not add up to {size}")
    return found
