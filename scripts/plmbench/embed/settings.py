"""What an embedding job is told: names, network, ablation, how embeddings are stored, and where
they are computed. Made of the JSON and the configuration that a rule hands over."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from plmbench.core.families import Ablation


@dataclass(frozen=True)
class Files:
    """What a job reads, and the file that it writes."""

    sequences: Path | str  # the table of sequences
    embeddings: Path | str
    sites: Path | str | None = None  # the table of positions of mutation, for poolings that need it
    checkpoint: Path | str | None = None  # None for a family without weights


@dataclass(frozen=True)
class Names:
    """The wildcards of a job."""

    dataset: str
    model: str
    weights: str
    shard: str | None = None  # of a data set in several shards

    def attributes(self) -> dict[str, str]:
        """Return the names that there are, as a file of embeddings has them."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Network:
    """The keys of a model's entry that decide its embeddings."""

    encoder: str  # module and class within plmbench.models
    max_length: int | None = None  # in residues
    settings: Mapping[str, Any] = field(default_factory=dict)  # the others: see `load_encoder`

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> "Network":
        """Make the settings of an entry, with the name of its encoder."""
        settings = {key: entry[key] for key in entry if key not in ("encoder", "max_length")}
        return cls(entry["encoder"], entry.get("max_length"), settings)


@dataclass(frozen=True)
class Storage:
    """What is stored of each sequence, and under which policies."""

    poolings: list[str]
    layers: str | list[int] | dict[str, int]  # of residues: see core.layers
    dtype: str  # on the disk
    precision: str  # of the computation
    nonstandard_residues: str
    long_sequences: str


@dataclass(frozen=True)
class Compute:
    """Where and how a job computes; decides no more than the last digits of a result."""

    device: str
    backend: str
    tokens_per_batch: int | str  # a number, or `auto`
    threads: int | None = None  # None: as many as torch has

    @classmethod
    def read(cls, settings: Mapping[str, Any], threads: int | None = None) -> "Compute":
        """Make the settings of the configuration's `compute`, of which a job needs a part."""
        own = {key.name for key in fields(cls)} - {"threads"}
        return cls(**{key: settings[key] for key in own}, threads=threads)


@dataclass(frozen=True)
class Job:
    """All that decides the content of a file of embeddings, beside the files that are read."""

    names: Names
    network: Network
    storage: Storage
    ablation: Ablation | None  # None: the weights stay as they are
    code: str  # the digest of what computes them

    @classmethod
    def read(
        cls,
        names: Mapping[str, str],
        network: Mapping[str, Any],
        storage: Mapping[str, Any],
        ablation: Mapping[str, Any] | None,
        code: str,
    ) -> "Job":
        """Make a job of a rule's wildcards and parameters."""
        redrawn = Ablation.read(ablation) if ablation else None
        return cls(Names(**names), Network.read(network), Storage(**storage), redrawn, code)
