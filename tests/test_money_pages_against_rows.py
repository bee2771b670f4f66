"""Do vitals, AI referrals, channels, content and forecast agree with a second computation, by the documents alone?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from data_access.demo import DemoOptions, load
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.reference.rows_ai_referrals import rows_ai_referrals
from tests.reference.rows_channels import rows_channels
from tests.reference.rows_compare import Seen, differences, look
from tests.reference.rows_content import rows_content
from tests.reference.rows_forecast import rows_forecast
from tests.reference.rows_vitals import light, reference_of, rows_vitals
from tests.strategies import Asked, random_company, random_question
from tests.test_money_against_rows import with_money

SOURCES = ("ChatGPT.com", " perplexity ", "ai overview", "aio", "grok.com", "OpenAI", "my-gpt", "ai", "main",
           "paid-ai-bot", "partnergpt", "Blog", "", None, None, None)  # fmt: skip
CHANNELS = ("ai_referral", " LLM", "paid_search", "paid_search", "email", "organic", None)
DAYS = ("2024-02-29", "2024-08-31", "2025-01-31", "2025-03-31", "2025-04-01", "2025-05-05", "2025-06-30", "2025-07-01",
        "2025-07-02", "2025-09-30", "2025-10-01", "2025-11-05", "2026-06-30", None, None)  # fmt: skip
STAGES = ("discovery", "proposal", "negotiation")


def with_pages(company: Company, random: Random) -> Company:
    """The company with names of AI, ages of pages, prospects' pages, media costs and stages."""
    pick = random.choice
    for lead in company.rows["lead"]:
        lead["utm_source"] = pick(SOURCES)
        lead["utm_campaign"] = pick(["guide", "webinar", " guide ", " ", None])
        if random.random() < 0.5:
            lead["channel"] = pick(CHANNELS)
    _assets(company, random)
    if company.rows["partner"]:
        company.add_alias(
            company.rows["partner"][0]["partner_id"], "partnergpt", alias_kind=pick(["name", "utm_source"])
        )
    _media(company, random)
    if random.random() < 0.7:
        _stages(company, random, pick([0.5, 1.0]))
    return company


def _assets(company: Company, random: Random) -> None:
    pick = random.choice
    owners = [row["partner_id"] for row in company.rows["partner"]]
    for _ in range(3 * len(owners)):
        company.add_asset(pick([*owners, None]), kind=pick(["page", "article"]))
    for asset in company.rows["asset"]:
        asset |= {"origin": pick(["new", "syndicated", None]), "domain_rating": pick([None, 0, 29.5, 30, 77])}
        asset |= {name: pick(DAYS) for name in ("published_on", "refreshed_on")}
        asset["retired_on"] = pick([None, None, None, *DAYS])
    for lead in company.rows["lead"]:
        if company.rows["asset"] and random.random() < 0.5:
            lead["first_asset_id"] = pick(company.rows["asset"])["asset_id"]


def _media(company: Company, random: Random) -> None:
    pick = random.choice
    owners = [row["partner_id"] for row in company.rows["partner"]]
    for _ in range(8):
        start = date(2024, 1, 1) + timedelta(days=random.randint(0, 800))
        company.add_cost(
            pick([*owners[:1], None, None, None]),
            channel=pick(["paid_search", "paid_search", "organic", "ai_referral", " LLM", "billboards"]),
            category=pick(["media", "media", "content"]),
            period_start=start,
            period_end=start + timedelta(days=pick([0, 30, 200, 400])),
            amount=pick(["0.03", "900", "12345.67", "-0.02"]),
            currency=pick(["USD", "USD", "EUR", None]),
        )


def _stages(company: Company, random: Random, share: float) -> None:
    """Stages before, on and after a deal's opening, and on and after its closing; two on one day."""
    for deal in company.rows["deal"]:
        moment = deal["opened_at"] or deal["closed_at"]
        if moment is None or random.random() > share:
            continue
        entered = {deal["closed_at"] or moment} if random.random() < 0.3 else set()
        while len(entered) < random.randint(1, 3):
            entered.add(moment + timedelta(days=random.choice([-2, 0, 0, 1, 9, 60]), hours=random.choice([0, 1, 7])))
        for day in entered:
            company.add_stage(deal["deal_id"], random.choice(STAGES), day)


