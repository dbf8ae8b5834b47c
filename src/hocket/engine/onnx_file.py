"""Writes an ONNX graph node by node, its weights beside it.

Law: a weight goes to disk as soon as it is given and is not kept, so that writing a model costs no
more memory than its largest matrix, and ONNX Runtime can map the weights instead of parsing them.
Source: ONNX IR, "External Tensor Data".
"""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from hocket.engine.packing import pack

_ALIGN_BYTES = 4096  # a page, so that the runtime can map each weight
MICROSOFT = "com.microsoft"  # ONNX Runtime's own operators


class OnnxFile:
    """A graph under construction: ``<stem>.onnx`` and ``<stem>.bin`` in a directory."""

    def __init__(self, directory: Path, stem: str) -> None:
        self._path = directory / f"{stem}.onnx"
        self._bin_name = f"{stem}.bin"
        self._bin = (directory / self._bin_name).open("wb")
        self._nodes: list[Any] = []
        self._weights: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bin.close()
        if error is None:
            self._save()

    def input(self, name: str, shape: list[int | str], kind: int = TensorProto.FLOAT) -> str:
        """Declare an input; a dimension that is a word is free."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, shape: list[int | str]) -> None:
        """Declare a float output that some node gives."""
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def node(self, op: str, inputs: list[str], outputs: list[str], **attributes: Any) -> str:
        """Add a node and return its first output's name."""
        self._nodes.append(helper.make_node(op, inputs, outputs, name=outputs[0], **attributes))
        return outputs[0]

    def weight(self, name: str, values: NDArray[Any]) -> str:
        """Write a constant to disk and return its name."""
        self._bin.write(b"\0" * (-self._bin.tell() % _ALIGN_BYTES))
        offset, data = self._bin.tell(), np.ascontiguousarray(values)
        self._bin.write(data.data)
        tensor = TensorProto(
            name=name,
            dims=values.shape,
            data_type=helper.np_dtype_to_tensor_dtype(values.dtype),
            data_location=TensorProto.EXTERNAL,
        )
        for key, value in (
            ("location", self._bin_name),
            ("offset", offset),
            ("length", data.nbytes),
        ):
            tensor.external_data.add(key=key, value=str(value))
        self._weights.append(tensor)
        return name

    def integers(self, name: str, values: list[int]) -> str:
        """A constant inside the graph itself, where shapes and axes have to stand."""
        return self.node("Constant", [], [name], value_ints=values)

    def linear(
        self, x: str, name: str, weight_OI: NDArray[np.float32], *, block: int | None
    ) -> str:
        """``x @ weight.T``: in 8-bit blocks of ``block``, or in float32 when that is None."""
        if block is None:
            return self.node("MatMul", [x, self.weight(f"{name}.T", weight_OI.T)], [f"{name}.out"])
        packed = pack(weight_OI, block=block)
        return self.node(
            "MatMulNBits",
            [
                x,
                self.weight(f"{name}.q", packed.steps),
                self.weight(f"{name}.scales", packed.scales.reshape(-1)),
            ],
            [f"{name}.out"],
            domain=MICROSOFT,
            K=weight_OI.shape[1],
            N=weight_OI.shape[0],
            bits=8,
            block_size=block,
            accuracy_level=4,  # multiply in int8: activations are rounded per block too
        )

    def _save(self) -> None:
        graph = helper.make_graph(
            self._nodes, self._path.stem, self._inputs, self._outputs, initializer=self._weights
        )
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), self._path)
