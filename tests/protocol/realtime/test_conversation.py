import base64
import json

import numpy as np
import pytest

from hocket.audio.pcm import from_bytes
from hocket.protocol.events import (
    Muted,
    PlaybackReported,
    PlaybackStopped,
    ResponseAsked,
    TextTyped,
)
from hocket.protocol.floor import Floor
from hocket.protocol.realtime.refusal import Refusal
from tests.protocol.realtime.driver import RATE, TICK, Talk

SPEAK = Floor.SPEAK


def text_item(text: str) -> dict[str, object]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def answering(*words: str) -> Talk:
    """We have begun to say these words, a tick each."""
    talk = Talk()
    for word in words:
        talk.tick(SPEAK, word=word)
    return talk


def refused(talk: Talk, type_: str, **fields: object) -> str:
    with pytest.raises(Refusal) as caught:
        talk.send(type_, **fields)
    return caught.value.code


# -- a turn -----------------------------------------------------------------------------------


def test_a_spoken_turn_and_its_answer_come_in_the_protocols_order() -> None:
    talk = Talk()
    assert talk.tick(speaks=True, heard="what") == [
        "input_audio_buffer.speech_started",
        "conversation.item.input_audio_transcription.delta",
    ]
    talk.tick(speaks=True, heard="is it")
    assert talk.found("conversation.item.input_audio_transcription.delta")["delta"] == " is it"
    talk.tick(tentative="now")
    assert talk.tick(SPEAK, word="it", heard="now") == [
        "conversation.item.input_audio_transcription.delta",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio.delta",
        "response.output_audio_transcript.delta",
    ]
    talk.tick(SPEAK, word="is")
    assert talk.found("response.output_audio_transcript.delta")["delta"] == " is"
    talk.tick(SPEAK, word="late.")
    done = talk.tick()
    assert done[-6:] == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
    ]
    response = talk.found("response.done")["response"]
    assert response["status"] == "completed"
    assert response["output"][0]["content"][0]["transcript"] == "it is late."
    assert response["usage"]["total_tokens"] == 0


def test_the_transcript_is_complete_once_its_words_are_final() -> None:
    talk = Talk()
    talk.tick(speaks=True, heard="what")
    talk.tick(tentative="now")
    talk.tick(tentative="now")
    assert "conversation.item.done" in [event["type"] for event in talk.sent]
    assert not talk.tick(tentative="now")
    assert talk.tick(heard="now") == [
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.completed",
    ]
    assert talk.sent[-1]["transcript"] == "what now"
    talk.send("conversation.item.retrieve", item_id="item_0001")
    assert talk.sent[0]["item"]["content"][0]["transcript"] == "what now"


def test_the_sound_sent_is_the_sound_played_at_the_clients_rate() -> None:
    talk = Talk()
    sound = []
    for word in ("one", "two", "three", ""):
        talk.tick(SPEAK if word else Floor.LISTEN, word=word)
        sound.append(
            from_bytes(base64.b64decode(talk.found("response.output_audio.delta")["delta"]))
        )
    samples = np.concatenate(sound)
    assert len(samples) == 3 * 4_800
    assert np.abs(samples[100:-100] - 0.1).max() < 1e-3


def test_equal_conversations_give_equal_bytes() -> None:
    def run() -> str:
        talk, seen = Talk(), []
        talk.append(200)
        for floor, word in [(Floor.LISTEN, ""), (SPEAK, "a"), (SPEAK, "b"), (Floor.LISTEN, "")]:
            talk.tick(floor, word=word)
            seen.append(talk.sent)
        return json.dumps(seen)

    assert run() == run()


def test_a_backchannel_is_a_response_that_leaves_the_user_speaking() -> None:
    talk = Talk()
    talk.tick(speaks=True)
    sent = talk.tick(Floor.BACKCHANNEL, word="mhm", speaks=True)
    assert "response.created" in sent
    assert "input_audio_buffer.speech_stopped" not in sent
    assert "response.done" in talk.tick(speaks=True)


