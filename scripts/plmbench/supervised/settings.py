"""The settings of supervised networks; torch is not loaded for them."""

from dataclasses import dataclass, field

from plmbench.probe.training_settings import TrainingSettings


@dataclass(frozen=True)
class CnnSettings(TrainingSettings):
    """The settings of cnn."""

    channels: int = field(
        default=1024,
        metadata={"description": "of the convolution; the linear layer has twice as many", "ge": 1},
    )
    kernel_size: int = field(
        default=5, metadata={"description": "residues that the convolution spans", "ge": 1}
    )


@dataclass(frozen=True)
class GraphNetSettings(TrainingSettings):
    """The settings of graphnet."""

    dropout: float = field(
        default=0.5,
        metadata={
            "description": "share of units left out in a step, after the k-mers' residual block; "
            "a fifth of it after their first convolution",
            "ge": 0,
        },
    )


@dataclass(frozen=True)
class NearestSettings:
    """The settings of nearest."""

    coverage: float = field(
        default=0.8,
        metadata={
            "description": "the least share of a sequence that an alignment with the nearest "
            "training sequence covers",
            "gt": 0,
        },
    )
