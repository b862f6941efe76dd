"""One directory, one posko: private, locked, and with a place for sockets that the kernel accepts."""

import fcntl
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from posko.embedded.process import POLL_S, STOP_LIMIT_S, EmbeddedError

LONGEST_SOCKET_DIR_BYTES = 85  # an address holds 104 (macOS) to 108 bytes, `/.s.PGSQL.5432` and a margin are ours


def claim(data_dir: Path) -> None:
    """Makes the directory ours alone, or refuses one that others share."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = data_dir.stat()
    if os.geteuid() not in (0, found.st_uid):
        raise EmbeddedError(f"{data_dir} milik pengguna lain: pilih direktori sendiri dengan --data DIR.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        if any(data_dir.iterdir()) and not (data_dir / "posko.lock").exists():
            raise EmbeddedError(
                f"{data_dir} berisi berkas lain dan terbuka bagi orang lain: pilih direktori baru dengan --data DIR."
            )
        data_dir.chmod(0o700)


def lock(data_dir: Path) -> int:
    """Locks the directory; our servers inherit the lock, so it is free only when the last of them is gone."""
    file = os.open(data_dir / "posko.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + STOP_LIMIT_S
    while not _try_lock(file):
        holder = os.pread(file, 20, 0).decode().strip()
        if _alive(holder):
            os.close(file)
            raise EmbeddedError(
                f"{data_dir} sedang dipakai posko lain (proses {holder}): "
                "hentikan posko itu, atau pakai direktori lain dengan --data DIR."
            )
        if time.monotonic() > deadline:
            os.close(file)
            raise EmbeddedError(
                f"{data_dir}: posko yang memakainya (proses {holder or 'tidak diketahui'}) sudah mati, tetapi sebuah "
                f"server miliknya masih berjalan.\nHentikan server itu (prosesnya ada di baris pertama "
                f"{data_dir / 'postgres18' / 'postmaster.pid'}), atau pakai direktori lain dengan --data DIR."
            )
        time.sleep(POLL_S)  # that posko died a moment ago and its servers are still stopping
    os.ftruncate(file, 0)
    os.pwrite(file, str(os.getpid()).encode(), 0)
    return file


def socket_dir(data_dir: Path) -> Path:
    """The data directory, or a short one of our own where its path would not do as a socket's address."""
    if len(os.fsencode(data_dir)) <= LONGEST_SOCKET_DIR_BYTES and not set(str(data_dir)) & set(',"'):
        return data_dir
    short = Path(tempfile.mkdtemp(prefix="posko-", dir="/tmp"))  # macOS' $TMPDIR is long itself
    os.chown(short, data_dir.stat().st_uid, -1)
    return short


def remove_sockets(sockets: Path, data_dir: Path) -> None:
    """Removes what `socket_dir` made."""
    if sockets != data_dir:
        shutil.rmtree(sockets, ignore_errors=True)


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
