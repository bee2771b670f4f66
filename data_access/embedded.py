"""Where do the data live when nobody names a server? In a Postgres of our own that starts and stops with its users."""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
import psycopg

from dashboard.domain import UserError
from data_access.postgres_binaries import Account, Binaries, choose_account, find_binaries, readable_binaries
from data_access.server_state import any_free_port, is_free, locked, open_lock, postmaster, write_private
from data_access.server_tuning import tuning

OWNER = "eql_owner"
APP = "eql_app"
DATABASE = "eql"
ROOT_HOME = Path("/var/lib/partner-dashboard")
PATIENCE_S = 180  # recovery after a crash under full write load takes a while
LARGEST_LOG = 10_000_000
INCLUDE = "include = '../settings.conf'\n"


def default_home() -> Path:
    """The per-user data folder; for root a folder that an unprivileged user can reach."""
    return ROOT_HOME if os.geteuid() == 0 else platformdirs.user_data_path("partner-dashboard", appauthor=False)


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach the running server; the passwords never appear in a representation."""

    port: int
    owner_password: str = field(repr=False)
    app_password: str = field(repr=False)


class EmbeddedServer:
    """One user's hold on the server in `home`: it runs while anybody holds it, and the last one to leave stops it.

    Layout of `home`: `start.lock` (exclusive while somebody starts or stops), `users.lock` (shared by every user for
    its life; the kernel drops it even after SIGKILL), `access.json` (passwords, mode 600), `port`, `server/` (owned by
    the user that Postgres runs as: `data/`, `settings.conf`, `server.log`).
    """

    def __init__(self, home: Path | None = None, extra: Mapping[str, str] | None = None) -> None:
        self.home = (home or default_home()).expanduser().absolute()
        self._server = self.home / "server"
        self._data = self._server / "data"
        self._tuning = {**tuning(), **(extra or {})}
        self._hold: int | None = None
        self._holder = 0

    def acquire(self) -> Access:
        """Starts the server or joins the running one; UserError with a remedy where that cannot be."""
        try:
            self._make_home()
            with locked(self.home / "start.lock", PATIENCE_S + 20):
                self._hold, self._holder = open_lock(self.home / "users.lock"), os.getpid()
                fcntl.flock(self._hold, fcntl.LOCK_SH)
                try:
                    access = self._running_or_started()
                except BaseException:  # Ctrl-C while it starts must not leave it behind
                    self._leave()
                    raise
        except OSError as error:  # closed, full, read-only, in a place where no folder can be
            raise UserError(
                f"{error.filename or self.home} cannot be used ({error.strerror}): set EQL_HOME to another folder."
            ) from error
        atexit.register(self.release)
        return access

    def release(self) -> None:
        """Lets go of the server and stops it where nobody else holds it; a second call does nothing."""
        if self._hold is None:
            return
        atexit.unregister(self.release)
        if self._holder != os.getpid():  # a forked child shares its parent's hold and must not end it
            return
        with locked(self.home / "start.lock", PATIENCE_S + 20):
            self._leave()

    def _leave(self) -> None:
        hold, self._hold = self._hold, None
        if hold is None:
            return
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._stop()
        except BlockingIOError:
            pass  # others still work with it
        finally:
            os.close(hold)

    def revive(self) -> bool:
        """Starts the server again after a crash, on its port; False where it runs or was stopped on purpose."""
        with locked(self.home / "start.lock", PATIENCE_S + 20):
            left = postmaster(self._data)
            if left is None or left.alive:
                return False
            self._start(self._access(left.port), fixed_port=True)
            return True

    # -- starting -----------------------------------------------------------------------------------------------

    def _running_or_started(self) -> Access:
        account = self._account()
        binaries = readable_binaries(find_binaries(), account, self.home)
        if not (self._data / "PG_VERSION").exists():
            self._initialise(account, binaries)
        self._check_major(binaries)
        return self._joined() or self._start(self._access(self._remembered_port()))

    def _joined(self) -> Access | None:
        left = postmaster(self._data)
        if left is None:
            return None
        access = self._access(left.port)
        return access if self._answers(access) else None

    def _make_home(self) -> None:
        fresh = not self.home.exists()
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise UserError(f"{self.home} is no folder: set EQL_HOME to one.") from error
        if fresh:
            self.home.chmod(0o755 if os.geteuid() == 0 else 0o700)

    def _account(self) -> Account:
        account = choose_account(self._server)
        if not self._server.exists():
            self._server.mkdir(mode=0o700)
        if account.uid is not None and self._server.stat().st_uid == 0:
            account.take(self._server)
        if not account.may_enter(self.home):
            self._open_home_to(account)
        return account

    def _open_home_to(self, account: Account) -> None:
        # Only our own folder is opened, only to this group, and only to pass through; never its parents.
        if account.may_enter(self.home.parent) and self.home.stat().st_uid == 0 and self._holds_only_ours():
            os.chown(self.home, -1, -1 if account.gid is None else account.gid)
            self.home.chmod(0o710)
        if not account.may_enter(self.home):
            raise UserError(
                f"Postgres runs as user {account.name}, who cannot reach {self.home}: "
                f"set EQL_HOME to a folder that user may enter, for instance {ROOT_HOME}."
            )

    def _holds_only_ours(self) -> bool:
        ours = {"start.lock", "users.lock", "access.json", "port", "server"}
        return all(entry.name in ours or entry.name.startswith("postgresql-") for entry in self.home.iterdir())

    def _check_major(self, binaries: Binaries) -> None:
        found = (self._data / "PG_VERSION").read_text().strip()
        if found != str(binaries.major):
            raise UserError(
                f"The data in {self._data} are of PostgreSQL {found}, this program brings {binaries.major}: "
                "set EQL_HOME to another folder, or carry them over with pg_upgrade or pg_dump; nothing was touched."
            )

    def _initialise(self, account: Account, binaries: Binaries) -> None:
        if self._data.exists() and any(self._data.iterdir()):
            raise UserError(f"{self._data} holds files but no database: move them away; nothing was touched.")
        for orphan in self._server.glob("new-*"):  # of a killed attempt: whoever holds the lock is alone here
            shutil.rmtree(orphan, ignore_errors=True)
        draft = self._server / f"new-{secrets.token_hex(4)}"
        draft.mkdir(mode=0o700)
        secret = draft / "password"
        access = self._access(self._remembered_port())
        write_private(secret, access.owner_password)
        account.take(draft)
        account.take(secret)
        self._run_initdb(account, binaries, draft / "data", secret)
        self._create_app_role(account, binaries, draft / "data", access)
        if self._data.exists():
            self._data.rmdir()
        (draft / "data").rename(self._data)
        shutil.rmtree(draft)

    def _run_initdb(self, account: Account, binaries: Binaries, data: Path, secret: Path) -> None:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if binaries.major >= 17 else []
        done = account.run(
            [
                *(binaries.folder / "initdb", "--pgdata", data, "--username", OWNER, "--pwfile", secret),
                *("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--locale=C", *locale),
            ],
            cwd=self._server,
        )
        if done.returncode != 0:
            raise UserError(f"The database in {self.home} could not be made: {_last_line(done.stderr)}")

    def _create_app_role(self, account: Account, binaries: Binaries, data: Path, access: Access) -> None:
        # Single-user mode: the cluster is complete before it gets its final name. The password is our own hex token.
        commands = f"CREATE ROLE {APP} LOGIN PASSWORD '{access.app_password}'\nCREATE DATABASE {DATABASE}\n"
        done = account.run(
            [binaries.folder / "postgres", "--single", "-D", data, "-c", "log_statement=none", "postgres"],
            cwd=self._server,
            text=commands,
        )
        if done.returncode != 0 or "ERROR" in done.stderr:
            raise UserError(f"The database in {self.home} could not be made: {_last_line(done.stderr)}")

    def _start(self, access: Access, *, fixed_port: bool = False) -> Access:
        account = self._account()
        binaries = readable_binaries(find_binaries(), account, self.home)
        self._clear_way()
        deadline = time.monotonic() + 20
        while True:
            self._configure(account, access)
            account.run(self._start_command(binaries), cwd=self._server)
            running = self._joined()  # perhaps one that a killed process had begun to start
            if running is not None:
                (self.home / "port").write_text(str(running.port))
                return running
            if time.monotonic() > deadline:
                raise UserError(f"The embedded Postgres does not start; the end of {self._server}/server.log says why.")
            # Children of a killed server need a moment to go; somebody may have taken the port in between.
            time.sleep(0.3)
            if not fixed_port and not is_free(access.port):
                access = self._access(any_free_port())

    def _clear_way(self) -> None:
        left = postmaster(self._data)
        if left is not None and left.stranger:
            (self._data / "postmaster.pid").unlink()
        log = self._server / "server.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))

    def _configure(self, account: Account, access: Access) -> None:
        # In a file, not on the command line: whoever starts it by hand gets the same port and the same closed doors.
        settings = {"port": str(access.port), **self._tuning}
        lines = [f"{name} = '{value}'" for name, value in settings.items()]
        write_private(self._server / "settings.conf", "\n".join(lines) + "\n")
        account.take(self._server / "settings.conf")
        main = self._data / "postgresql.conf"
        if INCLUDE not in main.read_text(encoding="utf-8"):
            with main.open("a", encoding="utf-8") as file:
                file.write(INCLUDE)

    def _start_command(self, binaries: Binaries) -> list[str | Path]:
        pg_ctl: list[str | Path] = [binaries.folder / "pg_ctl", "start", "--pgdata", self._data]
        return [*pg_ctl, "--wait", "--silent", "--timeout", str(PATIENCE_S), "--log", self._server / "server.log"]

    def _stop(self) -> None:
        left = postmaster(self._data)
        if left is None or not left.alive:
            return
        account = self._account()
        binaries = readable_binaries(find_binaries(), account, self.home)
        pg_ctl: list[str | Path] = [binaries.folder / "pg_ctl", "stop", "--pgdata", self._data]
        account.run([*pg_ctl, "--mode=fast", "--wait", "--silent", "--timeout", "60"], cwd=self._server)

    def _answers(self, access: Access) -> bool:
        """Whether our server answers at this port; waits while its process lives, for it may be recovering."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                with psycopg.connect(
                    host="127.0.0.1",
                    port=access.port,
                    user=OWNER,
                    password=access.owner_password,
                    dbname=DATABASE,
                    connect_timeout=2,
                    sslmode="disable",
                    gssencmode="disable",
                ) as connection:
                    row = connection.execute("SHOW data_directory").fetchone()
                    return row is not None and Path(row[0]) == self._data
            except psycopg.OperationalError:
                left = postmaster(self._data)
                if time.monotonic() > deadline or left is None or not left.alive:
                    return False
                time.sleep(0.1)

    # -- what is remembered -------------------------------------------------------------------------------------

    def _access(self, port: int) -> Access:
        path = self.home / "access.json"
        if not path.exists():
            if (self._data / "PG_VERSION").exists():
                raise UserError(f"{path} with the passwords is gone: put it back, or set EQL_HOME to another folder.")
            passwords = {"owner": secrets.token_hex(24), "app": secrets.token_hex(24)}
            write_private(path, json.dumps(passwords))
        passwords = json.loads(path.read_text())
        return Access(port, passwords["owner"], passwords["app"])

    def _remembered_port(self) -> int:
        with suppress(OSError, ValueError):
            port = int((self.home / "port").read_text())
            if is_free(port):
                return port
        return any_free_port()


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given."