# -- interruption -----------------------------------------------------------------------------


def test_giving_way_tells_that_the_user_speaks_and_cancels() -> None:
    talk = answering("one", "two")
    talk.tick(SPEAK, word="three", speaks=True)  # noticed, not yet given way
    assert "input_audio_buffer.speech_started" not in [event["type"] for event in talk.sent]
    sent = talk.stop()
    assert sent[0] == "input_audio_buffer.speech_started"
    assert sent[-1] == "response.done"
    response = talk.found("response.done")["response"]
    assert response["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert response["output"][0]["status"] == "incomplete"


def test_speech_that_we_talk_on_over_becomes_an_item_without_stopping_the_client() -> None:
    talk = answering("one", "two")
    seen = []
    for speaks, heard in [(True, "mhm"), (False, ""), (False, ""), (False, ""), (False, "")]:
        seen += talk.tick(SPEAK, word="on", speaks=speaks, heard=heard)
    assert "input_audio_buffer.speech_started" not in seen
    assert "input_audio_buffer.committed" in seen
    assert "conversation.item.input_audio_transcription.completed" in seen
    assert "response.done" not in seen


def test_speech_that_outlasts_our_answer_is_told_then() -> None:
    talk = answering("one")
    talk.tick(SPEAK, word="two", speaks=True)
    sent = talk.tick(speaks=True)
    assert "response.done" in sent
    assert "input_audio_buffer.speech_started" in talk.tick(speaks=True) + sent


def test_after_a_cut_the_clients_word_counts_exactly() -> None:
    talk = answering("one", "two", "three")
    talk.stop()
    assert not talk.told  # the client may still say where it stopped
    talk.send("conversation.item.truncate", item_id="item_0001", content_index=0, audio_end_ms=450)
    assert talk.told == [PlaybackStopped(position=round(0.45 * RATE))]
    assert talk.found("conversation.item.truncated")["audio_end_ms"] == 450
    talk.send("conversation.item.retrieve", item_id="item_0001")
    assert talk.sent[0]["item"]["content"][0]["transcript"] == "one two"


def test_after_a_cut_without_a_word_the_assumption_counts() -> None:
    talk = answering("one", "two", "three", "four")
    talk.stop()
    talk.tick(Floor.YIELD)
    assert not talk.told
    talk.tick()
    stopped = [event for event in talk.told if isinstance(event, PlaybackStopped)]
    assert len(stopped) == 1
    assert 2 * TICK <= stopped[0].position < 4 * TICK
    talk.send("conversation.item.retrieve", item_id="item_0001")
    assert talk.sent[0]["item"]["content"][0]["transcript"] in ("one two", "one two three")


@pytest.mark.parametrize(
    ("audio_end_ms", "kept"),
    [(0, ""), (199, ""), (200, "one"), (399, "one"), (400, "one two"), (600, "one two three")],
)
def test_a_truncated_answer_keeps_only_words_heard_whole(audio_end_ms: int, kept: str) -> None:
    talk = answering("one", "two", "three")
    talk.tick()
    talk.send(
        "conversation.item.truncate",
        item_id="item_0001",
        content_index=0,
        audio_end_ms=audio_end_ms,
    )
    talk.send("conversation.item.retrieve", item_id="item_0001")
    assert talk.sent[0]["item"]["content"][0]["transcript"] == kept


def test_truncating_an_answer_in_progress_cancels_it_at_that_place() -> None:
    talk = answering("one", "two", "three")
    talk.send("conversation.item.truncate", item_id="item_0001", content_index=0, audio_end_ms=300)
    assert talk.found("response.done")["response"]["status"] == "cancelled"
    assert talk.told == [Muted(on=True)]
    assert not talk.stop()
    assert talk.told == [PlaybackStopped(position=round(0.3 * RATE))]
    talk.tick(Floor.YIELD, rule="muted")
    assert talk.told == [Muted(on=False)]


def test_playback_is_taken_to_run_in_real_time_a_little_late() -> None:
    talk = Talk()
    reported = []
    for word in ("one", "two", "three", "", ""):
        talk.tick(SPEAK if word else Floor.LISTEN, word=word)
        reported.append([e.position for e in talk.told if isinstance(e, PlaybackReported)])
    assert reported == [[], [], [TICK], [2 * TICK], [3 * TICK]]


# -- asked and cancelled ----------------------------------------------------------------------


def test_a_response_asked_for_is_created_at_once_and_used_by_the_answer() -> None:
    talk = Talk()
    assert talk.send("response.create", response={"metadata": {"k": "v"}}) == ["response.created"]
    assert talk.told == [ResponseAsked()]
    assert "response.created" not in talk.tick(SPEAK, word="yes.")
    talk.tick()
    assert talk.found("response.done")["response"]["metadata"] == {"k": "v"}
    assert talk.found("response.done")["response"]["id"] == "resp_0001"


def test_an_answer_is_asked_for_once_the_sound_before_it_was_heard() -> None:
    talk = Talk()
    talk.append(1_000)
    talk.send("response.create")
    assert not talk.told
    talk.feed()
    for _ in range(4):
        talk.tick()
        assert ResponseAsked() not in talk.told
    talk.tick()
    assert ResponseAsked() in talk.told


def test_a_second_response_is_refused_while_one_is_open() -> None:
    talk = answering("one")
    assert refused(talk, "response.create") == "conversation_already_has_active_response"


def test_a_response_to_nothing_fails_after_five_seconds() -> None:
    talk = Talk()
    talk.send("response.create")
    for _ in range(24):
        assert not talk.tick()
    assert talk.tick() == ["response.done"]
    response = talk.sent[0]["response"]
    assert response["status"] == "failed"
    assert response["status_details"]["error"]["code"] == "no_answer"
    assert talk.send("response.create") == ["response.created"]


def test_cancelling_mutes_until_one_tick_was_decided_so() -> None:
    talk = answering("one", "two")
    sent = talk.send("response.cancel")
    assert sent[-1] == "response.done"
    details = talk.sent[-1]["response"]["status_details"]
    assert details == {"type": "cancelled", "reason": "client_cancelled"}
    assert talk.told == [Muted(on=True)]
    talk.stop()
    talk.tick(Floor.YIELD)
    assert Muted(on=False) not in talk.told
    talk.tick(rule="muted")
    assert Muted(on=False) in talk.told


def test_sound_made_before_the_session_knew_of_a_cancel_is_not_sent() -> None:
    talk = answering("one", "two")
    talk.send("response.cancel")
    assert not talk.tick(SPEAK, word="three")


def test_cancelling_nothing_is_refused() -> None:
    talk = Talk()
    assert refused(talk, "response.cancel") == "response_cancel_not_active"
    talk = answering("one")
    assert refused(talk, "response.cancel", response_id="resp_9") == "response_cancel_not_active"


def test_clearing_the_output_cancels_and_says_so() -> None:
    talk = answering("one")
    assert talk.send("output_audio_buffer.clear")[-1] == "output_audio_buffer.cleared"
    assert talk.told == [Muted(on=True)]
    assert refused(Talk(), "output_audio_buffer.clear") == "invalid_value"


# -- push to talk -----------------------------------------------------------------------------


def push_to_talk() -> Talk:
    talk = Talk()
    talk.send(
        "session.update",
        session={"type": "realtime", "audio": {"input": {"turn_detection": None}}},
    )
    assert talk.told == [Muted(on=True)]
    return talk


def test_without_turn_detection_nothing_is_told_of_speech() -> None:
    talk = push_to_talk()
    assert not talk.tick(speaks=True, heard="what")
    assert not talk.tick(heard="now")


def test_a_commit_makes_the_item_and_its_words() -> None:
    talk = push_to_talk()
    talk.append(400)
    talk.feed()
    talk.tick(speaks=True, heard="what")
    assert talk.send("input_audio_buffer.commit") == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.delta",
    ]
    talk.tick(speaks=True, heard="now")
    talk.tick()
    assert (
        talk.found("conversation.item.input_audio_transcription.completed")["transcript"]
        == "what now"
    )


