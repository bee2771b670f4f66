"""Is a drafted mapping one that a person can start from?"""

import tomllib

import pytest

from data_access.importers.mapping_file import parse_mapping
from data_access.importers.suggest import suggest_mapping

GERMAN = (
    "Kontakt-ID;Erstellt am;Quelle;Firma;E-Mail;Partner;Punktzahl\n"
    "K1;03.04.2025 10:15;Messe;Müller GmbH;a@mueller.example;Acme;12,5\n"
    "K2;28.04.2025 09:00;Web;Schulz AG;b@schulz.example;keine Angabe;7\n"
)
DEALS = (
    "opportunity_id,sales_agent,account,deal_stage,engage_date,close_date,close_value,partner\n"
    'A1,Moses,Cancity,Won,25/10/2016,01/03/2017,"1,054.00",Acme\n'
    "A2,Ann,Isdom,Lost,05/10/2016,11/03/2017,0,\n"
    "A3,Ann,Isdom,Engaging,12/11/2016,,,Beta\n"
)


def test_german_leads(write):
    draft = suggest_mapping(write("Kontakte.csv", GERMAN.encode("cp1252")))
    content = tomllib.loads(draft)
    assert content["date_formats"] == ["%d.%m.%Y %H:%M"]
    assert content["decimal"] == ","
    assert content["blanks"] == ["keine Angabe"]
    lead = content["file"]["kontakte"]["lead"]
    assert lead["lead_id"] == "Kontakt-ID"
    assert lead["created_at"] == "Erstellt am"
    assert lead["email_domain"] == "E-Mail"
    assert lead["partner_id"] == "Partner"
    assert lead["account_id"] == {"column": "Firma", "unknown": "create"}


def test_deals_with_partners_get_leads_of_their_own(write):
    draft = tomllib.loads(suggest_mapping(write("pipeline.csv", DEALS)))["file"]["pipeline"]
    assert draft["deal"]["status"]["translate"] == {"Won": "won", "Lost": "lost", "Engaging": "open"}
    assert draft["deal"]["amount"] == "close_value"
    assert draft["deal"]["closed_at"]["when"] == {"field": "status", "is": ["won", "lost"]}
    assert draft["lead"]["partner_id"] == "partner"
    assert draft["deal"]["lead_id"] == draft["lead"]["lead_id"]


def test_one_column_settles_day_and_month_for_all(write):
    draft = suggest_mapping(write("pipeline.csv", DEALS))
    assert tomllib.loads(draft)["date_formats"] == ["%d/%m/%Y"]
    assert "tells day from month" not in draft


def test_a_doubtful_order_of_day_and_month_is_said(write):
    draft = suggest_mapping(write("leads.csv", "lead id,created\n1,03/04/2025\n2,05/06/2025\n"))
    assert len(tomllib.loads(draft)["date_formats"]) == 1
    assert "No number above 12 tells day from month in created" in draft


def test_two_orders_in_one_file_stay_apart(write):
    text = "lead id,created,last activity\n1,28/04/2025,04/28/2025\n2,05/06/2025,06/05/2025\n"
    content = tomllib.loads(suggest_mapping(write("leads.csv", text)))
    assert content["date_formats"] == ["%d/%m/%Y"]
    assert content["file"]["leads"]["lead"]["last_activity_at"] == {
        "column": "last activity",
        "date_formats": ["%m/%d/%Y"],
    }


@pytest.mark.database
@pytest.mark.parametrize(("name", "text"), [("kontakte.csv", GERMAN), ("pipeline.csv", DEALS)])
def test_a_draft_imports_as_it_is(write, run, ask, name, text):
    path = write(name, text)
    summary = run(path, mapping=suggest_mapping(path))
    assert summary.outcome == "imported"
    assert summary.files[0].quarantined == 0
    assert ask("SELECT count(*) FROM eql.lead WHERE partner_id IS NOT NULL")[0][0] >= 1


@pytest.mark.parametrize(
    "text",
    ["a\n", "a,b\n", 'we"ird\\,{x},[y]\n1,2,3\n', "ü;ö\n1;2\n", "id\n" + "1\n" * 10, "lead id,created\nx,\n"],
)
def test_whatever_the_headings_the_draft_is_toml(write, text):
    tomllib.loads(suggest_mapping(write("odd file ;).csv", text)))


@pytest.mark.parametrize("folder", ["olist", "salvirt", "hubspot_seeds", "salesforce_seeds"])
def test_drafts_of_real_files_are_valid_mappings(shared_data, folder):
    for path in sorted((shared_data / folder).glob("*.csv")):
        draft = suggest_mapping(path)
        if "is needed: name its column" not in draft:
            parse_mapping(draft, path.stem)


