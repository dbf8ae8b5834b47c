import pytest

from hocket.core.errors import ModelFileError
from hocket.weights.catalogue import HttpSource, PackageSource, catalogue, parse

ENTRY = """
[[files]]
id = "m/a.bin"
bytes = 3
sha256 = "{sha256}"
licence = "MIT"
groups = ["talk"]
sources = [{source}]
"""
SOUND = {"sha256": "0" * 64, "source": '{ kind = "http", url = "https://host/a" }'}


def test_talking_needs_ears_voice_base_model_and_the_baselines_detectors() -> None:
    models = {file.model for file in catalogue().select(["talk"])}
    assert models == {
        "smollm2-135m-instruct",
        "moonshine-tiny-en",
        "piper-en-us-joe",
        "silero-vad",
        "smart-turn-v3.2",
    }


def test_every_file_has_an_official_address_first_and_a_package_after_it() -> None:
    for file in catalogue().files:
        first, *more = file.sources
        assert isinstance(first, HttpSource), file.id
        assert any(isinstance(source, PackageSource) for source in more), file.id


def test_every_address_is_encrypted() -> None:
    urls = [s.url for f in catalogue().files for s in f.sources if isinstance(s, HttpSource)]
    assert [url for url in urls if not url.startswith("https://")] == []


def test_files_are_chosen_by_group_model_or_id_once_and_in_order() -> None:
    chosen = catalogue().select(["silero-vad", "evaluate", "whisper-base/config.json"])
    assert [file.id for file in chosen] == [
        "silero-vad/silero_vad.onnx",
        "whisper-base/model.bin",
        "whisper-base/config.json",
        "whisper-base/tokenizer.json",
        "whisper-base/vocabulary.txt",
    ]


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(ModelFileError, match=r"expected a group \(talk, .* got 'talks'"):
        catalogue().select(["talks", "silero-vad"])


def test_an_unknown_id_is_no_path() -> None:
    with pytest.raises(ModelFileError, match=r"got '\.\./\.\./etc/passwd'"):
        catalogue().get("../../etc/passwd")


def test_a_sound_entry_parses() -> None:
    (file,) = parse(ENTRY.format(**SOUND)).files
    assert str(file.sources[0]) == "https://host/a"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"sha256": "0" * 63}, r"files\.0\.sha256"),
        ({"source": '{ kind = "ftp", url = "x" }'}, r"files\.0\.sources\.0"),
        ({"source": '{ kind = "http", url = "file:///etc/passwd" }'}, r"sources\.0\.http\.url"),
        ({"source": '{ kind = "http", url = "https://h/a", mirror = 1 }'}, r"mirror"),
        ({"source": '{ kind = "pypi", parts = [] }'}, r"parts"),
        (
            {"source": '{ kind = "pypi", parts = [{package="--x", version="1", member="m"}] }'},
            r"package",
        ),
    ],
)
def test_a_wrong_entry_says_where(change: dict[str, str], where: str) -> None:
    with pytest.raises(ModelFileError, match=f"models.toml: .*{where}"):
        parse(ENTRY.format(**{**SOUND, **change}))


@pytest.mark.parametrize("bad_id", ["a.bin", "../m/a.bin", "m/../a.bin", "/m/a.bin", "m/.hidden"])
def test_an_id_cannot_leave_the_folder(bad_id: str) -> None:
    with pytest.raises(ModelFileError, match=r"files\.0\.id"):
        parse(ENTRY.format(**SOUND).replace("m/a.bin", bad_id))


def test_an_id_stands_once() -> None:
    with pytest.raises(ModelFileError, match=r"m/a\.bin twice"):
        parse(ENTRY.format(**SOUND) * 2)


def test_text_that_is_no_toml_is_no_catalogue() -> None:
    with pytest.raises(ModelFileError, match="expected TOML"):
        parse("[[files")