def test_the_mute_is_lifted_for_the_answer_and_comes_back_behind_its_last_sound() -> None:
    talk = push_to_talk()
    talk.send("response.create")
    assert set(talk.told) == {Muted(on=False), ResponseAsked()}
    talk.tick(SPEAK, word="yes.")
    assert "response.done" in talk.tick()
    assert not talk.told  # 200 ms of sound are still playing
    talk.tick()
    assert talk.told == [PlaybackReported(position=TICK), Muted(on=True)]


def test_text_waits_until_an_answer_is_asked_for() -> None:
    talk = push_to_talk()
    talk.send("conversation.item.create", item=text_item("one"))
    talk.send("conversation.item.create", item=text_item("two"))
    assert not talk.told
    talk.send("response.create")
    assert [*talk.told[:3]] == [TextTyped(text="one\n"), TextTyped(text="two\n"), ResponseAsked()]


def test_text_that_nobody_asks_about_is_bounded() -> None:
    talk = push_to_talk()
    for _ in range(3):
        talk.send("conversation.item.create", item=text_item("x" * 8_000))
    code = refused(talk, "conversation.item.create", item=text_item("x" * 8_000))
    assert code == "invalid_value"


def test_sound_that_nobody_asked_for_is_never_sent() -> None:
    talk = push_to_talk()
    assert not talk.tick(SPEAK, word="hello")
    assert not talk.stop()
    assert talk.told == [PlaybackStopped(position=0)]


