"""``hocket replay``: prove that a score follows from its inputs."""

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from hocket.core.errors import BadInput, BadScore
from hocket.protocol.score import Score, ScoreTick, ScoreTotals
from hocket.recipes import engines
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.files import Recording, audio_sha256
from hocket.transports.replay import replay as replay_pairs
from hocket.transports.scores import load_score
from hocket.weights import store

app = typer.Typer()


@app.command()
def replay(
    score_path: Annotated[Path, typer.Argument(metavar="SCORE.jsonl")],
    audio: Annotated[
        Path | None, typer.Option(help="The user's recording, if it was moved.")
    ] = None,
) -> None:
    """Compute a session again from its score and the user's audio; exit 1 at the first difference."""
    score = load_score(score_path)
    config = session_config(score)
    recording = Recording(_audio_path(score, audio))
    if score.totals is not None and score.totals.user_audio_sha256:
        wanted, got = score.totals.user_audio_sha256, audio_sha256(recording.path)
        if wanted != got:
            raise BadInput(
                f"expected the audio with sha256 {wanted}, got {recording.path} with {got}"
            )
    store.ensure(engines.recipe(config.model).files)
    worker = engines.worker(store.path_of, config.model)
    for recorded, computed in replay_pairs(score, Session(config), worker, recording.ticks()):
        if recorded != computed:
            typer.echo(difference(recorded, computed))
            raise typer.Exit(1)
    typer.echo(f"{len(score.ticks)} ticks: same decisions, same words, same times")


def session_config(score: Score) -> SessionConfig:
    """The configuration that the header holds; BadScore if it holds none."""
    try:
        config = TypeAdapter(SessionConfig).validate_python(score.header.config.get("session"))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadScore(
            f"expected the header to hold a session's config, got: {first['msg']}"
        ) from None
    if config.model not in engines.names():
        raise BadScore(f"expected a model of {', '.join(engines.names())}, got {config.model}")
    return config


def _audio_path(score: Score, given: Path | None) -> Path:
    kept = score.header.config.get("user_audio")
    if given is not None:
        return given
    if not isinstance(kept, str):
        raise BadInput("expected --audio, for the score does not say where the user's audio is")
    return Path(kept)


def difference(recorded: ScoreTick | ScoreTotals, computed: ScoreTick | ScoreTotals) -> str:
    """The first field that differs, in one line."""
    where = f"tick {recorded.tick}" if isinstance(recorded, ScoreTick) else "totals"
    old: dict[str, Any] = recorded.model_dump(mode="json")
    new: dict[str, Any] = computed.model_dump(mode="json")
    for key in old:
        if old[key] != new.get(key):
            return f"{where}: {key} was {old[key]!r}, is {new.get(key)!r}"
    return f"{where}: {recorded!r} became {computed!r}"
