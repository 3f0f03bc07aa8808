"""ESM-2 as transformers has it: its names and settings, of a tiny network of fair-esm's."""

from helpers import networks

SIZES = networks.SIZES["esm2"]
SETTINGS = {  # of config.json, as transformers writes it for ESM-2
    "model_type": "esm",
    "hidden_size": SIZES["hidden_size"],
    "num_hidden_layers": SIZES["num_layers"],
    "num_attention_heads": SIZES["num_heads"],
    "position_embedding_type": "rotary",
    "emb_layer_norm_before": False,
    "token_dropout": True,
}
# transformers.models.esm.modeling_esm: what fair-esm's names are there.
THEIRS = {
    "embed_tokens": "esm.embeddings.word_embeddings",
    "emb_layer_norm_after": "esm.encoder.emb_layer_norm_after",
    "contact_head": "esm.contact_head",
    "self_attn.q_proj": "attention.self.query",
    "self_attn.k_proj": "attention.self.key",
    "self_attn.v_proj": "attention.self.value",
    "self_attn.rot_emb": "attention.self.rotary_embeddings",
    "self_attn.out_proj": "attention.output.dense",
    "self_attn_layer_norm": "attention.LayerNorm",
    "final_layer_norm": "LayerNorm",
    "fc1": "intermediate.dense",
    "fc2": "output.dense",
    "layers": "esm.encoder.layer",
}


def their_name(name):
    """Return transformers' name of a tensor of fair-esm's ESM2."""
    if name == "lm_head.weight":
        return "lm_head.decoder.weight"
    for ours, theirs in THEIRS.items():
        name = name.replace(ours, theirs)
    return name


def masked_language_model():
    """Return a small network as transformers' EsmForMaskedLM keeps it."""
    state = networks.random_network("esm2").state_dict()
    return {their_name(name): tensor for name, tensor in state.items()}