def test_turn_detection_without_create_response_tells_of_speech_and_does_not_answer() -> None:
    talk = Talk()
    talk.send(
        "session.update",
        session={"turn_detection": {"type": "server_vad", "create_response": False}},
    )
    assert talk.told == [Muted(on=True)]
    assert talk.tick(speaks=True) == ["input_audio_buffer.speech_started"]
    talk.send("session.update", session={})
    shown = talk.found("session.updated")["session"]
    assert shown["audio"]["input"]["turn_detection"]["create_response"] is False


# -- the rest ---------------------------------------------------------------------------------


def test_text_is_typed_and_sent() -> None:
    talk = Talk()
    sent = talk.send("conversation.item.create", item=text_item("hello\bthere\n you"))
    assert sent == ["conversation.item.added", "conversation.item.done"]
    assert talk.told == [TextTyped(text="hello there  you\n")]


def test_an_item_keeps_the_clients_id_once() -> None:
    talk = Talk()
    item = {**text_item("hi"), "id": "mine"}
    talk.send("conversation.item.create", item=item)
    assert talk.found("conversation.item.added")["item"]["id"] == "mine"
    assert refused(talk, "conversation.item.create", item=item) == "item_id_taken"
    assert talk.send("conversation.item.delete", item_id="mine") == ["conversation.item.deleted"]
    assert refused(talk, "conversation.item.retrieve", item_id="mine") == "item_not_found"


@pytest.mark.parametrize(
    ("item_id", "audio_end_ms", "code"),
    [("nobody", 0, "item_not_found"), ("item_0001", 2_000, "invalid_value")],
)
def test_a_truncation_that_cannot_be_is_refused(item_id: str, audio_end_ms: int, code: str) -> None:
    talk = answering("one")
    got = refused(
        talk,
        "conversation.item.truncate",
        item_id=item_id,
        content_index=0,
        audio_end_ms=audio_end_ms,
    )
    assert got == code
    assert "response.output_audio.delta" in talk.tick(SPEAK, word="two")


