"""Which column of an unknown file means which field?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from data_access.importers.contract import TABLES, Field, Kind
from data_access.importers.date_forms import GOOD_SHARE, Column
from data_access.importers.reading import OpenTable
from data_access.importers.synonyms import STATUS_WORDS, SYNONYMS, TABLE_WORDS

Chosen = Mapping[str, Column]

_ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
#: A site or an address: letters around a dot, no spaces. `Sales` is no domain, whatever its heading says.
_SITE = r"^(?:https?://)?[^\s/]*[\w-]\.[^\W\d]{2,}(?:[/:?#]\S*)?$"
_LEAD_OF_DEAL = (
    *("partner_id", "channel", "utm_source", "utm_medium", "utm_campaign", "product_line", "region", "email_domain"),
)
_ACCOUNT = ("name", "domain", "industry", "employees", "country", "region", "tech_stack", "use_case")
_DEAL_OF_LEAD = (
    *("stage", "status", "amount", "arr", "currency", "opened_at", "closed_at", "expected_close_on", "lost_reason"),
)
#: Headings that mean something else beside a lead or a deal: its person's name, the page it came by.
_ANOTHERS = frozenset({"name", "url", "web", "site", "sitioweb"})


@dataclass(frozen=True, slots=True)
class Meanings:
    """The table that a file is made for, its fields, and those of other tables that the same rows tell about.

    `account_key` is the column that tells accounts apart where rows tell more about them than that.
    """

    target: str
    chosen: Chosen
    lead: Chosen = field(default_factory=dict)
    deal: Chosen = field(default_factory=dict)
    account: Chosen = field(default_factory=dict)
    account_key: Column | None = None

    @property
    def headings(self) -> list[str]:
        """Every heading that means something, once."""
        parts = (self.chosen, self.lead, self.deal, self.account)
        return list(dict.fromkeys(column.heading for part in parts for column in part.values()))

    @property
    def complete(self) -> bool:
        """Whether every field that is needed has a column."""
        needed = (name for name, spec in TABLES[self.target].fields.items() if spec.required and spec.default is None)
        return all(name in self.chosen for name in needed)


def meanings_of(table: OpenTable, columns: Sequence[Column]) -> Meanings:
    """What the columns of a file mean; a column that may mean two things, or nothing known, means nothing."""
    target = _table_of(table, columns)
    chosen = {**_paired(columns, target, TABLES[target].fields)}
    chosen.update(_fallbacks(columns, target, chosen))
    if target not in ("lead", "deal"):
        return Meanings(target, chosen)
    lead, deal = _lead_of_deal(columns, target, chosen), _deal_of_lead(columns, target, chosen)
    if "stage" in chosen:
        chosen.setdefault("status", chosen["stage"])
    free = _free(columns, chosen, lead, deal)
    account = _paired([c for c in free if run_together(c.heading) not in _ANOTHERS], "account", _ACCOUNT)
    key = chosen.get("account_id") or account.get("domain")
    if not account or key is None:
        return Meanings(target, chosen, lead, deal)
    return Meanings(target, {**chosen, "account_id": key}, lead, deal, account, key)


def words_of(heading: str) -> str:
    """A heading in lower case, its words apart: `Lead_ID` and `leadId` become `lead id`."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", heading)
    return " ".join(re.findall(r"[^\W_]+", spaced.lower()))


def run_together(heading: str) -> str:
    """A heading in lower case without anything between its words."""
    return "".join(re.findall(r"[^\W_]+", heading.lower()))


def status_of(word: str, choices: Sequence[str]) -> str | None:
    """Which of the words of a closed list a text of the file means; None where it does not say."""
    meaning = next((m for m, known in STATUS_WORDS.items() if m in choices and words_of(word) in known), None)
    return word.lower() if meaning is None and word.lower() in choices else meaning


def _table_of(table: OpenTable, columns: Sequence[Column]) -> str:
    """The table that most columns seem made for; the file's name counts too."""
    scores = {}
    for name, words in TABLE_WORDS.items():
        hits = sum(bool(_field_score(name, field, column)) for field in TABLES[name].fields for column in columns)
        named = any(word in words_of(table.path.stem) for word in words)
        signs = sum(any(word in f" {words_of(column.heading)} " for word in words) for column in columns)
        scores[name] = hits + 2 * signs + (4 if named else 0)
    return max(scores, key=lambda name: scores[name])


