"""Which settings does the product have? One typed object, read from the environment and from `.env`."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dashboard.domain import UserError


class Overhead(StrEnum):
    """How costs that belong to no partner are spread over the partners."""

    BY_EQLS = "by_eqls"
    EQUALLY = "equally"
    NONE = "none"


class Reference(NamedTuple):
    """A figure from outside, of unknown quality: a range, or one number twice."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g}..{self.high:g}"


def _reference(text: object) -> object:
    """Reads `0.18..0.25` or `0.3`."""
    if not isinstance(text, str):
        return text
    parts = text.split("..")
    try:
        low, high = (float(parts[0]), float(parts[-1]))
    except ValueError:
        raise ValueError(f"{text!r} is no number and no range: write 0.3, or 0.18..0.25") from None
    if len(parts) > 2 or not isfinite(low) or not isfinite(high) or low > high:
        raise ValueError(f"{text!r} is no range: write the lower number first, as in 0.18..0.25")
    return Reference(low, high)


# Not read as JSON, as other settings of several numbers would be.
Range = Annotated[Reference, NoDecode, BeforeValidator(_reference)]


class Settings(BaseSettings):
    """Every setting, with its default and its meaning; docs/configuration.md lists the same."""

    model_config = SettingsConfigDict(
        env_prefix="EQL_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="A Postgres ≥ 15 to use instead of the embedded one; its user owns and migrates schema eql.",
    )
    app_database_url: SecretStr | None = Field(
        None,
        description="The same database for a second user with fewer rights; without it the role eql_app is taken.",
    )
    home: Path | None = Field(None, description="Folder of the embedded Postgres; default: the user's data folder.")
    port: int = Field(8501, ge=1, le=65535, description="Port at which the dashboard listens.")
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="Reporting currency, ISO 4217.")
    time_zone: str = Field("UTC", description="Reporting time zone, by its IANA name.")
    fiscal_year_start: int = Field(1, ge=1, le=12, description="Month in which the fiscal year begins.")
    overhead: Overhead = Field(
        Overhead.BY_EQLS, description="How overhead is spread over partners: by_eqls, equally or none."
    )
    representatives: int = Field(10, ge=1, le=100_000, description="Sales representatives who work leads.")
    leads_per_week: float = Field(20, gt=0, le=10_000, description="Leads that one representative can work in a week.")
    cost_per_worked_lead: float = Field(
        50, ge=0, le=1e9, description="What working one lead costs sales, in the reporting currency."
    )
    reference_eql_to_won: Range = Field(Reference(0.18, 0.25), description="EQL → won.")
    reference_eql_to_sql: Range = Field(Reference(0.30, 0.30), description="EQL → SQL.")
    reference_speed: Range = Field(Reference(0.60, 0.70), description="Days to close, EQL ÷ other: 30–40 % faster.")
    reference_speed_second: Range = Field(Reference(0.50, 0.70), description="The same, elsewhere: 30–50 % faster.")
    reference_speed_third: Range = Field(Reference(0.33, 0.33), description="And again: three times as fast.")
    reference_cost_per_eql: Range = Field(Reference(220, 350), description="Programme cost per EQL.")
    reference_cost_per_sql: Range = Field(Reference(800, 800), description="Programme cost per SQL, at most.")
    reference_cac_change: Range = Field(Reference(-0.15, -0.12), description="Change of CAC in two quarters.")
    reference_pipeline_growth: Range = Field(
        Reference(1.8, 2.3), description="Pipeline of a year ÷ of the year before."
    )
    reference_paid_social_cost_per_eql: Range = Field(Reference(450, 450), description="Paid social, at least.")
    reference_paid_search_cost_per_eql: Range = Field(Reference(600, 600), description="Paid search, at least.")
    reference_organic_mql_to_won: Range = Field(Reference(0.02, 0.05), description="Organic, MQL → won.")
    reference_paid_mql_to_sql: Range = Field(Reference(0.18, 0.18), description="Paid, MQL → SQL.")

    def money_reference(self, name: str) -> Reference | None:
        """The reference of that field; None where it is in dollars, the currency is not, and nobody set it."""
        if self.currency != "USD" and name not in self.model_fields_set:
            return None
        own: Reference = getattr(self, name)
        return own

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone of the IANA list") from error
        return value


@cache
def settings() -> Settings:
    """The settings of this process; raises UserError with one sentence where one is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UserError(f"The setting {name} is wrong: {first['msg']}.") from None
