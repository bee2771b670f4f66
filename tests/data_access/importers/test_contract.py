"""Does the importer's picture of the contract agree with the database?"""

import pytest

from data_access.importers.contract import TABLES, Kind

TYPES = {
    "text": {Kind.TEXT, Kind.ID, Kind.ALIAS, Kind.CURRENCY, Kind.DOMAIN},
    "ARRAY": {Kind.LIST},
    "numeric": {Kind.MONEY, Kind.REAL},
    "double precision": {Kind.REAL},
    "integer": {Kind.INTEGER},
    "boolean": {Kind.BOOLEAN},
    "date": {Kind.DATE},
    "timestamp with time zone": {Kind.MOMENT},
}


@pytest.mark.database
def test_every_column_of_the_contract_can_be_fed_and_has_its_type(ask):
    found = ask(
        "SELECT table_name, column_name, data_type, is_nullable = 'NO' FROM information_schema.columns"
        " WHERE table_schema = 'eql' AND column_name NOT IN ('source', 'batch_id')"
    )
    columns = {(t, c): (kind, required) for t, c, kind, required in found if t in TABLES}
    described = {(t.name, name): spec for t in TABLES.values() for name, spec in t.fields.items()}
    assert set(columns) == set(described)
    for place, (kind, required) in columns.items():
        assert described[place].kind in TYPES[kind], place
        assert described[place].required == required, place


@pytest.mark.database
def test_references_are_those_of_the_database(ask):
    found = ask(
        "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND c.connamespace = 'eql'::regnamespace"
    )
    keys = {(t.removeprefix("eql."), c, r.removeprefix("eql.")) for t, c, r in found}
    described = {
        (table.name, name, spec.refers)
        for table in TABLES.values()
        for name, spec in table.fields.items()
        if spec.refers
    }
    assert {key for key in keys if key[0] in TABLES} == described
