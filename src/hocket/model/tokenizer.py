"""SmolLM2's tokenizer, rebuilt from the vocabulary and merges in the model's own file.

Law: it gives the same ids as the tokenizer that the model was trained with. Source: SmolLM2's
published tokenizer: digits one by one, then GPT-2's byte-level split, byte-pair encoding without
normalisation, and the special tokens taken out of the text first. Six control bytes (such as 0x06) have no
token and vanish, there as here.
"""

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from hocket.model.gguf_file import GgufFile


def tokenizer_of(source: GgufFile) -> Tokenizer:
    """The tokenizer of a GGUF file. Decode with ``skip_special_tokens=False`` for a round trip."""
    vocab = {token: index for index, token in enumerate(source.tokens())}
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=source.merges(), fuse_unk=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(t, special=True, normalized=False) for t in source.special_tokens()]
    )
    return tokenizer
