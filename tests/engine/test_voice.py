import itertools
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocket.core.errors import ModelFileError
from hocket.engine.graph_cut import Cut, cut_graph
from hocket.engine.piper import CUTS, FRAME_SAMPLES, derive
from hocket.engine.port import Float32, Phrase, Voice
from hocket.engine.voice import FADE_SAMPLES, PiperVoice
from hocket.weights.store import path_of

pytestmark = pytest.mark.models

RATE_HZ = 22_050
TICK = RATE_HZ // 5
TEXT = "Sure, I can help you with that. Would you like a table for two?"
ODD_TEXTS = [
    "",
    "   \n",
    "😀 👩‍👩‍👧",
    "你好世界",
    "مرحبا بالعالم",
    "<script>",
    "WWW",
    "x" * 300,
    "Dr. Smith paid $3.50 at 10:45 on 1/2/2026",
    ". , ; ?! —",
    "\ud800 \x00 hi",
    "**Bold** [link](https://a.example/b) `code`",
    "1" * 50,
]


def model_path() -> Path:
    return path_of("piper-en-us-joe/en_US-joe-medium.onnx")


@pytest.fixture(scope="module")
def voice() -> PiperVoice:
    return PiperVoice(model_path())


@pytest.fixture(scope="module")
def phrase(voice: PiperVoice) -> Phrase:
    return voice.prepare(TEXT, seed=3)


@pytest.fixture(scope="module")
def whole(voice: PiperVoice, phrase: Phrase) -> Float32:
    return voice.render(phrase, 0, phrase.n_samples)


def level_db(samples: Float32) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples))) + 1e-9))


def speech_db(samples: Float32) -> float:
    """Level over the 20 ms frames that are above -40 dBFS."""
    frames = samples[: len(samples) // 441 * 441].reshape(-1, 441)
    energy = np.mean(np.square(frames), axis=1)
    return float(10 * np.log10(energy[energy > 1e-4].mean()))


def test_it_is_a_voice(voice: Voice) -> None:
    assert voice.rate_hz == RATE_HZ


def test_pieces_of_a_tick_join_to_the_whole(
    voice: PiperVoice, phrase: Phrase, whole: Float32
) -> None:
    fresh = voice.prepare(TEXT, seed=3)
    pieces = [voice.render(fresh, at, at + TICK) for at in range(0, fresh.n_samples, TICK)]
    assert all(len(piece) == TICK for piece in pieces[:-1])
    assert level_db(np.concatenate(pieces) - whole) < level_db(whole) - 50


@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(0, 4 * RATE_HZ), max_size=8))
def test_any_pieces_in_any_order_join_to_the_whole(
    voice: PiperVoice, phrase: Phrase, whole: Float32, cuts: list[int]
) -> None:
    edges = [0, *sorted(min(cut, phrase.n_samples) for cut in cuts), phrase.n_samples]
    spans = list(itertools.pairwise(edges))
    backwards = [voice.render(phrase, start, stop) for start, stop in reversed(spans)]
    assert np.array_equal(np.concatenate(backwards[::-1]), whole)


def test_blocks_equal_one_decode_of_the_whole_phrase(voice: PiperVoice, phrase: Phrase) -> None:
    faded = slice(FADE_SAMPLES, -FADE_SAMPLES)
    pieces = voice.render(phrase, 0, phrase.n_samples)[faded]
    once = (voice._graphs.decode(phrase.payload.latents) * np.float32(phrase.payload.gain))[faded]
    unbent = np.abs(once) < 0.7
    assert unbent.mean() > 0.99
    assert level_db((pieces - once)[unbent]) < level_db(once) - 50


