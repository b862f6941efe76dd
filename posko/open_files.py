"""How many files, sockets among them, this process may have open."""

from __future__ import annotations

import resource


def allow(wanted: int) -> int:
    """Raises this process's limit to `wanted` where it is lower, as far as the system lets it; answers what it is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    granted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, granted), hard))
    return max(soft, granted)
