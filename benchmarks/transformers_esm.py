"""transformers' EsmModel with a network's own weights, its attention that of torch (SDPA).

It has ESM-1b and ESM-2, not ESM-1 and CARP.
"""

import torch

from plmbench.models.esm import Esm1b, Esm2
from plmbench.models.loading import TakingOver

POSITIONS = {Esm1b: "absolute", Esm2: "rotary"}
NAMES = {  # fair-esm's parameters of a block, and transformers'
    "self_attn.q_proj": "attention.self.query",
    "self_attn.k_proj": "attention.self.key",
    "self_attn.v_proj": "attention.self.value",
    "self_attn.out_proj": "attention.output.dense",
    "self_attn_layer_norm": "attention.LayerNorm",
    "fc1": "intermediate.dense",
    "fc2": "output.dense",
    "final_layer_norm": "LayerNorm",
}
OTHERS = {  # those beside the blocks
    "embed_tokens": "embeddings.word_embeddings",
    "embed_positions": "embeddings.position_embeddings",
    "emb_layer_norm_before": "embeddings.layer_norm",
    "emb_layer_norm_after": "encoder.emb_layer_norm_after",
}
UNUSED = ("contact_head", "rotary_embeddings")  # no embedding passes through; not learnt


def renamed(name):
    """Return transformers' name of a parameter of fair-esm, or None where it has no such one."""
    module, _, kind = name.rpartition(".")
    if module in OTHERS:
        return f"{OTHERS[module]}.{kind}"
    if module.startswith("layers."):
        _, number, rest = module.split(".", 2)
        return f"encoder.layer.{number}.{NAMES[rest]}.{kind}" if rest in NAMES else None
    return None


def configuration(encoder):
    """Return the EsmConfig of an encoder's network."""
    from transformers import EsmConfig

    alphabet, layers = encoder.alphabet, encoder.module.layers
    return EsmConfig(
        layer_norm_eps=1e-5,  # as published configs and fair-esm have it; the default is another
        vocab_size=len(alphabet),
        mask_token_id=alphabet.mask_idx,
        pad_token_id=alphabet.padding_idx,
        hidden_size=encoder.hidden_size,
        num_hidden_layers=encoder.num_layers,
        num_attention_heads=layers[0].self_attn.num_heads,
        intermediate_size=layers[0].fc1.out_features,
        max_position_embeddings=1026,
        position_embedding_type=POSITIONS[type(encoder)],
        emb_layer_norm_before=type(encoder) is Esm1b,
        token_dropout=True,
        attn_implementation="sdpa",
    )


def as_transformers(encoder, device="cpu", dtype=torch.float32):
    """Return a function of fair-esm's tokens [sequence, token] to {layer: states [sequence, token,
    dim]}, by transformers' model with the encoder's weights, on a device and in a precision; None
    for a class it lacks.

    Raises RuntimeError where a weight is left over or missing.
    """
    if type(encoder) not in POSITIONS:
        return None
    from transformers import EsmModel

    with TakingOver(), torch.device(device):  # where it will be, and no first weights are drawn
        model = EsmModel(configuration(encoder), add_pooling_layer=False).eval()
    weights = {renamed(name): value for name, value in encoder.module.state_dict().items()}
    weights.pop(None, None)
    left = model.load_state_dict(weights, strict=False)
    missing = [name for name in left.missing_keys if not name.startswith(UNUSED)]
    if left.unexpected_keys or missing:
        raise RuntimeError(f"not the same parameters: {left.unexpected_keys}, {missing}")
    padding = encoder.alphabet.padding_idx
    model.to(device, dtype)

    def states(tokens):
        mask = (tokens != padding).long()
        found = model(tokens, attention_mask=mask, output_hidden_states=True, return_dict=True)
        return dict(enumerate(found.hidden_states))

    return torch.no_grad()(states)
