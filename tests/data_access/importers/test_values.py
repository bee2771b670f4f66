"""Does a text mean what it says, and is nothing guessed?"""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from data_access.importers.contract import TABLES, Field, Kind
from data_access.importers.mapping import Reading
from data_access.importers.values import blanked, convert

MOMENT = TABLES["deal"].fields["closed_at"]
DAY = TABLES["deal"].fields["expected_close_on"]
MONEY = TABLES["deal"].fields["amount"]


def read(text, field, zone="UTC", date_only=False, **reading):
    """The value of one text, or the code of what is wrong with it."""
    options = Reading(**reading)
    found = convert(blanked(pl.Series([text], dtype=pl.String), options.blanks), field, options, zone, date_only)
    codes = [trouble.code for trouble in found.troubles if trouble.rows.any()]
    return codes[0] if codes else found.values[0]


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "options", "value"),
    [
        ("2018-02-26 19:58:54", {}, at(2018, 2, 26, 19, 58, 54)),
        ("2018-02-26 9:05:00", {}, at(2018, 2, 26, 9, 5)),
        ("2018-02-26T19:58:54Z", {}, at(2018, 2, 26, 19, 58, 54)),
        ("2018-02-26T19:58:54.25+02:00", {}, at(2018, 2, 26, 17, 58, 54, 250000)),
        # A date without a time is noon in the zone: 12:00 in São Paulo was 14:00 UTC in February 2018 (summer time).
        ("2018-02-10", {"time_zone": "America/Sao_Paulo"}, at(2018, 2, 10, 14)),
        ("2018-02-26", {}, at(2018, 2, 26, 12)),
        ("26-02-2018 19:58", {"date_formats": ("%d-%m-%Y %H:%M",)}, at(2018, 2, 26, 19, 58)),
        ("2/26/2018 7:58 PM", {"date_formats": ("%m/%d/%Y %I:%M %p",)}, at(2018, 2, 26, 19, 58)),
        ("26.2.18", {"date_formats": ("%d.%m.%y",)}, at(2018, 2, 26, 12)),
        ("43157.5", {"date_formats": ("excel",)}, at(2018, 2, 26, 12)),
        ("43157", {"date_formats": ("excel",)}, at(2018, 2, 26, 12)),
        ("1519675134000", {"date_formats": ("unix_ms",)}, at(2018, 2, 26, 19, 58, 54)),
        # 02:30 did not exist in Berlin on that night; the clock went from 02:00 to 03:00.
        ("2025-03-30 02:30:00", {"time_zone": "Europe/Berlin"}, at(2025, 3, 30, 1, 30)),
        # 02:30 came twice; the first is meant.
        ("2025-10-26 02:30:00", {"time_zone": "Europe/Berlin"}, at(2025, 10, 26, 0, 30)),
        ("Q3 2025", {"date_formats": ("quarter",)}, at(2025, 7, 1, 12)),
        ("2025-Q4", {"date_formats": ("quarter",)}, at(2025, 10, 1, 12)),
        ("Mar 2025", {"date_formats": ("%b %Y",)}, at(2025, 3, 1, 12)),
        ("2025", {"date_formats": ("%Y",)}, at(2025, 1, 1, 12)),
        ("2018-02-30", {}, "not_a_date"),
        ("02/26/2018", {"date_formats": ("%d/%m/%Y",)}, "not_a_date"),
        ("26-02-18", {"date_formats": ("%d-%m-%Y",)}, "date_out_of_range"),
        ("9999-12-31 00:00:00", {}, "date_out_of_range"),
        ("", {}, None),
        ("n/a", {"blanks": ("n/a",)}, None),
    ],
)
def test_moments(text, options, value):
    assert read(text, MOMENT, **options) == value


def test_the_reporting_zone_holds_where_the_mapping_names_none():
    assert read("2025-01-01", MOMENT, zone="Asia/Tokyo") == at(2025, 1, 1, 3)
    assert read("2025-01-01 00:30:00", MOMENT, zone="Asia/Tokyo") == at(2024, 12, 31, 15, 30)


def test_midnight_may_stand_for_no_time():
    assert read("2018-12-19 00:00:00", MOMENT, date_only=True) == at(2018, 12, 19, 12)
    assert read("2018-12-19 23:30:00", MOMENT, zone="America/New_York", date_only=True) == at(2018, 12, 19, 17)


def test_days():
    assert read("2018-12-19", DAY) == date(2018, 12, 19)
    assert read("2018-12-19 23:00:00+00:00", DAY, zone="Asia/Tokyo") == date(2018, 12, 20)


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1234.5", ".", "1234.5"),
        ("1,234.50", ".", "1234.50"),
        ("$1,234", ".", "1234"),
        ("R$ 1.234,50", ",", "1234.50"),
        ("1.234,50 €", ",", "1234.50"),
        ("1'234.50", ".", "1234.50"),
        ("1 234,5", ",", "1234.5"),
        ("EUR 12", ".", "12"),
        ("1,5", ".", "not_a_number"),
        ("1.5", ",", "not_a_number"),
        ("12,34,567", ".", "not_a_number"),
        ("abc", ".", "not_a_number"),
        ("NaN", ".", "not_a_number"),
        ("inf", ".", "not_a_number"),
        ("(5)", ".", "out_of_range"),
        ("-3", ".", "out_of_range"),
        ("1e16", ".", "out_of_range"),
    ],
)
def test_money_is_never_guessed(text, decimal, value):
    assert read(text, MONEY, decimal=decimal) == value


def test_credits_are_negative_costs():
    assert read("(5.25)", TABLES["cost"].fields["amount"]) == "-5.25"


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (Field(Kind.BOOLEAN), "Yes", True),
        (Field(Kind.BOOLEAN), "nein", False),
        (Field(Kind.BOOLEAN), "maybe", "not_yes_or_no"),
        (Field(Kind.INTEGER), "2000.0", 2000),
        (Field(Kind.INTEGER), "2.5", "not_whole"),
        (Field(Kind.CURRENCY), "eur", "EUR"),
        (Field(Kind.CURRENCY), "€", "not_a_currency"),
        (Field(Kind.DOMAIN), "Ann@Mail.Example.COM", "mail.example.com"),
        (Field(Kind.DOMAIN), "https://www.example.com/a?b", "example.com"),
        (Field(Kind.DOMAIN), "pseudonym", None),
        (Field(Kind.ID), "007", "007"),
        (Field(Kind.ID), "x" * 501, "too_long"),
        (TABLES["deal"].fields["status"], "WON", "won"),
        (TABLES["deal"].fields["status"], "Closed", "unknown_word"),
    ],
)
def test_other_kinds(field, text, value):
    assert read(text, field) == value