def test_consecutive_ticks_decode_each_block_once(
    voice: PiperVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, decode = voice.prepare(TEXT), voice._graphs.decode
    decoded: list[int] = []

    def counted(latents: Float32) -> Float32:
        decoded.append(latents.shape[1])
        return decode(latents)

    monkeypatch.setattr(voice._graphs, "decode", counted)
    for at in range(0, fresh.n_samples, TICK):
        voice.render(fresh, at, at + TICK)
    assert len(decoded) == -(-fresh.n_samples // (18 * FRAME_SAMPLES))


def test_what_lies_outside_the_phrase_is_left_out(
    voice: PiperVoice, phrase: Phrase, whole: Float32
) -> None:
    assert np.array_equal(voice.render(phrase, -100, 50), whole[:50])
    assert np.array_equal(voice.render(phrase, phrase.n_samples - 5, 10**9), whole[-5:])
    assert len(voice.render(phrase, 10**9, 10**9 + 5)) == 0
    assert len(voice.render(phrase, 500, 400)) == 0


def test_equal_arguments_give_equal_sound_and_another_seed_another(
    voice: PiperVoice, whole: Float32
) -> None:
    again = voice.prepare(TEXT, seed=3)
    assert np.array_equal(voice.render(again, 0, again.n_samples), whole)
    other = voice.prepare(TEXT, seed=4)
    assert not np.array_equal(voice.render(other, 0, other.n_samples)[:20_000], whole[:20_000])


def test_a_second_voice_gives_the_same_sound(voice: PiperVoice, whole: Float32) -> None:
    again = PiperVoice(model_path())
    phrase = again.prepare(TEXT, seed=3)
    assert np.array_equal(again.render(phrase, 0, phrase.n_samples), whole)


def test_rate_changes_the_duration(voice: PiperVoice, phrase: Phrase) -> None:
    slow, fast = (voice.prepare(TEXT, seed=3, rate=rate).n_samples for rate in (0.8, 1.4))
    assert slow / phrase.n_samples == pytest.approx(1.25, rel=0.1)
    assert 0.65 < fast / phrase.n_samples < 0.85


@pytest.mark.parametrize("rate", [0.0, -1.0, 100.0, float("nan"), float("inf")])
def test_a_senseless_rate_is_held_within_bounds(voice: PiperVoice, rate: float) -> None:
    assert 0.3 < voice.prepare("Hello there.", rate=rate).n_samples / RATE_HZ < 3


def test_level_is_a_gain(voice: PiperVoice, whole: Float32) -> None:
    quiet = voice.prepare(TEXT, seed=3, level_db=-12.0)
    change_db = level_db(voice.render(quiet, 0, quiet.n_samples)) - level_db(whole)
    assert change_db == pytest.approx(-12.0, abs=0.3)


def test_speech_is_near_minus_20_dbfs_and_never_clips(voice: PiperVoice, whole: Float32) -> None:
    loud = voice.prepare(TEXT, seed=3, level_db=12.0)
    assert -24 < speech_db(whole) < -17
    assert np.abs(voice.render(loud, 0, loud.n_samples)).max() < 1.0


def test_words_cover_the_text_in_order_and_lie_in_the_phrase(phrase: Phrase) -> None:
    assert [word.text for word in phrase.words] == TEXT.split()
    edges = [edge for word in phrase.words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert edges[0] >= 0 and edges[-1] <= phrase.n_samples
    assert all(0.04 < (word.end - word.start) / RATE_HZ < 1.0 for word in phrase.words)


def test_words_are_where_the_sound_is(phrase: Phrase, whole: Float32) -> None:
    inside = np.zeros(len(whole), bool)
    for word in phrase.words:
        inside[word.start : word.end] = True
    assert level_db(whole[inside]) > level_db(whole[~inside]) + 10
    pause = slice(phrase.words[6].end + 2000, phrase.words[7].start - 2000)
    assert pause.stop > pause.start and level_db(whole[pause]) < -50


def test_a_phrase_starts_sounding_within_60_ms(voice: PiperVoice, whole: Float32) -> None:
    loud = np.flatnonzero(np.abs(whole) > 0.01)
    assert loud[0] / RATE_HZ < 0.06


@pytest.mark.parametrize("text", ["Yes", "I think that the", "and then we can go", "no, it was"])
def test_phrases_can_follow_each_other_without_a_click(voice: PiperVoice, text: str) -> None:
    for seed in range(4):
        phrase = voice.prepare(text, seed=seed)
        sound = voice.render(phrase, 0, phrase.n_samples)
        assert np.abs(np.concatenate([sound[:8], sound[-8:]])).max() < 0.003


def test_a_question_ends_higher_than_a_statement(voice: PiperVoice) -> None:
    """Over eight seeds, as the pitch of the last word's second half."""
    ends = {
        mark: [end_pitch_hz(voice, f"Are you going home{mark}", seed) for seed in range(8)]
        for mark in "?."
    }
    assert np.median(ends["?"]) > np.median(ends["."])


def end_pitch_hz(voice: PiperVoice, text: str, seed: int) -> float:
    """Pitch of 60 ms of the last word, by the highest peak of the autocorrelation."""
    phrase = voice.prepare(text, seed=seed)
    last = phrase.words[-1]
    centre = (last.start + 2 * last.end) // 3
    piece = voice.render(phrase, centre - RATE_HZ * 3 // 100, centre + RATE_HZ * 3 // 100)
    similarity = np.correlate(piece, piece, "full")[len(piece) - 1 :]
    shortest, longest = RATE_HZ // 300, RATE_HZ // 60
    return RATE_HZ / float(shortest + np.argmax(similarity[shortest:longest]))


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_text_never_fails_and_has_a_sensible_length(voice: PiperVoice, text: str) -> None:
    phrase = voice.prepare(text)
    assert [word.text for word in phrase.words] == text.split()
    assert phrase.n_samples <= (0.5 + 0.4 * len(text)) * RATE_HZ
    assert phrase.n_samples <= 20 * RATE_HZ
    sound = voice.render(phrase, 0, phrase.n_samples)
    assert len(sound) == phrase.n_samples and np.isfinite(sound).all()


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_prepared(voice: PiperVoice, text: str) -> None:
    phrase = voice.prepare(text)
    assert [word.text for word in phrase.words] == text.split()
    assert len(voice.render(phrase, 0, TICK)) == min(TICK, phrase.n_samples)


def test_a_silent_word_has_an_empty_span_after_the_word_before(voice: PiperVoice) -> None:
    words = voice.prepare("good 😀 morning").words
    assert words[1].start == words[1].end == words[0].end


def test_ten_thousand_characters_are_prepared_in_runs(voice: PiperVoice) -> None:
    text = "This is one of the many sentences, and it goes on. " * 200
    phrase = voice.prepare(text[:10_000])
    assert len(phrase.words) == len(text[:10_000].split())
    assert 300 < phrase.n_samples / RATE_HZ < 1000


def test_graphs_are_cut_once_and_left_whole(tmp_path: Path) -> None:
    first = derive(model_path(), tmp_path)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert set(first.values()) == set(written)
    assert derive(model_path(), tmp_path) == first
    assert written == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}


def test_the_rewritten_decoder_equals_the_published_one(voice: PiperVoice, phrase: Phrase) -> None:
    """The decoder is rewritten for speed: it must still be the published one."""
    whole = onnx.load(str(model_path()))
    cut = Cut(outputs=CUTS["decode"].outputs, inputs=CUTS["decode"].inputs)
    plain = ort.InferenceSession(cut_graph(whole, cut, name="plain").SerializeToString())
    latents = phrase.payload.latents
    expected = plain.run(None, {"/Mul_7_output_0": latents[None]})[0].reshape(-1)
    assert level_db(voice._graphs.decode(latents) - expected) < level_db(expected) - 90


def test_a_missing_or_foreign_model_says_what_was_expected(tmp_path: Path) -> None:
    config = tmp_path / "voice.onnx.json"
    with pytest.raises(ModelFileError, match="expected a Piper configuration"):
        PiperVoice(tmp_path / "voice.onnx")
    shutil.copy(model_path().with_name(model_path().name + ".json"), config)
    with pytest.raises(ModelFileError, match="expected a Piper voice"):
        PiperVoice(tmp_path / "voice.onnx")
    (tmp_path / "voice.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelFileError, match="expected a Piper voice"):
        PiperVoice(tmp_path / "voice.onnx", derived_dir=tmp_path)
