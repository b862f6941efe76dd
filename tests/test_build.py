"""The build hook and the locks of the pages."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
WEB = ROOT / "posko" / "web"
REGISTRIES = {"pypi.org", "files.pythonhosted.org", "registry.npmjs.org"}


@pytest.fixture(scope="session")
def hook() -> ModuleType:
    """deploy/hatch_build.py as a module."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "deploy" / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of two small web sources, in a folder whose name has a space."""
    monkeypatch.delenv("POSKO_WEB", raising=False)
    web = tmp_path / "dengan spasi" / "posko" / "web"
    (web / "src").mkdir(parents=True)
    (web / "package.json").write_text("{}")
    (web / "src" / "main.ts").write_text("one")
    return web.parents[1]


def _stamp(hook: ModuleType, tree: Path) -> None:
    static = tree / "posko" / "static"
    static.mkdir(exist_ok=True)
    (static / ".stamp").write_text(hook.Pages(tree).fingerprint())


def test_pages_are_built_when_their_sources_changed_and_only_then(hook: ModuleType, tree: Path) -> None:
    assert hook.Pages(tree).wanted()

    _stamp(hook, tree)
    assert not hook.Pages(tree).wanted()

    (tree / "posko" / "web" / "node_modules").mkdir()
    (tree / "posko" / "web" / "node_modules" / "x.js").write_text("not ours")
    assert not hook.Pages(tree).wanted()

    (tree / "posko" / "web" / "src" / "main.ts").rename(tree / "posko" / "web" / "src" / "other.ts")
    assert hook.Pages(tree).wanted()


def test_posko_web_skip_leaves_the_pages_out(hook: ModuleType, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSKO_WEB", "skip")

    assert not hook.Pages(tree).wanted()


@pytest.mark.parametrize(
    ("version", "taken"),
    [("v18.20.4", False), ("v20.18.9", False), ("v20.19.0", True), ("v21.7.0", False), ("v22.11.0", False),
     ("v22.12.0", True), ("v24.1.0", True), ("nonsense", False)],
)  # fmt: skip
def test_only_a_node_that_vite_takes_is_used(hook: ModuleType, version: str, taken: bool) -> None:
    assert hook.is_new_enough(version) is taken


def test_a_registry_that_is_down_is_told_in_one_line(hook: ModuleType, tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        assert hook.system_node() is None
        return
    web = tmp_path / "web"
    shutil.copytree(WEB, web, ignore=shutil.ignore_patterns("node_modules"))
    patience = ["--fetch-retries=0", f"--cache={tmp_path / 'cache'}", "--registry=http://127.0.0.1:9/"]

    with pytest.raises(hook.CannotBuild) as told:
        hook.Toolchain([npm], str(Path(npm).parent)).run(["ci", "--ignore-scripts", *patience], web)

    assert "\n" not in str(told.value)
    assert "127.0.0.1:9" in str(told.value)


def test_node_is_asked_for_only_where_it_is_needed_and_missing(
    hook: ModuleType, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> list[str]:
        found: list[str] = hook.CustomBuildHook(str(tree), {}, None, None, "", "wheel").dependencies()
        return found

    monkeypatch.setenv("PATH", str(tree))
    assert asked() == [hook.NODE_WHEEL]

    _stamp(hook, tree)
    assert asked() == []


def test_locks_name_no_other_registry() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))
    fetched = [entry["resolved"] for entry in lock["packages"].values() if "resolved" in entry]
    python_lock = ROOT / "uv.lock"
    if python_lock.is_file():
        fetched += re.findall(r'(?:registry|url) = "([^"]+)"', python_lock.read_text(encoding="utf-8"))

    assert "omit-lockfile-registry-resolved=true" in (WEB / ".npmrc").read_text(encoding="utf-8")
    assert all(entry.get("integrity") for path, entry in lock["packages"].items() if path)
    assert {re.sub(r"^\w+://([^/]+).*", r"\1", url) for url in fetched} <= REGISTRIES


def test_the_lock_is_of_what_the_project_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [own] = [
        package
        for package in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
        if package["name"] == asked["name"]
    ]
    named = {re.split(r"[^\w.-]", line)[0] for line in asked["dependencies"]}
    for lines in asked["optional-dependencies"].values():
        named |= {re.split(r"[^\w.-]", line)[0] for line in lines}

    assert {entry["name"] for entry in own["metadata"]["requires-dist"]} == named


def test_no_built_page_and_no_foreign_code_is_committed() -> None:
    tracked = subprocess.run(["git", "ls-files", "posko"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert [path for path in tracked.splitlines() if "node_modules" in path or path.startswith("posko/static/")] == []


def test_the_pages_own_tests_pass() -> None:
    npm = shutil.which("npm")
    if npm is None or not (WEB / "node_modules").is_dir():
        pytest.skip("no Node with the pages' packages here")

    done = subprocess.run([npm, "test", "--silent"], cwd=WEB, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
