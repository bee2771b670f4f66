"""Does each shipped mapping read the files that it was made for?"""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytestmark = pytest.mark.database

OWN = Path(__file__).resolve().parents[2] / "data"


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def lines_of(path):
    import csv

    with path.open(newline="", encoding="utf-8-sig") as file:
        sign = ";" if ";" in file.readline() else ","
        return sum(1 for row in csv.reader(file, delimiter=sign) if row)


def nothing_lost(summary, folder):
    for file in summary.files:
        assert file.accepted + file.quarantined == file.read == lines_of(folder / file.name)


def test_olist(run, ask, shared_data):
    summary = run(shared_data / "olist")
    assert summary.mapping == "olist"
    nothing_lost(summary, shared_data / "olist")
    assert [summary.total(t).inserted for t in ("lead", "deal", "account", "asset")] == [8000, 842, 842, 495]
    channels = dict(ask("SELECT channel, count(*) FROM eql.lead GROUP BY 1"))
    assert len(channels) == 11
    assert channels[None] == 60
    assert (channels["organic"], channels["unknown"]) == (2296, 1099)
    assert ask("SELECT count(*), count(*) FILTER (WHERE amount = 0) FROM eql.deal WHERE status = 'won'") == [(842, 797)]
    assert ask("SELECT count(*) FROM eql.deal d JOIN eql.lead l USING (lead_id) WHERE d.opened_at = l.created_at") == [
        (842,)
    ]
    # One deal closes two days before its first contact; the money is real.
    odd = [warning for warning in summary.warnings if warning.code == "dates_out_of_order"]
    assert [warning.count for warning in odd] == [1]


def test_the_spreadsheet_twin_gives_the_same_deals(run, ask, shared_data):
    run(shared_data / "olist")
    first = dict(ask("SELECT deal_id, closed_at FROM eql.deal"))
    summary = run(shared_data / "olist_spreadsheet")
    assert summary.mapping == "olist_spreadsheet"
    nothing_lost(summary, shared_data / "olist_spreadsheet")
    assert (summary.total("deal").inserted, summary.total("account").inserted) == (0, 0)
    second = dict(ask("SELECT deal_id, closed_at FROM eql.deal"))
    assert second == {deal: closed.replace(second=0) for deal, closed in first.items()}


def test_the_twin_stands_alone_beside_the_leads(run, ask, shared_data):
    run(shared_data / "olist" / "olist_marketing_qualified_leads_dataset.csv")
    run(shared_data / "olist_spreadsheet")
    # Deal 5420aad7… of line 2: 26-02-2018 19:58.
    assert ask("SELECT closed_at FROM eql.deal WHERE deal_id LIKE '5420aad7%'") == [(at(2018, 2, 26, 19, 58),)]


def test_deals_without_their_leads_are_refused(run, ask, shared_data):
    summary = run(shared_data / "olist_spreadsheet")
    assert summary.outcome == "refused"
    assert [reason.code for reason in summary.files[0].reasons] == ["unknown_lead"]
    assert ask("SELECT count(*) FROM eql.deal") == [(0,)]


def test_salvirt(run, ask, shared_data):
    summary = run(shared_data / "salvirt")
    assert summary.mapping == "salvirt"
    nothing_lost(summary, shared_data / "salvirt")
    won = ask(
        "SELECT l.partner_id IS NOT NULL, count(*) FILTER (WHERE d.status = 'won'), count(*)"
        " FROM eql.deal d JOIN eql.lead l USING (lead_id) GROUP BY 1 ORDER BY 1"
    )
    assert won == [(False, 191, 395), (True, 36, 53)]
    assert ask("SELECT name FROM eql.partner") == [("Partner (unnamed)",)]


def test_hubspot_as_fivetran_lays_it(run, ask, shared_data):
    summary = run(shared_data / "hubspot_seeds")
    assert summary.mapping == "hubspot_fivetran"
    nothing_lost(summary, shared_data / "hubspot_seeds")
    assert {file.part: file.read for file in summary.files} == {"company": 24, "contact": 22, "deal": 44}
    merged = ask("SELECT lead_id FROM eql.lead WHERE merged_into = '78971951' ORDER BY 1")
    assert merged == [("46897301",), ("76226001",), ("76340251",)]
    # No stage is known of any deal: all stay open, and the look-ups that found nothing say so.
    assert ask("SELECT DISTINCT status FROM eql.deal") == [("open",)]
    assert {w.count for w in summary.warnings if w.code == "not_found_in_lookup"} == {44}
    # Owner 35252170 and others are looked up where they are in the owners' file.
    owners = dict(ask("SELECT owner, count(*) FROM eql.deal GROUP BY 1"))
    assert sum(count for owner, count in owners.items() if owner) == 22


