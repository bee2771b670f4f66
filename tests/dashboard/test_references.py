"""Do the references that are drawn follow the settings?"""

from __future__ import annotations

import pytest

from dashboard import references
from dashboard import settings as settings_module
from dashboard.domain import UserError
from dashboard.settings import Reference, Settings, settings


@pytest.fixture(autouse=True)
def _fresh() -> None:
    settings_module.settings.cache_clear()


def test_references_are_those_of_the_brief_until_somebody_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert references.PARTNER["eql_to_won"] == (0.18, 0.25)
    assert references.of_channel("Paid_search", "mql_to_sql") == (0.18, 0.18)
    assert references.of_channel("email", "mql_to_sql") is None
    assert references.of_channel("organic", "mql_to_sql") is None
    assert len(references.SPEED) == 3
    monkeypatch.setenv("EQL_REFERENCE_EQL_TO_WON", "0.1..0.2")
    settings_module.settings.cache_clear()
    assert dict(references.PARTNER) == {"eql_to_won": (0.1, 0.2), "eql_to_sql": (0.3, 0.3)}
    settings_module.settings.cache_clear()


@pytest.mark.parametrize("text", ["", "a", "0.3..0.2", "1..2..3", "nan", "inf", "0.1.."])
def test_a_wrong_reference_is_said_in_one_sentence(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQL_REFERENCE_COST_PER_EQL", text)
    with pytest.raises(UserError, match="reference_cost_per_eql is wrong"):
        settings()


def test_a_reference_is_written_as_it_is_read() -> None:
    for written in ("0.18..0.25", "-0.15..-0.12", "800"):
        assert str(Settings(reference_cac_change=written).reference_cac_change) == written
    assert Settings().reference_cost_per_eql == Reference(220, 350)
