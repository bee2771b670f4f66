"""Does docs/importing.md tell the truth: its example, its keys, its codes, its mappings?"""

import re
from pathlib import Path

import pytest

from data_access.importers import mapping_file
from data_access.importers.contract import TABLES

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")


def example(name):
    found = re.search(rf"<!-- example \w+: {re.escape(name)} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found, name
    return found[1]


@pytest.mark.database
def test_the_worked_example_imports_as_printed(run, ask, write):
    file, mapping = write("pipeline.csv", example("pipeline.csv")), example("pipeline.toml")
    dry = run(file, mapping=mapping, dry_run=True)
    assert "4 rows = 4 accepted + 0 quarantined" in PAGE
    assert (dry.files[0].accepted, dry.total("partner").inserted) == (4, 2)
    run(file, mapping=mapping)
    deals = ask(
        "SELECT d.deal_id, l.partner_id, l.channel, d.status, d.amount, d.currency, d.closed_at::text"
        " FROM eql.deal d JOIN eql.lead l USING (lead_id) ORDER BY 1"
    )
    assert deals == [
        ("A-1", "acme-agentur", "partner", "won", 12500, "EUR", "2025-03-28 11:00:00+00"),
        ("A-2", None, "event", "lost", 8000, "EUR", "2025-04-15 10:00:00+00"),
        ("A-3", "acme-agentur", "partner", "open", 3250.50, "EUR", None),
        ("A-4", "nordlicht", "partner", "open", None, "EUR", None),
    ]


def test_every_key_is_explained():
    keys = {*mapping_file._TOP, *mapping_file._FILE, *mapping_file._SECTION, *mapping_file._FIELD, *TABLES}
    assert {key for key in keys if f"`{key}`" not in PAGE and f"[{key}." not in PAGE} == set()


def test_every_code_of_quarantine_is_explained():
    codes = set()
    for path in (ROOT / "data_access" / "importers").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        codes |= set(re.findall(r'(?:Trouble\([^"]*|Problem\([^"]*|_refused\([^"]*)"([a-z_]+)"', text))
    assert len(codes) > 10
    fields = {name for table in TABLES.values() for name in table.fields}
    assert {code for code in codes - fields if f"`{code}`" not in PAGE} == set()


def test_every_shipped_mapping_is_listed():
    for mapping in mapping_file.shipped_mappings():
        assert f"`{mapping.name}`" in PAGE


def test_every_snippet_of_toml_is_valid():
    for snippet in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL):
        if "[file.pipeline]" not in snippet:
            text = snippet if "[file." in snippet else f"[file.x.lead]\nlead_id = 'a'\ncreated_at = 'b'\n{snippet}"
            mapping_file.parse_mapping(text.replace("[file.deals.deal]", "[file.deals.deal]\ndeal_id = 'd'"), "snippet")
