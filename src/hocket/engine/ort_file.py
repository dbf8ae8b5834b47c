"""A graph in ONNX Runtime's own file format: its weights by name, and what each of its nodes reads.

Law: it only reads, and knows as much of the format as is needed to write a graph anew.
Source: the schema that onnxruntime brings as ``onnxruntime.tools.ort_format_model``.
"""

import struct
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs.InferenceSession import (
    InferenceSession,
)

from hocket.core.errors import ModelFileError

# Of onnx.TensorProto; others are strings or unused.
_KINDS: Final[dict[int, type[np.generic]]] = {
    1: np.float32,
    2: np.uint8,
    3: np.int8,
    6: np.int32,
    7: np.int64,
}
_BROKEN: Final = (struct.error, ValueError, IndexError, KeyError, AttributeError, TypeError)


class OrtFile:
    """An open file. With ``branch`` the nodes are those of that branch of its only ``If``.

    Raises:
        ModelFileError: it is not there, or is no such file.
    """

    def __init__(self, path: Path, *, branch: str = "") -> None:
        self._path = path
        try:
            data = path.read_bytes()
            if not InferenceSession.InferenceSessionBufferHasIdentifier(data, 0):
                raise ValueError("no ORT format")
            graph = InferenceSession.GetRootAs(data, 0).Model().Graph()
            self._weights = _tensors(graph)
            if branch:
                graph = _branch(graph, branch)
                self._weights |= _tensors(graph)
            self._inputs = {
                _text(node.Outputs(0)): [
                    _text(node.Inputs(place)) for place in range(node.InputsLength())
                ]
                for node in (graph.Nodes(place) for place in range(graph.NodesLength()))
            }
        except OSError as error:
            raise ModelFileError(f"expected a graph at {path}, got: {error}") from error
        except _BROKEN as error:
            raise ModelFileError(f"expected an ORT graph in {path}, got: {error}") from error

    def weight(self, name: str) -> NDArray[Any]:
        """A constant. Raises ModelFileError for a name that is none."""
        if name not in self._weights:
            raise ModelFileError(f"expected the weight {name!r} in {self._path}, found none")
        tensor = self._weights[name]
        shape = [tensor.Dims(axis) for axis in range(tensor.DimsLength())]
        return tensor.RawDataAsNumpy().view(_KINDS[tensor.DataType()]).reshape(shape)  # type: ignore[no-any-return]

    def of_shape(self, shape: tuple[int, ...]) -> NDArray[Any]:
        """The only constant of a shape. Raises ModelFileError where none or several have it."""
        found = [
            name
            for name, tensor in self._weights.items()
            if tuple(tensor.Dims(axis) for axis in range(tensor.DimsLength())) == shape
        ]
        if len(found) != 1:
            raise ModelFileError(f"expected one {shape} in {self._path}, got {found}")
        return self.weight(found[0])

    def inputs_of(self, output: str) -> list[str]:
        """What the node reads that makes ``output``; "" where it leaves one out.

        Raises ModelFileError where nothing makes it.
        """
        if output not in self._inputs:
            raise ModelFileError(f"expected {output!r} in {self._path}, nothing makes it")
        return self._inputs[output]


def _tensors(graph: Any) -> dict[str, Any]:
    every = (graph.Initializers(place) for place in range(graph.InitializersLength()))
    return {_text(each.Name()): each for each in every if each.DataType() in _KINDS}


def _branch(graph: Any, name: str) -> Any:
    for place in range(graph.NodesLength()):
        node = graph.Nodes(place)
        for at in range(node.AttributesLength()):
            if _text(node.Attributes(at).Name()) == name:
                return node.Attributes(at).G()
    raise KeyError(name)


def _text(value: bytes | None) -> str:
    return value.decode() if value else ""
