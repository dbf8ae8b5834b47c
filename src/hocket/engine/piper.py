"""Piper's graph cut in three, so that text runs once a phrase and sound comes out in pieces.

Law: nothing in here draws random numbers; noise is an input, so equal inputs give equal outputs.

The published graph (VITS; Kim et al., arXiv 2106.06103) goes from phoneme ids to samples in one run
and holds two RandomNormalLike nodes. It is cut at its own seams:

* ``text``: phoneme ids and duration noise -> frames per phoneme (real numbers) and the prior
* ``flow``: prior samples, one column a frame -> latents
* ``decode``: latents -> samples, 256 a frame

Repeating the prior by the durations, and adding the prior's noise, is numpy's work between the
first two. The three files are written once under the derived directory, named by the source's hash.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from hocket.core.errors import ModelFileError, StorageError
from hocket.engine.graph_cut import Cut, cut_graph
from hocket.engine.port import Float32

Int64: TypeAlias = NDArray[np.int64]

FRAME_SAMPLES: Final = 256
LATENT_SIZE: Final = 192
CUT_VERSION: Final = 2  # part of the derived files' names: raise it when CUTS changes


CUTS: Final = {
    "text": Cut(
        outputs=("/Mul_output_0", "/enc_p/Split_output_0", "/enc_p/Split_output_1"),
        inputs={"/dp/RandomNormalLike_output_0": (1, 2, "ids")},
    ),
    "flow": Cut(
        outputs=("/Mul_7_output_0",),
        inputs={
            "/Add_output_0": (1, LATENT_SIZE, "frames"),
            "/Cast_2_output_0": (1, 1, "frames"),
        },
    ),
    "decode": Cut(
        outputs=("output",),
        inputs={"/Mul_7_output_0": (1, LATENT_SIZE, "frames")},
        widened=True,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What the text graph says of ``n`` phoneme ids."""

    frames: Float32  # [n] frames each id lasts at rate 1; real numbers, rounded up by the caller
    mean: Float32  # [192, n]
    log_scale: Float32  # [192, n]


class PiperGraphs:
    """The three parts of one Piper voice, loaded and ready to run.

    Raises:
        ModelFileError: the file is missing, or is not a Piper voice with the known node names.
        StorageError: the derived files could not be written.
    """

    def __init__(self, model_path: Path, *, derived_dir: Path, threads: int = 1) -> None:
        paths = derive(model_path, derived_dir)
        self._text = _open_session(paths["text"], threads)
        self._flow = _open_session(paths["flow"], threads)
        self._decode = _open_session(paths["decode"], threads)

    def text(self, ids_N: Int64, noise_2N: Float32, noise_w: float) -> Prior:
        """Durations and prior of phoneme ids; ``noise_2N`` is standard normal, [2, n]."""
        frames_11N, mean_1DN, log_scale_1DN = self._text.run(
            None,
            {
                "input": ids_N[None],
                "input_lengths": np.array([len(ids_N)], np.int64),
                "scales": np.array([0.0, 1.0, noise_w], np.float32),
                "/dp/RandomNormalLike_output_0": noise_2N[None],
            },
        )
        return Prior(frames=frames_11N[0, 0], mean=mean_1DN[0], log_scale=log_scale_1DN[0])

    def flow(self, prior_DT: Float32) -> Float32:
        """Latents [192, t] of prior samples [192, t]."""
        mask_11T = np.ones((1, 1, prior_DT.shape[1]), np.float32)
        inputs = {"/Add_output_0": prior_DT[None], "/Cast_2_output_0": mask_11T}
        latents_DT: Float32 = self._flow.run(None, inputs)[0][0]
        return latents_DT

    def decode(self, latents_DT: Float32) -> Float32:
        """Samples [256 t] of latents [192, t]; both ends are treated as silence beyond."""
        samples: Float32 = self._decode.run(None, {"/Mul_7_output_0": latents_DT[None]})[0]
        return samples.reshape(-1)


def derive(model_path: Path, derived_dir: Path) -> dict[str, Path]:
    """Paths of the three parts, written now if they are not there yet."""
    try:
        source_hash = hashlib.sha256(model_path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelFileError(f"expected a Piper voice at {model_path}, got: {error}") from error
    stem = f"piper-v{CUT_VERSION}-{source_hash}"
    paths = {part: derived_dir / f"{stem}-{part}.onnx" for part in CUTS}
    missing = [part for part, path in paths.items() if not path.exists()]
    if missing:
        _write_parts(model_path, {part: paths[part] for part in missing})
    return paths


def _write_parts(model_path: Path, paths: dict[str, Path]) -> None:
    import onnx  # slow to import and needed once a machine
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # no stubs

    try:
        whole = onnx.load(str(model_path))
    except DecodeError as error:
        raise ModelFileError(f"expected a Piper voice at {model_path}, got: {error}") from error
    for part, path in paths.items():
        _write_atomically(path, cut_graph(whole, CUTS[part], name=part).SerializeToString())


def _write_atomically(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageError(f"expected to write {path}, got: {error}") from error


def _open_session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
