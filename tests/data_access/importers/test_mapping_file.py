"""Is a wrong mapping refused with the place where it is wrong?"""

import pytest

from dashboard.domain import UserError
from data_access.importers.mapping_file import find_mapping, parse_mapping, shipped_mappings

GOOD = """
[file.leads.lead]
lead_id = "id"
created_at = "created"
"""


def test_a_small_mapping_has_defaults():
    mapping = parse_mapping(GOOD, "mine")
    assert (mapping.name, mapping.source, mapping.title) == ("mine", "mine", "mine")
    assert mapping.files[0].match == ("id", "created")
    assert mapping.files[0].sections[0].table.name == "lead"


def test_the_fingerprint_follows_the_text():
    assert parse_mapping(GOOD, "a").sha256 == parse_mapping(GOOD, "b").sha256
    assert parse_mapping(GOOD, "a").sha256 != parse_mapping(GOOD + "# x", "a").sha256


def test_every_shipped_mapping_is_valid():
    names = {mapping.name for mapping in shipped_mappings()}
    assert names >= {
        *("olist", "olist_spreadsheet", "salvirt", "hubspot_fivetran", "hubspot_export"),
        *("salesforce_fivetran", "salesforce_opportunities", "partnerstack_deals"),
    }


WRONG = {
    "no toml": ("a = = b", "is no valid TOML"),
    "nothing fed": ("source = 'x'", "file"),
    "unknown key": ("sauce = 'x'" + GOOD, "sauce: this key is not known; did you mean source"),
    "unknown table": ("[file.a.leed]\nid = 'x'", "file.a.leed"),
    "unknown field": (GOOD + "ovner = 'x'", "file.leads.lead.ovner: this key is not known; did you mean owner"),
    "missing key": ("[file.a.lead]\ncreated_at = 'c'", "does not say what feeds lead_id"),
    "missing field": ("[file.a.lead]\nlead_id = 'c'", "does not say what feeds created_at"),
    "two sources": (GOOD + "owner = { column = 'a', constant = 'b' }", "needs exactly one of"),
    "wrong word": ("[file.a.deal]\ndeal_id = 'd'\nstatus = { constant = 'gewonnen' }", "'gewonnen' is none of open"),
    "wrong translation": (
        "[file.a.deal]\ndeal_id = 'd'\nstatus = { column = 's', translate = { a = 'b' } }",
        "file.a.deal.status.translate",
    ),
    "wrong zone": ("time_zone = 'Mars'" + GOOD, "time_zone: 'Mars' is no time zone"),
    "wrong currency": ("currency = 'Euro'" + GOOD, "'Euro' is no currency code"),
    "unknown lookup": (GOOD + "owner = { column = 'a', lookup = 'b' }", "there is no [lookup.b]"),
    "lead created": (
        "[file.a.deal]\ndeal_id = 'd'\nlead_id = { column = 'l', unknown = 'create' }",
        "a missing lead cannot be created",
    ),
    "condition": (GOOD + "owner = { column = 'a', when = { column = 'b' } }", "needs column and one of"),
    "condition on a field": (
        GOOD + "owner = { column = 'a', when = { field = 'region', is = 'x' } }",
        "'region' is no other field mapped here",
    ),
    "number as column": (GOOD + "owner = 5", "must be a table"),
}


@pytest.mark.parametrize(("text", "sentence"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_mapping_names_file_and_place(text, sentence):
    with pytest.raises(UserError) as caught:
        parse_mapping(text, "mine")
    assert "mapping mine" in str(caught.value)
    assert sentence in str(caught.value)


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(UserError, match="olist"):
        find_mapping("nothing")
    with pytest.raises(UserError, match="There is no mapping"):
        find_mapping("../mappings/olist")