def _known_as(table: str, field: str) -> list[str]:
    listed = [*SYNONYMS.get(f"{table}.{field}", ()), *SYNONYMS.get(field, ()), field]
    return [run_together(word) for word in listed]


def _field_score(table: str, field: str, column: Column) -> int:
    """How well a column suits a field: by its name in several languages, and by what it holds."""
    heading, listed = run_together(column.heading), _known_as(table, field)
    if heading not in listed:
        return 0
    if column.filled and not _suits(TABLES[table].fields[field], column):
        return 0
    return 100 - listed.index(heading) + (10 if column.filled else 0)


def _suits(spec: Field, column: Column) -> bool:
    if spec.kind in (Kind.DATE, Kind.MOMENT):
        return bool(column.dates)
    if spec.kind in (Kind.MONEY, Kind.REAL, Kind.INTEGER):
        return column.decimal is not None
    if spec.kind is Kind.DOMAIN:
        return _share(column, f"{_ADDRESS}|{_SITE}") >= GOOD_SHARE
    return True


def _share(column: Column, form: str) -> float:
    texts = column.texts.drop_nulls().str.strip_chars()
    return int(texts.str.contains(form).sum()) / max(len(texts), 1)


def _paired(columns: Sequence[Column], table: str, fields: Sequence[str] | Mapping[str, Field]) -> dict[str, Column]:
    """The best pairs of field and column; a column feeds one field."""
    pairs = sorted(
        (
            (_field_score(table, field, column), -number, field, column)
            for number, column in enumerate(columns)
            for field in fields
        ),
        key=lambda pair: (-pair[0], -pair[1]),
    )
    found: dict[str, Column] = {}
    used: set[str] = set()
    for score, _, name, column in pairs:
        if score and name not in found and column.heading not in used:
            found[name] = column
            used.add(column.heading)
    return found


def _free(columns: Sequence[Column], *used: Chosen) -> list[Column]:
    taken = {column.heading for chosen in used for column in chosen.values()}
    return [column for column in columns if column.heading not in taken]


def _fallbacks(columns: Sequence[Column], table: str, chosen: Chosen) -> Iterator[tuple[str, Column]]:
    """Needed fields that no name gave away: a column of different ids, the first column of dates."""
    free = [column for column in _free(columns, chosen) if column.filled]
    key = TABLES[table].own_id
    if key is not None and key not in chosen:
        ids = [column for column in free if column.unique and not column.dates and not _means_something(column)]
        if ids:
            yield key, ids[0]
            free.remove(ids[0])
    if table == "lead" and "created_at" not in chosen:
        dated = [column for column in free if column.dates and column.filled > GOOD_SHARE]
        if dated:
            yield "created_at", dated[0]
    if table == "lead" and "email_domain" not in chosen:
        addresses = [column for column in free if _share(column, _ADDRESS) == 1]
        if addresses:
            yield "email_domain", addresses[0]


def _means_something(column: Column) -> bool:
    """Whether the heading names a field other than a row's own id: a few different countries are no ids."""
    heading = run_together(column.heading)
    others = ((table.name, name) for table in TABLES.values() for name in table.fields if name != table.own_id)
    return any(heading in _known_as(*other) for other in others)


def _lead_of_deal(columns: Sequence[Column], target: str, chosen: Chosen) -> dict[str, Column]:
    """Columns of a deal file that say where the deal came from; they belong to a lead."""
    if target != "deal" or "lead_id" in chosen:
        return {}
    return _paired(_free(columns, chosen), "lead", _LEAD_OF_DEAL)


def _deal_of_lead(columns: Sequence[Column], target: str, chosen: Chosen) -> dict[str, Column]:
    """Columns of a lead file that tell of its deal: an amount, and a stage in which some are won."""
    if target != "lead":
        return {}
    found = _paired(_free(columns, chosen), "deal", _DEAL_OF_LEAD)
    if "stage" in found:
        found.setdefault("status", found["stage"])
    if "status" not in found or not {"amount", "arr"} & set(found):
        return {}
    texts = found["status"].texts.drop_nulls().unique()
    return found if any(status_of(text, ("won",)) for text in texts) else {}
