"""A truth's events as a reader takes them in: when, what, in whose words.

Law: an event whose moment never came says so.
"""

from hocket.evaluation.truth import Event, Kind, Truth, Wanted

_NAMES = {
    Kind.TURN: "turn",
    Kind.INTERRUPTION: "interruption",
    Kind.BACKCHANNEL: "backchannel",
    Kind.TIC: "tic",
    Kind.SIDE: "talk not for the agent",
    Kind.NOISE: "noise",
}


def events_in_words(truth: Truth) -> tuple[str, ...]:
    """A line an event, in order, then a line for each thing that should be said."""
    events = sorted(truth.events, key=lambda event: event.start_s)
    return (*map(event_line, events), *map(_wanted_line, truth.wanted))


def event_line(event: Event) -> str:
    """One event."""
    parts = [_when(event), _NAMES[event.kind]]
    if event.text:
        parts.append(f"“{event.text}”")
    if event.kind in (Kind.TURN, Kind.INTERRUPTION) and not event.finished:
        parts.append("(no answer due)")
    if event.pauses:
        each = ", ".join(f"{p.start_s:.1f}–{p.end_s:.1f}" for p in event.pauses)
        parts.append(f"with pauses {each}")
    if event.voice:
        parts.append(f"[{event.voice}]")
    return " ".join(parts)


def _when(event: Event) -> str:
    if event.end_s <= event.start_s:
        return "never came:"
    over = " over the agent:" if event.over_agent else ":"
    return f"{event.start_s:.1f}–{event.end_s:.1f} s{over}"


def _wanted_line(wanted: Wanted) -> str:
    content = ", ".join("/".join(group) for group in wanted.content)
    return f"wanted {wanted.earliest_s:.1f}–{wanted.latest_s:.1f} s: “{content}”"
