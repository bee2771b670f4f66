"""Do the rooms of the house keep their doors: who may import whom, and what may stand where?"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from dashboard.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("dashboard", "data_access", "pages", "benchmarks")
LONGEST_FILE = 400
LONGEST_PAGE = 90

SCREEN = {"streamlit", "plotly"}
STORE = {"sqlalchemy", "psycopg", "alembic", "data_access"}

# What each room must not import; a longer path is the narrower room.
FORBIDDEN = {
    "dashboard/metrics": SCREEN | STORE | {"dashboard.frames", "dashboard.answers", "dashboard.charts", "pages"},
    "dashboard/scoring": SCREEN | STORE | {"dashboard.frames", "dashboard.answers", "dashboard.charts", "pages"},
    "dashboard/charts": STORE | {"streamlit", "dashboard.frames", "dashboard.answers", "dashboard.filters", "pages"},
    "dashboard/reports": SCREEN | {"dashboard.frames", "dashboard.answers", "dashboard.filters", "pages"},
    "dashboard/commands": SCREEN | {"dashboard.frames", "dashboard.answers", "pages"},
    "data_access": SCREEN
    | {"dashboard.frames", "dashboard.answers", "dashboard.filters", "dashboard.charts", "dashboard.commands", "pages"},
    "pages": STORE | {"plotly"},
}
CLOCKLESS = ("dashboard/metrics", "dashboard/scoring")
CLOCKS = {("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow"), ("date", "today")} | {
    ("time", name) for name in ("time", "time_ns", "monotonic", "perf_counter")
}
CACHING = Path("dashboard/answers.py")
CONNECTING = Path("data_access/engine.py")
COMPUTING = {"group_by", "sum", "mean", "median", "std", "var", "quantile", "cumsum", "cum_sum", "rolling_mean"}
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "lib", "stuff", "tools"}


def files(*rooms: str) -> list[Path]:
    """Our Python files below the rooms, relative to the root."""
    found = [path.relative_to(ROOT) for room in rooms for path in (ROOT / room).rglob("*.py")]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, wherever in it, as an absolute dotted name."""
    package = path.with_suffix("").parts[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1]] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


def within(module: str, forbidden: str) -> bool:
    return module == forbidden or module.startswith(forbidden + ".")


def calls(path: Path) -> Iterator[tuple[str, str, int]]:
    """Calls of the form `owner.name(…)`: the owner's last name, the name, the line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            last = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            yield last, node.func.attr, node.lineno


def test_the_reader_of_imports_sees_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.py").write_text(
        "import x.y as z\nfrom ..d import e\nfrom . import f\ndef g():\n    from h import i\n"
    )
    assert {"x.y", "a.d", "a.d.e", "a.b.f", "h.i"} <= set(imports(Path("a/b/c.py")))


@pytest.mark.parametrize("room", FORBIDDEN)
def test_imports_keep_their_direction(room: str) -> None:
    wrong = [
        f"{path} imports {module}"
        for path in files(room)
        for module in imports(path)
        if any(within(module, forbidden) for forbidden in FORBIDDEN[room])
    ]
    assert wrong == []


@pytest.mark.parametrize("room", CLOCKLESS)
def test_what_computes_has_no_clock(room: str) -> None:
    wrong = [
        f"{path}:{line} asks the clock" for path in files(room) for *call, line in calls(path) if tuple(call) in CLOCKS
    ]
    wrong += [f"{path} imports time" for path in files(room) for module in imports(path) if within(module, "time")]
    assert wrong == []


def test_charts_draw_and_do_not_compute() -> None:
    wrong = [
        f"{path}:{line} calls {name}"
        for path in files("dashboard/charts")
        for _, name, line in calls(path)
        if name in COMPUTING
    ]
    assert wrong == []


def test_only_answers_cache() -> None:
    wrong = [
        f"{path}:{node.lineno} uses {node.attr}"
        for path in files(*ROOMS)
        if path != CACHING
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"cache_data", "cache_resource", "cache"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"st", "streamlit"}
    ]
    assert wrong == []


def test_engines_are_made_in_one_place_and_never_at_import() -> None:
    makers = {path for path in files(*ROOMS) if "create_engine" in (ROOT / path).read_text(encoding="utf-8")}
    assert makers == {CONNECTING}
    for statement in tree(CONNECTING).body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.ImportFrom):
            assert "create_engine" not in ast.unparse(statement)


def test_nothing_runs_foreign_markup() -> None:
    wrong = [
        f"{path}:{node.value.lineno}"
        for path in files(*ROOMS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and node.arg in {"unsafe_allow_html", "unsafe_allow_javascript"}
    ]
    assert wrong == []


def test_no_file_hides_a_module_of_the_standard_library() -> None:
    own = [path for path in files(*ROOMS) if path.stem not in {"__init__", "__main__"}]
    assert [str(path) for path in own if path.stem in sys.stdlib_module_names] == []


def test_every_file_is_named_after_something() -> None:
    names = [(path, set(path.with_suffix("").parts)) for path in files(*ROOMS, "tests")]
    assert [str(path) for path, parts in names if parts & VAGUE] == []


def test_every_module_opens_with_one_line_that_says_what_it_is_for() -> None:
    silent = []
    for path in files(*ROOMS, "tests"):
        parsed = tree(path)
        if parsed.body and not (ast.get_docstring(parsed) or "").strip():
            silent.append(str(path))
    assert silent == []


def test_files_stay_short() -> None:
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in files(*ROOMS, "tests")}
    assert {str(path): lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}
    assert {
        str(path): lines for path, lines in lengths.items() if path.parts[0] == "pages" and lines > LONGEST_PAGE
    } == {}


def test_there_is_exactly_one_newest_schema() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "data_access" / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def environment_name(field: str) -> str:
    return "DATABASE_URL" if field == "database_url" else f"EQL_{field.upper()}"


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(field: str) -> None:
    documented = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = [line for line in documented.splitlines() if line.startswith(f"| `{environment_name(field)}` |")]
    assert len(rows) == 1, f"docs/configuration.md needs one row for {environment_name(field)}"
    default = Settings.model_fields[field].default
    assert default is None or f"`{default}`" in rows[0]
    assert Settings.model_fields[field].description, "and the setting itself says what it means"


def test_no_setting_is_documented_that_does_not_exist() -> None:
    documented = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bEQL_[A-Z_]+\b", documented))
    assert named - {environment_name(field) for field in Settings.model_fields} <= {"EQL_DEBUG"}


def test_every_requirement_is_pinned() -> None:
    loose = [
        line
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith(("#", "-r")) and "==" not in line
    ]
    assert loose == []
