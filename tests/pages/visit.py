"""How does a test open a page of the app and read what it says? In the app itself, without a browser."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
PATIENCE = 120  # seconds, on a loaded machine


def opened(page: str, period: str | None = None, **link: str) -> AppTest:
    """A page by its file's name, after the app's first page; `link`: what stands in its link besides the period.

    Filters are read on the first page already; what belongs to the page alone is put in once more.
    """
    app = AppTest.from_file(str(APP), default_timeout=PATIENCE)
    wanted = ({"period": period} if period else {}) | link
    for name, value in wanted.items():
        app.query_params[name] = value
    app.run()
    for name, value in wanted.items():
        app.query_params[name] = value
    return app.switch_page(f"../pages/{page}.py").run()


def unharmed(app: AppTest) -> AppTest:
    """The page; fails where anything went wrong on it."""
    assert not app.exception and not app.error, [trouble.value for trouble in (*app.exception, *app.error)]
    return app


def grouped(app: AppTest) -> AppTest:
    """The page; fails where a table writes whole numbers without grouping their thousands, as 3059."""
    for table in app.dataframe:
        own = table.proto
        settings = json.loads(own.columns or "{}")
        frame = pl.read_ipc_stream(io.BytesIO(own.arrow_data.data))
        for name, kind in frame.schema.items():
            if kind.is_integer() and not settings.get(name, {}).get("hidden"):
                written = settings.get(name, {}).get("type_config", {}).get("format")
                assert written, f"{name} of {own.alt!r}: {frame[name].to_list()[:3]}"
    return app


def first_line(app: AppTest) -> str:
    """The answer."""
    return plainly(unharmed(app).subheader[0].value)


def said(app: AppTest) -> str:
    """Everything that is written on the page but its tables and cards."""
    parts = (*app.subheader, *app.markdown, *app.caption, *app.info, *app.warning, *app.success)
    return "\n".join(plainly(part.value) for part in parts)


def plainly(text: object) -> str:
    """A text as it is read: ordinary spaces, and dollars as they show."""
    return str(text).replace("\u202f", " ").replace("\\$", "$")
