"""The base model's file, and a paragraph to read with it."""

from hocket.weights.store import path_of

SMOLLM2_PATH = path_of("smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf")

PARAGRAPH = (
    "The old lighthouse stood at the end of a narrow spit of land, where the river met the sea. "
    "Every evening, just before dark, the keeper climbed the hundred and twelve steps to the lamp "
    "room, cleaned the glass, and lit the lamp. Ships far out on the water could see its beam "
    "turning slowly over the waves, and they knew that they were close to home."
)
