"""Which settings does the product have? One typed object, read from the environment and from `.env`."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dashboard.domain import UserError


class Overhead(StrEnum):
    """How costs that belong to no partner are spread over the partners."""

    BY_EQLS = "by_eqls"
    EQUALLY = "equally"
    NONE = "none"


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
