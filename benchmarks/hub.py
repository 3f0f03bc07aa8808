"""Networks of the library transformers, of any size and with random weights, as encoders."""

from benchmarks.weights import drawn
from plmbench.core.alphabet import LETTERS
from plmbench.models.hub_networks import Network, blocks_of, library, tower_of
from plmbench.models.residue_texts import Letters
from plmbench.models.transformers import Transformer

WORDS, FIRST = 40, 5  # tokens, of which residues come after FIRST others
POSITIONS = 1024  # residues, and two tokens around them


def sizes_of(layers, dim, heads):
    """Return what the configurations of BERT and of ALBERT have in common."""
    return {
        "vocab_size": WORDS,
        "num_hidden_layers": layers,
        "hidden_size": dim,
        "num_attention_heads": heads,
        "intermediate_size": 4 * dim,
        "max_position_embeddings": POSITIONS,
    }


def bert(hub, layers, dim, heads):
    """Return the library's BERT."""
    return hub.BertModel(hub.BertConfig(**sizes_of(layers, dim, heads)), add_pooling_layer=False)


def albert(hub, layers, dim, heads):
    """Return the library's ALBERT, whose one block is applied `layers` times."""
    config = hub.AlbertConfig(**sizes_of(layers, dim, heads))
    return hub.AlbertModel(config, add_pooling_layer=False)


def t5(hub, layers, dim, heads):
    """Return the library's encoder of T5."""
    sizes = {"num_layers": layers, "d_model": dim, "num_heads": heads, "d_kv": dim // heads}
    return hub.T5EncoderModel(hub.T5Config(vocab_size=WORDS, d_ff=4 * dim, **sizes))


def gpt2(hub, layers, dim, heads):
    """Return the library's GPT-2."""
    sizes = {"n_layer": layers, "n_embd": dim, "n_head": heads, "n_positions": POSITIONS}
    return hub.GPT2Model(hub.GPT2Config(vocab_size=WORDS, bos_token_id=2, eos_token_id=3, **sizes))


def letters():
    """Return what makes tokens: letters between two tokens of their own, and padding."""
    return Letters({letter: i for i, letter in enumerate(LETTERS, FIRST)}, [2], [3])


def encoder_around(network, tokens):
    """Return the encoder of a network of the library; tokens: what makes tokens of sequences."""
    network.set_attn_implementation("sdpa")
    tower, part = tower_of(None, network, None)
    whole = Network(network, tower, part, [])
    return Transformer(whole, blocks_of(None, tower), tokens, "float32")


def encoder_by(build):
    """Return a function of layers, width and heads to an encoder of random weights."""

    def made(layers, dim, heads):
        network = build(library(), layers, dim, heads).eval()
        drawn(network)  # before: what an encoder says of its network, it measures
        return encoder_around(network, letters())

    return made


HUB = {kind.__name__: encoder_by(kind) for kind in (bert, albert, t5, gpt2)}
