"""Figures from Linux: CPU time and memory of processes, and other load on the machine."""

import os
import re
import time
from pathlib import Path

LOOK_S = 0.5
BUSY, LOADED = 0.05, 0.5


def cpu_s(pid: int) -> float:
    """CPU seconds of all threads of a process, by its own clock, numbered as in clock_getcpuclockid(3)."""
    return time.clock_gettime(~pid << 3 | 2)


def rss_mb(pid: int) -> float:
    return _mb(pid, "Rss")


def pss_mb(pid: int) -> float:
    """Memory, with pages that processes share divided among them."""
    return _mb(pid, "Pss")


def _mb(pid: int, kind: str) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    found = re.search(rf"^{kind}: +(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def disturbances(part: str) -> list[str]:
    """Warnings about other load, before a part begins."""
    share = _others_share()
    return [f"{share:.0%} of its CPUs were busy before {part}"] if share > BUSY else []


def load_at_start() -> list[str]:
    load = os.getloadavg()[0]
    return [f"its load was {load:.1f} at the start"] if load > LOADED else []


def _others_share() -> float:
    """The share of all CPUs that is busy while this process waits."""
    busy, whole = _ticks()
    time.sleep(LOOK_S)
    busier, longer = _ticks()
    return (busier - busy) / max(longer - whole, 1)


def _ticks() -> tuple[int, int]:
    user, nice, system, idle, iowait, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text("ascii").split()[1:9]
    )
    busy = user + nice + system + irq + softirq + steal
    return busy, busy + idle + iowait
