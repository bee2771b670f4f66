"""Does the document say what the tooltips say?"""

from __future__ import annotations

from pathlib import Path

from dashboard import glossary
from dashboard.views import cards
from dashboard.views.cards import Pair
from tests.dashboard.summaries import summary

ROOT = Path(__file__).resolve().parents[2]


def test_the_document_is_the_one_that_the_module_writes() -> None:
    assert (ROOT / "docs" / "glossary.md").read_text("utf-8") == glossary.document(), "run python -m dashboard.glossary"


def test_every_card_and_mark_is_explained() -> None:
    quiet = summary(won_of_eqls=(1, 2), mature=False, too_few_eqls=True, pipeline_multiple=1.0)
    for card in cards.overview(Pair(quiet, None, None), "USD", {}):
        assert glossary.term(card.term).help
        assert not card.mark or glossary.term(card.mark_term).help


def test_no_key_is_taken_twice() -> None:
    parts = [value for name, value in vars(glossary).items() if name.endswith("_TERMS") and name != "_TERMS"]
    keys = [key for part in parts for key in part]
    assert len(parts) >= 8
    assert len(keys) == len(set(keys))
