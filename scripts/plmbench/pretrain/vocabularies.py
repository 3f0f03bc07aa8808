"""Tokenizers of networks that are trained here: a letter is a token, and a few marks are, too."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from plmbench.core.alphabet import LETTERS

SENTINELS = 100  # marks of spans, as many as T5 has


def sentinel_names(count: int) -> list[str]:
    """Return the names that T5 gives to the marks of spans."""
    return [f"<extra_id_{number}>" for number in range(count)]


class Vocabulary(NamedTuple):
    """Which tokens a class has beside letters, and where they stand in a text."""

    special: dict[str, str]  # {role, as the library names it: token}; their order is their number
    template: str = "$A"  # a text with what stands around it
    sentinels: int = 0
    spaced: bool = True  # letters between spaces, or side by side
    words: tuple[str, ...] = ()  # all tokens in order, where others are there than these

    @property
    def tokens(self) -> list[str]:
        """Return all tokens in the order of their numbers."""
        made = [*self.special.values(), *LETTERS, *sentinel_names(self.sentinels)]
        return list(self.words) or made


BERT = Vocabulary(
    {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"},
    "[CLS] $A [SEP]",
)
BART = Vocabulary(
    {"bos": "<s>", "pad": "<pad>", "eos": "</s>", "unk": "<unk>"}, "<s> $A </s>", SENTINELS
)
T5 = Vocabulary({"pad": "<pad>", "eos": "</s>", "unk": "<unk>"}, "$A </s>", SENTINELS)
GPT2 = Vocabulary({"eos": "<|endoftext|>", "unk": "<unk>"}, spaced=False)


def tokenizer_of(vocabulary: Vocabulary) -> Any:
    """Return a fast tokenizer of transformers."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

    from plmbench.models.hub_networks import library

    numbers = {word: number for number, word in enumerate(vocabulary.tokens)}
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token=vocabulary.special["unk"]))
    tokenizer.pre_tokenizer = (
        pre_tokenizers.WhitespaceSplit()
        if vocabulary.spaced
        else pre_tokenizers.Split(Regex("."), "isolated")
    )
    around: Sequence[str] = [part for part in vocabulary.template.split() if part != "$A"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=vocabulary.template, special_tokens=[(part, numbers[part]) for part in around]
    )
    names = {f"{role}_token": token for role, token in vocabulary.special.items()}
    return library().PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        extra_special_tokens=sentinel_names(vocabulary.sentinels),
        **names,
    )