FLAT = (
    "id,created,company,country,domain,email,source,partner,amount,currency,stage,closed\n"
    "1,2025-01-03,Alpha,DE,alpha.example,x@alpha.example,web,Acme,100,EUR,won,2025-03-01\n"
    "2,2025-01-04,Beta,FR,beta.example,y@beta.example,event,,,,,\n"
    "3,2025-01-05,Gamma,ES,www.gamma.example,z@gamma.example,web,Acme,300,EUR,open,\n"
)
PLAIN = (
    "created,country,domain,amount,stage,closed\n"
    "2025-01-03,DE,a.example,100,won,2025-03-01\n"
    "2025-01-04,FR,b.example,9,open,\n"
)


def _fields(draft, *tables):
    """Which field each column feeds, as (table, field) by heading."""
    found: dict[str, set[tuple[str, str]]] = {}
    for table in tables:
        for field, way in draft[table].items():
            heading = way.get("column") if isinstance(way, dict) else way
            if isinstance(heading, str) and field != "when":
                found.setdefault(heading, set()).add((table, field))
    return found


def test_a_file_of_leads_tells_of_their_companies_and_deals(write):
    draft = tomllib.loads(suggest_mapping(write("leads.csv", FLAT)))["file"]["leads"]
    assert draft["account"] == {
        "optional": True,
        "account_id": "company",
        "name": "company",
        "domain": "domain",
        "country": "country",
    }
    assert draft["deal"]["when"] == {"column": "stage", "filled": True}
    assert draft["deal"]["lead_id"] == draft["lead"]["lead_id"] == "id"
    assert draft["deal"]["closed_at"]["column"] == "closed"
    for heading in ("amount", "currency", "stage"):
        assert draft["deal"][heading] == heading
    assert draft["lead"]["created_at"] == "created"


def test_plain_headings_of_a_file_whose_name_says_nothing(write):
    text = suggest_mapping(write("export.csv", PLAIN))
    draft = tomllib.loads(text)["file"]["export"]
    assert "# Not used" not in text
    assert draft["account"]["account_id"] == draft["account"]["domain"] == "domain"
    assert draft["account"]["country"] == "country"
    assert draft["deal"]["deal_id"] == {"template": "{file}-{line}"}  # different countries are no ids
    assert draft["deal"]["opened_at"] == draft["lead"]["created_at"] == "created"
    assert draft["lead"]["account_id"]["column"] == "domain"


def test_a_column_means_one_thing_save_keys_and_the_moment_a_lead_made_of_a_deal_came_in(write):
    draft = tomllib.loads(suggest_mapping(write("leads.csv", FLAT)))["file"]["leads"]
    twice = {heading: uses for heading, uses in _fields(draft, "account", "lead", "deal").items() if len(uses) > 1}
    assert set(twice) == {"id", "company", "created", "stage"}
    assert {field for _, field in twice["stage"]} == {"stage", "status"}


@pytest.mark.parametrize(
    ("heading", "texts"),
    [
        ("domain", ("Finance", "Sales")),  # a line of business
        ("country", ("", "")),  # the company is not named: whose country?
        ("amount", ("many", "few")),
        ("name", ("Ann", "Bob")),  # a person's, not the company's
        ("stage", ("new", "contacted")),  # a stage of leads: nobody has won
        ("url", ("ours.example/a", "ours.example/b")),  # the page that brought the lead
    ],
)
def test_what_may_mean_something_else_is_left_out(write, heading, texts):
    lines = "".join(f"{n},2025-01-0{n},{text}\n" for n, text in enumerate(texts, 1))
    text = suggest_mapping(write("leads.csv", f"lead id,created,{heading}\n{lines}"))
    assert list(tomllib.loads(text)["file"]["leads"]) == ["match", "lead"]
    assert f"#   {heading}: " in text


def test_leads_without_a_won_deal_make_no_deals(write):
    text = "lead id,created,amount,stage\n1,2025-01-03,5,new\n2,2025-01-04,,contacted\n"
    assert "deal" not in tomllib.loads(suggest_mapping(write("leads.csv", text)))["file"]["leads"]


@pytest.mark.database
def test_one_flat_file_feeds_leads_companies_and_deals(write, run, ask):
    path = write("leads.csv", FLAT)
    assert run(path, mapping=suggest_mapping(path)).outcome == "imported"
    assert ask("SELECT account_id, domain, country FROM eql.account ORDER BY 1") == [
        ("Alpha", "alpha.example", "DE"),
        ("Beta", "beta.example", "FR"),
        ("Gamma", "gamma.example", "ES"),
    ]
    assert ask("SELECT lead_id, account_id, status, amount FROM eql.deal ORDER BY 1") == [
        ("1", "Alpha", "won", 100),
        ("3", "Gamma", "open", 300),
    ]
    assert ask("SELECT count(*) FROM eql.lead")[0][0] == 3
