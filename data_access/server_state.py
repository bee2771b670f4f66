"""Who holds the server, is it alive, and at which port? Locks, the postmaster's file, ports, private files."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dashboard.domain import UserError

PROC = Path("/proc")


@contextlib.contextmanager
def locked(path: Path, patience_s: float) -> Iterator[None]:
    """Holds the file's exclusive lock; UserError where another process keeps it longer than `patience_s`."""
    lock = open_lock(path)
    deadline = time.monotonic() + patience_s
    try:
        while not _try_lock(lock):
            if time.monotonic() > deadline:
                raise UserError(f"Another process keeps {path} locked: end it and start again.")
            time.sleep(0.05)
        yield
    finally:
        os.close(lock)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_lock(path: Path) -> int:
    """A descriptor of the lock file, which children do not inherit."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The server that wrote `postmaster.pid` into the data folder, dead or alive."""

    pid: int
    port: int
    data: Path

    @property
    def alive(self) -> bool:
        """Whether its process runs; another process that got its number by chance does not count."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return not PROC.is_dir() or self._named_in_command()

    @property
    def stranger(self) -> bool:
        """Whether its number now belongs to another process while nobody works in the data folder any more.

        Postgres refuses to start then. In containers, where numbers begin at 1 each time, it is the rule after a crash.
        """
        if not PROC.is_dir() or self.alive or not (PROC / str(self.pid)).exists():
            return False
        return not any(works_in(process, self.data) for process in PROC.glob("[0-9]*"))

    def _named_in_command(self) -> bool:
        try:
            return os.fsencode(self.data) in (PROC / str(self.pid) / "cmdline").read_bytes().split(b"\0")
        except OSError:
            return False


def works_in(process: Path, folder: Path) -> bool:
    """Whether a process, given as its folder in /proc, has this folder as its working directory."""
    try:
        return (process / "cwd").samefile(folder)
    except OSError:
        return False


def postmaster(data: Path) -> Postmaster | None:
    """What `postmaster.pid` says; None where there is none, which is what a clean stop leaves."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return Postmaster(int(lines[0]), int(lines[3]), data)
    except (FileNotFoundError, IndexError, ValueError):
        return None


def is_free(port: int) -> bool:
    """Whether a server could listen at this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """A port of the loopback address at which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
