"""What do the data know at all? A number that was never imported is left out, never shown as 0."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard import wording


@dataclass(frozen=True, slots=True)
class Known:
    """What occurs in the data, whatever is selected: stages ever, the rest in the 13 months up to the period's end.

    `partners`: some lead carries a partner. `lead_wins`: some lead has a won deal. `open_deals`: some deal is open.
    `dated_deals`: some deal has a date up to the period's end.
    """

    partners: bool = True
    eqls: bool = True
    sqls: bool = True
    lead_wins: bool = True
    won: bool = True
    lost: bool = True
    open_deals: bool = True
    arr: bool = True
    pipeline: bool = True
    costs: bool = True
    sessions: bool = True
    dated_deals: bool = True


EVERYTHING = Known()


def not_given(known: Known) -> str:
    """Which numbers of the page are left out and why, in one line; empty where all can be given."""
    lacking = [
        what
        for there, what in (
            (known.eqls, "no EQL dates"),
            (known.arr, "no ARR"),
            (known.pipeline, "no amounts of deals"),
            (known.costs, "no costs"),
            (known.lead_wins, "no won deal that belongs to a lead"),
        )
        if not there
    ]
    if not lacking:
        return ""
    return f"The data of these 13 months hold {wording.enumeration(lacking)}; numbers that need them are left out."


def no_partner(partners_exist: bool) -> str:
    """Why the page speaks of all leads and deals, and what to do to hear of partners."""
    if partners_exist:
        return (
            "No lead of the 13 months up to here carries a partner: these are all leads and deals, whatever brought "
            "them. Choose another period, or name partners in the mapping of your files (docs/importing.md)."
        )
    return (
        "No lead carries a partner yet: these are all leads and deals, whatever brought them. Name partners in the "
        "mapping of your files, or in the table partner_alias (docs/importing.md)."
    )
