from typing import Any

import pytest

from hocket.core.units import TICK_S, tick_start_s
from hocket.protocol.floor import FLOORS, Floor
from hocket.protocol.score import Score, ScoreHeader, ScoreLine, ScoreTick, ScoreTotals, dumps_line

USER = [  # (start s, seconds a word, words)
    (0.6, 0.31, "could you tell me what the weather will be like in Lisbon tomorrow afternoon"),
    (8.2, 0.28, "wait no I meant the day after that sorry"),
    (15.0, 0.3, "mhm"),
    (18.4, 0.33, "thanks and remind me in ten seconds to pack an umbrella please"),
    (30.4, 0.35, "great"),
]
AGENT = [  # (start s, seconds a word, words, floor, cut at s)
    (2.6, 0.25, "mm-hm", Floor.BACKCHANNEL, None),
    (5.0, 0.27, "In Lisbon tomorrow it will be mild and mostly sunny with a light breeze", Floor.SPEAK,
     8.6),
    (11.2, 0.26, "Ah, the day after. Then take a coat: rain is likely from noon, about eighty percent",
     Floor.SPEAK, None),
    (22.6, 0.26, "Sure, I will.", Floor.SPEAK, None),
    (32.6, 0.26, "Ten seconds are over: pack your umbrella.", Floor.SPEAK, None),
]  # fmt: skip
END_S = 36.0


def words_of(lanes: list[Any]) -> list[tuple[str, float, float, Any]]:
    return [
        (word, round(start + k * each, 4), round(start + (k + 1) * each, 4), rest)
        for start, each, text, *rest in lanes
        for k, word in enumerate(text.split())
    ]


def plan_after(end: float) -> str:
    for start, each, text, floor, cut in AGENT:
        is_open = start - 0.4 < end < (cut or start + each * len(text.split()))
        if floor is Floor.SPEAK and is_open:
            words = text.split()
            voiced = [k for k in range(len(words)) if start + k * each < end]
            return " ".join(words[len(voiced) :])
    return ""


def make_tick(tick: int) -> ScoreTick:
    t, end = tick_start_s(tick), tick_start_s(tick + 1)
    heard = [w for w, _, stop, _ in words_of(USER) if t <= stop + 0.4 < end]
    tentative = [w for w, start, stop, _ in words_of(USER) if start + 0.1 < end <= stop + 0.4]
    talking = any(start < end and stop > t for _, start, stop, _ in words_of(USER))
    said = [x for x in words_of(AGENT) if t <= x[1] - 0.2 < end and not (x[3][1] and x[1] > 8.8)]
    sounding = [
        f for s, e, text, f, cut in AGENT if s - 0.201 <= t < (cut or s + e * text.count(" "))
    ]
    floor = sounding[0] if sounding else Floor.LISTEN
    floor = {43: Floor.HOLD, 44: Floor.YIELD}.get(tick, floor)
    wanted = Floor.SPEAK if tick in (47, 48) else floor
    plan = plan_after(end)
    permit = FLOORS if sounding or not talking else (Floor.LISTEN, Floor.BACKCHANNEL)
    values = {
        "tick": tick,
        "t": t,
        "user": {
            "level_db": -22.0 - 7 * (tick % 3) if talking else -68.0,
            "heard": heard,
            "tentative": tentative,
            "text": "also: umbrella" if tick == 130 else "",
        },
        "floor": floor,
        "p": [0.8 if one is wanted else 0.05 for one in FLOORS],
        "said": [{"word": w, "start_s": s, "end_s": e} for w, s, e, _ in said],
        "plan": plan,
        "permit": {
            "allowed": permit,
            "rule": "responsive.user-speaking",
            "reason": "the user is speaking",
        },
        "act": {"kind": "delegate", "argument": "weather Lisbon"} if tick == 22 else None,
        "events": EVENTS.get(tick, []),
        "sent_samples": 4410 if sounding else 0,
        "compute_ms": {"hear": 21.0, "think": 12.0, "voice": 9.0},
    }
    return ScoreTick.model_validate(values)


EVENTS: dict[int, list[dict[str, Any]]] = {
    23: [{"kind": "played", "detail": {"position": 4410, "now_s": 4.7}}],
    25: [{"kind": "response", "detail": {"from_s": 4.63, "to_s": 5.0}}],
    44: [
        {"kind": "playback_stopped", "detail": {"now_s": 8.6, "position": 60_000, "at": "waiting"}},
        {"kind": "interrupted", "detail": {"heard": "In Lisbon tomorrow it will be mild"}},
    ],
    54: [{"kind": "job result", "detail": {"text": "rain from noon"}}],
    56: [{"kind": "response", "detail": {"from_s": 10.72, "to_s": 11.2}}],
    113: [{"kind": "response", "detail": {"from_s": 22.9, "to_s": 22.6}}],
    162: [{"kind": "timer fired"}],
}


@pytest.fixture
def score_lines() -> list[str]:
    """A made-up session: question, backchannel, interruption, correction, timer."""
    ticks = round(END_S / TICK_S)
    header = ScoreHeader(
        model="hocket-135m", mode="responsive", config={}, seed=0, agent_rate_hz=22_050
    )
    totals = ScoreTotals(
        ticks=ticks, duration_s=END_S, responses=(0.37, 0.48, -0.3), response_gap_median_s=0.37
    )
    lines: list[ScoreLine] = [header, *(make_tick(k) for k in range(ticks)), totals]
    return [dumps_line(line) for line in lines]


@pytest.fixture
def score(score_lines: list[str]) -> Score:
    return Score.of(score_lines)
