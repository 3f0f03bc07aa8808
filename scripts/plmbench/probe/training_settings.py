"""The settings that every network trained on residues has; torch is not loaded for them."""

from dataclasses import dataclass, field

# What the settings of every training say of two of them.
EPOCHS = {"description": "the most epochs; the best one on validation is kept", "ge": 1}
PATIENCE = {
    "description": "epochs without a gain on validation after which training stops",
    "ge": 1,
}


@dataclass(frozen=True)
class TrainingSettings:
    """How a network is trained on the residues of sequences."""

    epochs: int = field(default=100, metadata=EPOCHS)
    patience: int = field(default=20, metadata=PATIENCE)
    batch_size: int = field(default=64, metadata={"description": "sequences per step", "ge": 1})
    learning_rate: float = field(
        default=1e-3, metadata={"description": "step size (Adam)", "gt": 0}
    )
    weight_decay: float = field(
        default=0.0, metadata={"description": "decay of the weights (AdamW)", "ge": 0}
    )
    dropout: float = field(
        default=0.0, metadata={"description": "share of units left out in a step", "ge": 0}
    )


@dataclass(frozen=True)
class LightAttentionSettings(TrainingSettings):
    """The settings of light_attention."""

    channels: int = field(
        default=0,
        metadata={"description": "of its convolutions; 0: as wide as a residue", "ge": 0},
    )
    kernel_size: int = field(
        default=9, metadata={"description": "residues that a convolution spans", "ge": 1}
    )
    hidden: int = field(
        default=32, metadata={"description": "width of the layer after the pooling", "ge": 1}
    )
