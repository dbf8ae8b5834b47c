import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from hocket.model.gguf_file import GgufFile
from hocket.model.tokenizer import tokenizer_of
from tests.model.base import SMOLLM2_PATH

pytestmark = pytest.mark.models
_built: list[Tokenizer] = []


def tokenizer() -> Tokenizer:
    if not _built:
        _built.append(tokenizer_of(GgufFile(SMOLLM2_PATH)))
    return _built[0]


# The vocabulary has no token for 6 control bytes and for lead bytes of unassigned planes.
TEXT = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], include_characters="\n\t\r")

# Ids of the published tokenizer (from its chat template's default system turn).
SYSTEM_TURN = (
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
    "<|im_end|>\n<|im_start|>user\n"
)
SYSTEM_IDS = [
    *(1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173, 3365, 3511, 308, 34519, 28),
    *(7018, 411, 407, 19712, 8182, 2, 198, 1, 4093, 198),
]


def test_ids_are_the_published_ones() -> None:
    assert tokenizer().encode(SYSTEM_TURN).ids == SYSTEM_IDS


def test_digits_stand_alone() -> None:
    assert tokenizer().encode("1207").tokens == ["1", "2", "0", "7"]


@settings(max_examples=300, deadline=None)
@given(st.text(TEXT, max_size=60))
def test_text_survives_a_round_trip(text: str) -> None:
    ids = tokenizer().encode(text).ids
    assert tokenizer().decode(ids, skip_special_tokens=False) == text
    assert all(0 <= index < 49_152 for index in ids)


def test_control_bytes_without_a_token_are_left_out() -> None:
    assert (
        tokenizer().encode("a\x06b").ids
        == tokenizer().encode("a").ids + tokenizer().encode("b").ids
    )
