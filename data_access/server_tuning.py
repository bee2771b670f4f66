"""With which settings does the embedded server run? Enough for a million leads on two cores, and no more."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path


def tuning() -> dict[str, str]:
    """Settings of Postgres by name, sized to this machine's memory. Durability stays on."""
    return {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "60",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "shared_buffers": f"{min(512, max(64, _memory_mb() // 8))}MB",
        "work_mem": "64MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB",
        "max_parallel_workers_per_gather": "2",
        "random_page_cost": "1.1",
        "jit": "off",
        **_shared_memory(),
    }


def _shared_memory() -> dict[str, str]:
    # A parallel query shares memory through /dev/shm, which containers keep at 64 MB.
    shared = Path("/dev/shm")
    roomy = shared.is_dir() and shutil.disk_usage(shared).free > 1_000_000_000
    return {} if roomy else {"dynamic_shared_memory_type": "mmap"}


def _memory_mb() -> int:
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        installed = min(installed, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return installed // 1_000_000
