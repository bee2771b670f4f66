"""How does a test open a page of the app and read what it says? In the app itself, without a browser."""

from __future__ import annotations

from pathlib import Path

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