def test_what_the_user_said_cannot_be_truncated() -> None:
    talk = Talk()
    talk.send("conversation.item.create", item=text_item("hi"))
    code = refused(talk, "conversation.item.truncate", item_id="item_0001", audio_end_ms=0)
    assert code == "invalid_value"


def test_instructions_begin_the_session_anew_until_something_was_said() -> None:
    talk = Talk()
    talk.send("session.update", session={"instructions": "be kind"})
    assert talk.restarts == ["be kind"]
    assert talk.found("session.updated")["session"]["instructions"] == "be kind"
    talk.append(20)
    code = refused(talk, "session.update", session={"instructions": "be rude"})
    assert code == "unsupported_value"
    talk.send("session.update", session={"instructions": "be kind"})  # no change


def test_an_update_that_is_refused_changes_nothing() -> None:
    talk = Talk()
    bad_format = {"input": {"format": {"type": "audio/pcm", "rate": 11_025}}}
    session = {"instructions": "be kind", "audio": bad_format}
    assert refused(talk, "session.update", session=session) == "invalid_value"
    talk.send("session.update", session={})
    assert talk.found("session.updated")["session"]["instructions"] == ""


def test_tools_are_left_out_and_named() -> None:
    talk = Talk()
    sent = talk.send("session.update", session={"tools": [{"type": "function", "name": "f"}]})
    assert sent == ["session.updated", "error"]
    assert talk.found("error")["error"]["param"] == "session.tools"
    assert talk.found("session.updated")["session"]["tools"] == []


def test_sound_beyond_thirty_seconds_is_dropped_and_told() -> None:
    talk = Talk()
    assert not talk.append(30_000)
    assert talk.append(500) == ["error"]
    error = talk.found("error")["error"]
    assert error["code"] == "audio_dropped"
    assert "0.50 s" in error["message"]


@pytest.mark.parametrize("audio", ["not base64!", "AAA", "AA==", "ÄÖ"])
def test_sound_that_is_none_is_refused(audio: str) -> None:
    assert refused(Talk(), "input_audio_buffer.append", audio=audio) == "invalid_value"


def test_a_commit_of_nothing_is_refused() -> None:
    talk = Talk()
    assert refused(talk, "input_audio_buffer.commit") == "input_audio_buffer_commit_empty"
    talk.append(99)
    assert refused(talk, "input_audio_buffer.commit") == "input_audio_buffer_commit_empty"
    talk.append(1)
    assert "input_audio_buffer.committed" in talk.send("input_audio_buffer.commit")


def test_clearing_forgets_what_was_not_heard() -> None:
    talk = Talk()
    talk.append(400)
    assert talk.send("input_audio_buffer.clear") == ["input_audio_buffer.cleared"]
    assert talk.conversation.backlog.take(1.0) is None


def test_a_text_answer_has_words_and_no_sound() -> None:
    talk = Talk()
    talk.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
    sent = talk.tick(SPEAK, word="yes.")
    assert "response.output_text.delta" in sent
    assert "response.output_audio.delta" not in sent
    talk.tick()
    assert talk.found("response.output_text.done")["text"] == "yes."
    part = talk.found("response.done")["response"]["output"][0]["content"][0]
    assert part == {"type": "output_text", "text": "yes."}


def test_a_beta_client_gets_a_beta_session_and_response() -> None:
    talk = Talk(beta=True)
    session = talk.found("session.created")["session"]
    assert session["modalities"] == ["audio", "text"]
    assert session["input_audio_format"] == "pcm16"
    talk.send("session.update", session={"output_audio_format": "g711_alaw"})
    assert talk.found("session.updated")["session"]["output_audio_format"] == "g711_alaw"
    assert "response.audio.delta" in talk.tick(SPEAK, word="yes.")
    talk.tick()
    response = talk.found("response.done")["response"]
    assert response["output_audio_format"] == "g711_alaw"
    assert response["output"][0]["content"][0] == {"type": "audio", "transcript": "yes."}