def listed(items: list[dict[str, Any]], *keys: str) -> dict[Any, dict[str, Any]]:
    """A list of objects by what tells one from another; none comes twice."""
    found = {item[keys[0]] if len(keys) == 1 else tuple(item[key] for key in keys): item for item in items}
    assert len(found) == len(items), f"{keys} do not tell {items} apart"
    return found


def matched(ours: dict[Any, Any], theirs: dict[Any, Any], path: str) -> Iterator[str]:
    """Where two dictionaries of objects part ways, in keys too."""
    for key in ours.keys() ^ theirs.keys():
        yield f"{path}: only {'the product' if key in ours else 'rows'} has {key!r}"
    shared = ours.keys() & theirs.keys()
    yield from differences({key: ours[key] for key in shared}, {key: theirs[key] for key in shared}, path)


def compare_vitals(seen: Seen) -> Iterator[str]:
    ours, theirs = listed(seen.product["vitals"], "name"), rows_vitals(seen.data)
    assert [own["name"] for own in seen.product["vitals"]] == list(theirs)
    for name, own in ours.items():
        rows, currency = dict(theirs[name]), seen.chosen.currency
        if rows.pop("doubtful", False) and own["low"] is None:
            del rows["low"], rows["high"]
        for bound in ("low", "high"):
            between = rows.pop(f"{bound}_between", None)
            if between and own[bound] is not None and between[0] <= own[bound] <= between[1]:
                rows.pop(bound)
        yield from differences(own, rows, f"vitals.{name}")
        if own["state"] != light(name, currency, own):
            yield f"vitals.{name}: {own}"
        expected = reference_of(name, currency)
        found = own["reference"] and (own["reference"]["low"], own["reference"]["high"])
        if found != (expected and expected[:2]):
            yield f"vitals.{name}: reference {own['reference']}"


def compare_ai(seen: Seen) -> Iterator[str]:
    ours, theirs = dict(seen.product["ai_referrals"]), rows_ai_referrals(seen.data)
    keys = {
        "sources": ("source",),
        "partners": ("partner_id",),
        "months": ("month",),
        "recognised": ("name", "source"),
        "looks_like_ai": ("name",),
    }
    for name, own in keys.items():
        yield from matched(listed(ours[name], *own), theirs.pop(name), f"ai_referrals.{name}")
    yield from differences(ours, theirs, "ai_referrals")


def says_something(line: dict[str, Any]) -> bool:
    """Whether a line has a cost or a number other than 0."""
    return line["cost"] is not None or any(own for own in line.values() if isinstance(own, int | float))


def compare_channels(seen: Seen) -> Iterator[str]:
    ours, theirs = seen.product["channel_comparison"], rows_channels(seen.data)
    lines = listed(ours["lines"], "kind", "channel")
    yield from matched(
        *({key: own for key, own in part.items() if says_something(own)} for part in (lines, theirs["lines"])), "lines"
    )
    rival = ours["rival"] and (ours["rival"]["kind"], ours["rival"]["channel"])
    if (rival is None and theirs["rivals"]) or (rival is not None and rival not in theirs["rivals"]):
        yield f"rival: product {rival}, rows {theirs['rivals']}"
    elif rival:
        yield from differences(ours["times_rival"], theirs["rivals"][rival], "times_rival")
    campaigns, own = theirs["campaigns"], ours["campaigns"]
    yield from matched(listed(own["campaigns"], "channel", "campaign"), campaigns["campaigns"], "campaigns")
    largest = own["largest"] and (own["largest"]["channel"], own["largest"]["campaign"])
    if largest != campaigns["largest"]:
        yield f"largest: product {largest}, rows {campaigns['largest']}"
    above = [[line["partner_id"], line["arr"], line["times"]["value"]] for line in own["above"]]
    yield from differences(above, [list(line) for line in campaigns["above"]], "above")
    yield from differences([line["value"] for line in own["together"]], campaigns["together"], "together")
    moved = ours["reallocation"]
    if moved["quarters"] != theirs["reallocation"]["quarters"]:
        yield f"quarters: product {moved['quarters']}"
    yield from matched(listed(moved["places"], "place", "key"), theirs["reallocation"]["places"], "places")