def test_salesforce_as_fivetran_lays_it(run, ask, shared_data):
    summary = run(shared_data / "salesforce_seeds")
    assert summary.mapping == "salesforce_fivetran"
    nothing_lost(summary, shared_data / "salesforce_seeds")
    assert {file.part: (file.read, file.idle) for file in summary.files} == {
        "account": (10, 3),
        "lead": (1, 0),
        "opportunity": (10, 2),
    }
    assert Counter(s for (s,) in ask("SELECT status FROM eql.deal")) == {"won": 5, "lost": 3}
    # A close date has no time: 2018-12-19 00:00:00 is noon of that day, in which the deal was created at 19:51.
    assert ask("SELECT closed_at, deleted_at IS NOT NULL FROM eql.deal WHERE deal_id = '006q000000HddohAAB'") == [
        (at(2018, 12, 19, 12), True)
    ]
    odd = [warning for warning in summary.warnings if warning.code == "dates_out_of_order"]
    assert [warning.count for warning in odd] == [1]


def test_hubspot_list_exports(run, ask):
    summary = run(OWN / "hubspot-contacts.csv", OWN / "hubspot-deals.csv", zone="Europe/Berlin")
    assert summary.mapping == "hubspot_export"
    nothing_lost(summary, OWN)
    leads = ask("SELECT lead_id, partner_id, channel, email_domain, created_at FROM eql.lead ORDER BY 1")
    assert leads[0] == ("7001", "lumen-agency", "Referrals", "northwind.example", at(2025, 1, 14, 8, 12))
    assert [lead[1] for lead in leads] == ["lumen-agency", None, None, "lumen-agency", "peak-reseller"]
    assert leads[4][4] == at(2025, 3, 30, 1, 30)  # an hour that summer time skipped
    deals = ask("SELECT deal_id, lead_id, status, amount, closed_at, expected_close_on::text FROM eql.deal ORDER BY 1")
    assert deals[0] == ("5001", "7001", "won", 24000, at(2025, 3, 3, 14), "2025-03-03")
    assert deals[1][1:3] == ("7002", "lost")
    assert deals[2][2:] == ("open", 4000.50, None, "2025-06-30")
    assert deals[3][1] is None


def test_salesforce_report_with_its_footer(run, ask):
    summary = run(OWN / "salesforce-opportunities.csv")
    assert summary.mapping == "salesforce_opportunities"
    nothing_lost(summary, OWN)
    assert (summary.files[0].accepted, summary.files[0].quarantined) == (4, 5)
    assert {reason.code for reason in summary.files[0].reasons} == {"footer"}
    found = ask(
        "SELECT d.deal_id, d.status, d.amount, d.currency, l.partner_id, d.closed_at FROM eql.deal d"
        " JOIN eql.lead l USING (lead_id) ORDER BY 1"
    )
    assert found[0] == ("0065e000001AbcDAAS", "won", 24120, "USD", "lumen-agency", at(2025, 4, 15, 12))
    assert found[2] == ("0065e000001AbcFAAS", "open", 1500, "EUR", None, None)
    assert [w.count for w in summary.warnings if w.code == "dates_out_of_order"] == [1]


def test_partnerstack_report(run, ask):
    summary = run(OWN / "partnerstack-deals.csv")
    assert summary.mapping == "partnerstack_deals"
    nothing_lost(summary, OWN)
    partners = ask("SELECT partner_id, name, tier, manager FROM eql.partner ORDER BY 1")
    assert partners == [
        ("lumenagency12", "Lumen Agency", "Gold", "Pia Pohl"),
        ("orbitapps7", "Orbit Apps", "Silver", None),
    ]
    deals = ask("SELECT status, amount, closed_at FROM eql.deal ORDER BY amount")
    assert deals == [("open", 3500, None), ("lost", 9000, at(2025, 4, 15, 12)), ("won", 12000, at(2025, 3, 1, 12))]


def test_two_systems_know_the_same_partner_by_its_name(run, ask):
    run(OWN / "hubspot-contacts.csv")
    run(OWN / "partnerstack-deals.csv")
    found = ask("SELECT alias_kind, alias FROM eql.partner_alias WHERE partner_id = 'lumen-agency' ORDER BY 1, 2")
    assert found == [("name", "lumen agency"), ("partner_key", "lumenagency12")]
    both = ask("SELECT DISTINCT source FROM eql.lead WHERE partner_id = 'lumen-agency' ORDER BY 1")
    assert both == [("hubspot",), ("partnerstack",)]
