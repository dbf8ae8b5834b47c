"""Ask a package registry for one archive, through its own client.

Law: archives are fetched as data: nothing is installed, built, run or imported. The client is the
user's (pip, npm), so the user's configuration decides where from.
"""

import errno
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hocket.weights.catalogue import Part
from hocket.weights.part_file import SourceError, refusal, storage

POLL_S = 0.2
PIP_VARIABLE = "HOCKET_PIP"  # a command that takes pip's arguments, where pip is not to be found

PIP_OPTIONS = (
    "--no-deps",
    "--only-binary=:all:",  # a source archive would be built, that is: run
    "--ignore-requires-python",  # data fits every Python
    "--no-cache-dir",  # the model folder is the cache: no second copy of it
    "--no-input",
    "--retries=2",
    "--progress-bar=off",
    "--disable-pip-version-check",
)
NPM_OPTIONS = ("--ignore-scripts", "--loglevel=error")
# What a user's configuration may say about installing does not concern data.
PIP_ENVIRONMENT = {"PIP_REQUIRE_VIRTUALENV": "0", "PIP_REQUIRE_HASHES": "0", "NO_COLOR": "1"}

Command = tuple[str, ...]
Watch = Callable[[], None]


def pip_commands(environ: Mapping[str, str]) -> tuple[Command, ...]:
    """The ways to call pip here, best first."""
    if configured := environ.get(PIP_VARIABLE):
        return (tuple(shlex.split(configured, posix=os.name == "posix")),)
    if importlib.util.find_spec("pip"):
        return ((sys.executable, "-P", "-m", "pip"),)  # -P: what lies in the folder is not run
    where = environ.get("PATH")
    found = [(path,) for name in ("pip", "pip3") if (path := shutil.which(name, path=where))]
    if uvx := shutil.which("uvx", path=where):
        return *found, (uvx, "pip")
    return tuple(found)


def npm_commands(environ: Mapping[str, str]) -> tuple[Command, ...]:
    """The ways to call npm here."""
    path = shutil.which("npm", path=environ.get("PATH"))
    return ((path,),) if path else ()


def _pip_arguments(part: Part, folder: Path) -> Command:
    platform = () if part.platform is None else (f"--platform={part.platform}",)
    wanted = f"{part.package}=={part.version}"
    return ("download", *PIP_OPTIONS, *platform, "--dest", str(folder), wanted)


def _npm_arguments(part: Part, folder: Path) -> Command:
    wanted = f"{part.package}@{part.version}"
    return ("pack", *NPM_OPTIONS, "--pack-destination", str(folder), wanted)


class PackageClient:
    """Fetches archives with the registry's own client."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def archive(self, kind: str, part: Part, folder: Path, watch: Watch) -> Path:
        """Download the archive of ``part`` into the empty ``folder``; ``watch`` is called often.

        Raises:
            SourceError: there is no client, or it did not bring exactly one archive.
            StorageError: the disk refused.
        """
        commands = (pip_commands if kind == "pypi" else npm_commands)(self._environ)
        arguments = (_pip_arguments if kind == "pypi" else _npm_arguments)(part, folder)
        if not commands:
            raise SourceError(f"no {'pip' if kind == 'pypi' else 'npm'} on this machine")
        why = ""
        for command in commands:
            why = self._run([*command, *arguments], folder, watch)
            archives = [*folder.glob("*.whl"), *folder.glob("*.tgz")]
            if not why and len(archives) == 1:
                return archives[0]
        raise SourceError(why or f"expected one archive, got {len(archives)}")

    def _run(self, command: Sequence[str], folder: Path, watch: Watch) -> str:
        """Run to the end; empty if it went well, else the reason in one line."""
        scratch = folder / "tmp"  # on the same disk as the result: /tmp may be small
        log = folder / "log"
        with storage(folder):
            scratch.mkdir(parents=True, exist_ok=True)
        temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(scratch.resolve()))
        environ = {**self._environ, **PIP_ENVIRONMENT, **temporary}
        try:
            with log.open("wb") as output:
                code = _wait(command, environ, output.fileno(), watch)
        except OSError as error:
            return f"cannot run {command[0]}: {error.strerror or error}"
        text = log.read_text("utf-8", errors="replace")
        if code and re.search(r"No space left on device|ENOSPC", text):
            raise refusal(folder, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        return _reason(text, code) if code else ""


def _wait(command: Sequence[str], environ: Mapping[str, str], output: int, watch: Watch) -> int:
    process = subprocess.Popen(
        command, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output
    )
    try:
        while True:
            try:
                return process.wait(POLL_S)
            except subprocess.TimeoutExpired:
                watch()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _reason(text: str, code: int) -> str:
    """The client's last word of error, or its last line, or its exit code."""
    if "connection broken by" in text:  # pip's last word is then that no such package exists
        return "the package index cannot be reached"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(ERROR:|npm (ERR!|error))", line)]
    return (errors or lines or [f"exit code {code}"])[-1][:200]