def compare_content(seen: Seen) -> Iterator[str]:
    ours, theirs = dict(seen.product["content"]), rows_content(seen.data)
    for name in ("origin", "kinds", "ages"):
        lines = listed(ours[name], "key")
        shown = {key: own for key, own in lines.items() if any(own[part] for part in (*SUMS, "incomplete"))}
        yield from matched(shown, theirs.pop(name), f"content.{name}")
    due = theirs["due"]
    if [own["asset_id"] for own in ours["due"]["assets"]] != due.pop("order"):
        yield "content.due: another order"
    yield from matched(listed(ours["due"]["assets"], "asset_id"), due.pop("assets"), "content.due")
    silent, other = ours.pop("silent"), theirs.pop("silent")
    if (silent is None) != (other is None):
        yield f"content.silent: product {silent}, rows {other}"
    elif silent:
        yield from matched(listed(silent["assets"], "asset_id"), other["assets"], "content.silent")
        yield from differences(silent["judged"], other["judged"], "content.silent.judged")
    prospects, pages = theirs["prospects"], theirs["prospects"].pop("pages")
    fitted = prospects.pop("fitted")
    yield from matched(listed(ours["prospects"]["pages"], "asset_id"), pages, "content.pages")
    if {page["expected"]["value"] is not None for page in ours["prospects"]["pages"]} - {fitted}:
        yield f"content.prospects: fitted {fitted}"
    yield from differences(ours, theirs, "content")


SUMS = ("leads", "eqls_in_period", "won_deals", "arr", "pipeline_created", "assets")


def compare_forecast(seen: Seen) -> Iterator[str]:
    ours, theirs = dict(seen.product["forecast"]), rows_forecast(seen.data)
    quarters = [own | {"open": own["open"]["value"]} for own in ours.pop("quarters")]
    yield from differences(quarters, theirs.pop("quarters"), "forecast.quarters")
    groups = listed(ours.pop("open_groups"), "age_from", "stage")
    yield from matched(groups, theirs.pop("open_groups"), "forecast.open_groups")
    tested = listed(ours["back_test"]["quarters"], "quarter")
    tested = {key: own | {"told": own["total"] is not None} for key, own in tested.items()}
    yield from matched(tested, theirs.pop("back_test"), "forecast.back_test")
    yield from differences(ours, theirs, "forecast")
    yield from errors(ours["back_test"])


def errors(tested: dict[str, Any]) -> Iterator[str]:
    """Whether what is said of all past forecasts follows from each of them."""
    told = [own for own in tested["quarters"] if own["total"]]
    held = [own["total"]["low"] <= own["arr"] <= own["total"]["high"] for own in told]
    if [own["held"] for own in told] != held or (tested["told"], tested["held"]) != (len(told), sum(held)):
        yield f"back_test: held {held}, {tested}"
    came = sum(own["arr"] for own in told)
    for name, forecasts in (
        ("error", [own["total"]["value"] for own in told]),
        ("error_of_last_quarter", [own["last_quarter"] for own in told]),
        ("error_of_year_before", [own["year_before"] for own in told]),
    ):
        missed = None
        if came and None not in forecasts:
            missed = sum(abs(own["arr"] - forecast) for own, forecast in zip(told, forecasts, strict=True)) / came
        yield from differences(tested[name], missed, f"back_test.{name}")


COMPARISONS: tuple[Callable[[Seen], Iterator[str]], ...] = (
    compare_vitals,
    compare_ai,
    compare_channels,
    compare_content,
    compare_forecast,
)


def compare(seen: Seen) -> list[str]:
    """Where product and rows part ways."""
    return [found for own in COMPARISONS for found in own(seen)]


@pytest.mark.database
@pytest.mark.parametrize("seed", range(10))
def test_random_companies(module_database: Database, seed: int) -> None:
    random = Random(1000 + seed)
    partners, kinds = random.choice([(0, 8), (2, 5), (5, 25), (9, 60), (6, 90)])
    company = with_money(random_company(random, partners=partners, kinds=kinds), random)
    with_pages(company, random).write(owner_engine(module_database), replace=True)
    assert compare(look(module_database, random_question(random))) == []


@pytest.mark.database
def test_a_company_without_rows(database: Database) -> None:
    assert compare(look(database, Asked("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), {}))) == []


@pytest.mark.slow
@pytest.mark.database
def test_the_simulated_company(database: Database) -> None:
    load(database, DemoOptions(leads=2_000, until=date(2025, 11, 1)))
    assert compare(look(database, Asked("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), {}))) == []
