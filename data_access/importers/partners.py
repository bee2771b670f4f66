"""Which partner does this text mean? CRMs hold partners as free text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

#: Tried for a column of which the mapping does not say what it holds.
PLAIN_KINDS = ("id", "partner_key", "name")
#: Unknown texts of these kinds make a new partner unless the mapping says otherwise.
NAMING_KINDS = (None, "name", "partner_key")


@dataclass(frozen=True, slots=True)
class NewPartner:
    """A partner made from a text that nobody knew."""

    partner_id: str
    name: str
    alias_kind: str
    alias: str


@dataclass(slots=True)
class Recogniser:
    """Every partner known so far, by alias; grows while files are read."""

    source: str
    known: dict[tuple[str, str], str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    created: dict[str, NewPartner] = field(default_factory=dict)
    aliases: dict[tuple[str, str], str] = field(default_factory=dict)
    clashes: list[str] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, source: str, partners: Iterable[tuple[str, str, str]], aliases: Iterable[tuple[str, str, str]]
    ) -> Recogniser:
        """From rows (partner_id, name, source) and (alias_kind, alias, partner_id) of the database."""
        found = cls(source)
        for partner_id, name, origin in partners:
            found.sources[partner_id] = origin
            found.known.setdefault(("name", alias_of(name)), partner_id)
        for kind, alias, partner_id in aliases:
            found.known[(kind, alias)] = partner_id
        return found

    def partner(self, text: str, kind: str | None) -> str | None:
        """The partner that a text means when met as this kind of alias."""
        for tried in PLAIN_KINDS if kind is None else (kind,):
            if tried == "id":
                if (own := self.own.get(text, text)) in self.sources:
                    return own
            elif (found := self.known.get((tried, alias_of(text)))) is not None:
                return found
        return None

    def recognise(self, texts: pl.Series, kind: str | None) -> pl.Series:
        """The partner of each text, null where it is blank or unknown."""
        return mapped(texts, lambda text: self.partner(text, kind))

    def create(self, text: str, kind: str | None) -> str:
        """A new partner named by a text; its id is made of its name."""
        alias_kind = "name" if kind is None else kind
        partner_id = self._free_id(slug(text))
        self.created[partner_id] = NewPartner(partner_id, text, alias_kind, alias_of(text))
        self.sources[partner_id] = self.source
        self.known[(alias_kind, alias_of(text))] = partner_id
        self.known.setdefault(("name", alias_of(text)), partner_id)
        return partner_id

    def own_id(self, given: str, name: str | None) -> str:
        """The id under which a partner row of this source is kept: that of the partner already known by its key or
        (from another source) its name, else its own, prefixed where another source's partner holds it."""
        if given in self.own:
            return self.own[given]
        found = self._same_partner(given, name)
        self.own[given] = found
        self.sources.setdefault(found, self.source)
        self.learn("partner_key", given, found)
        if name:
            self.learn("name", name, found)
        return found

    def _same_partner(self, given: str, name: str | None) -> str:
        by_name = self.known.get(("name", alias_of(name))) if name else None
        prefixed = f"{self.source}:{given}"
        if prefixed in self.sources or self.sources.get(given) == self.source:
            return prefixed if prefixed in self.sources else given
        by_key = self.known.get(("partner_key", alias_of(given)))
        if by_name is not None and (self.sources.get(by_name) != self.source or by_name in self.created):
            return by_name
        if by_key is not None and by_name is None and not name:
            return by_key
        return prefixed if given in self.sources else given

    def learn(self, kind: str, text: str, partner_id: str) -> None:
        """Remembers an alias, to be written at the end; one that means another partner already is a clash."""
        alias = alias_of(text)
        if not alias:
            return
        holder = self.known.setdefault((kind, alias), partner_id)
        if holder == partner_id:
            self.aliases[(kind, alias)] = partner_id
        else:
            self.clashes.append(f"{kind} {alias!r} means {holder}, not {partner_id}")

    def _free_id(self, wanted: str) -> str:
        candidate, number = wanted, 2
        while candidate in self.sources:
            candidate, number = f"{wanted}-{number}", number + 1
        return candidate


def alias_of(text: str) -> str:
    """A text as aliases are kept: trimmed, lower case."""
    return text.strip().lower().strip()


def slug(text: str) -> str:
    """An id made of a name: `Ünited Apps, Inc.` becomes `united-apps-inc`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80] or "partner"


def mapped(texts: pl.Series, find: object) -> pl.Series:
    """Each different text is looked up once, in the order of the file: a new partner is spelled as it first stands."""
    assert callable(find)
    different = texts.drop_nulls().unique(maintain_order=True)
    found = pl.Series([find(text) for text in different], dtype=pl.String)
    return texts.replace_strict(different, found, default=None, return_dtype=pl.String)
