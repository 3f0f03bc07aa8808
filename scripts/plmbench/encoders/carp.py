"""CARP, dilated convolutions after ByteNet (Yang, Fusi & Lu 2024), through sequence-models.

The last layer is the last block's output, before the decoder's LayerNorm, as in the library.
"""

from torch import nn

from plmbench.checkpoints import load_checkpoint
from plmbench.errors import InputError

ARCHITECTURE = ("d_embed", "d_model", "n_layers", "kernel_size", "activation", "slim", "r")


class Carp:
    """A CARP network; no token but residues and padding."""

    def __init__(self, module, collate):
        self.module, self.collate = module, collate
        self.layers = len(module.model.embedder.layers)
        self.dim = module.model.embedder.up_embedder.conv.out_channels

    @classmethod
    def load(cls, name, checkpoint, sha256=None, architecture=None):
        """Read a checkpoint in sequence-models' layout; return the encoder and its sha256.

        `architecture` gives the settings that the study's partial checkpoints leave out.
        """
        # Half a second, which a job of another family need not pay.
        from sequence_models.collaters import SimpleCollater
        from sequence_models.constants import PROTEIN_ALPHABET
        from sequence_models.pretrained import load_carp

        data, digest = load_checkpoint(checkpoint, sha256)
        settings = {"model": "carp", **(architecture or {}), **data}
        missing = [key for key in (*ARCHITECTURE, "model_state_dict") if key not in settings]
        if missing:
            raise InputError(
                f"checkpoint {checkpoint}: lacks {', '.join(missing)}; state what is missing under "
                f"architecture of model {name} in config/models.yaml"
            )
        state = settings["model_state_dict"]
        settings["model_state_dict"] = {key.removeprefix("module."): state[key] for key in state}
        try:
            module = load_carp(settings)
        except RuntimeError as error:
            raise InputError(f"checkpoint {checkpoint}: {error}") from error
        return cls(module, SimpleCollater(PROTEIN_ALPHABET, pad=True)), digest

    def tokenize(self, sequences):
        """Return int64 [sequence, token], padded on the right; `#` is the library's mask."""
        return self.collate([[sequence] for sequence in sequences])[0]

    def residues(self, tokens):
        """Return bool [sequence, token]. The padding index is `-`, so a gap would be padding."""
        return tokens != self.module.pad_idx

    def embed(self, tokens, sink):
        """Hand each layer's states [sequence, token, dim] to `sink`.

        The loop is that of the library's `CARP.forward`, which would keep every layer.
        """
        embedder: nn.Module = self.module.model.embedder
        residues = self.residues(tokens)
        # Without padding there is nothing to mask: the library's product with the mask is left out.
        mask = None if residues.all() else residues.unsqueeze(-1).float()
        states = embedder._embed(tokens)
        sink(0, states)
        for layer, block in enumerate(embedder.layers, start=1):
            states = block(states, input_mask=mask)
            sink(layer, states)
