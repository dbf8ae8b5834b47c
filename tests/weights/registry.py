"""A package registry in a folder, and clients for it that take pip's and npm's arguments."""

import io
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

PIP = """
import pathlib, shutil, sys
index = pathlib.Path({index!r})
arguments = sys.argv[1:]
wanted, folder = arguments[-1], arguments[arguments.index("--dest") + 1]
with (index / "calls").open("a") as calls:
    print(*arguments, file=calls)
print("WARNING: Location 'file:///nowhere' is ignored: it is neither a file nor a directory.",
      file=sys.stderr)
if (index / "says").exists():
    sys.exit((index / "says").read_text())
wheel = index / (wanted.replace("==", "-") + "-py3-none-any.whl")
if not wheel.exists():
    print("ERROR: No matching distribution found for " + wanted, file=sys.stderr)
    print("[notice] A new release of pip is available", file=sys.stderr)
    sys.exit(1)
shutil.copy(wheel, folder)
"""

NPM = """#!{python}
import pathlib, shutil, sys
arguments = sys.argv[1:]
assert arguments[0] == "pack" and "--ignore-scripts" in arguments
folder = arguments[arguments.index("--pack-destination") + 1]
name = arguments[-1].replace("@", "-") + ".tgz"
print("npm warn Unknown user config", file=sys.stderr)
shutil.copy(pathlib.Path({index!r}) / name, folder)
"""


@dataclass(frozen=True, slots=True)
class Registry:
    """Packages by file; ``environ`` is what makes our clients use it."""

    index: Path

    @property
    def environ(self) -> dict[str, str]:
        pip = self.index / "fake_pip.py"
        pip.write_text(PIP.format(index=str(self.index)))
        npm = self.index / "npm"
        npm.write_text(NPM.format(index=str(self.index), python=sys.executable))
        npm.chmod(0o755)
        return {"HOCKET_PIP": f"{sys.executable} {pip}", "PATH": str(self.index)}

    @property
    def calls(self) -> list[str]:
        log = self.index / "calls"
        return log.read_text().splitlines() if log.exists() else []

    def wheel(self, package: str, version: str, members: dict[str, bytes]) -> None:
        path = self.index / f"{package}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)

    def tarball(self, package: str, version: str, members: dict[str, bytes]) -> None:
        with tarfile.open(self.index / f"{package}-{version}.tgz", "w:gz") as archive:
            for name, data in members.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
