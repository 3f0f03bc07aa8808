"""config/config.yaml: what to run."""

from typing import Annotated, Any, Literal

from pydantic import Field, Tag

from plmbench.study import registries
from plmbench.study.cost_entries import Cost
from plmbench.study.curve_entries import LearningCurve, TaskName
from plmbench.study.fields import (
    Count,
    CountOrText,
    LayerChoice,
    Listed,
    Natural,
    NotNegative,
    Number,
    OneOf,
    Pattern,
    Settings,
    Share,
    choosing,
    form_of,
)
from plmbench.study.perturb_entries import Perturb

Names = Annotated[list[str], Listed(least=0, unique=True)]
SomeNames = Annotated[list[str], Listed(unique=True)]
Poolings = Annotated[list[Annotated[str, OneOf(registries.pooling_names)]], Listed(unique=True)]
Catalogue = dict[str, dict[str, Any]]
NO_TOKENS = "is neither auto nor a number of 1 or more"


Margins = Annotated[
    dict[Annotated[str, OneOf(registries.metric_names)], NotNegative], Listed(least=0)
]


def number_or_mapping(value: object) -> str:
    """Return the tag of what is a number for all, or a mapping by name."""
    return "<mapping>" if isinstance(value, dict) else "<number>"


class Statistics(Settings):
    """How arms are compared."""

    n_bootstrap: Annotated[int, Number(whole=True, least=100)] = Field(
        default=1000,
        description="bootstrap resamples of the test subset, the same ones for every arm",
    )
    seed: Natural = Field(default=0, description="seed of the resamples")
    min_effect: Annotated[
        Annotated[NotNegative, Tag("<number>")] | Annotated[Margins, Tag("<mapping>")],
        choosing(number_or_mapping),
    ] = Field(
        default={},
        description="the smallest gain worth having, in the unit of the data set's metric: a "
        "number, or one per metric; what is not given is 0.01, for mcc 0.02, for ndcg 0.001, and "
        "for rmse not set, so that nothing is `no benefit` by it",
    )


RefitCount = Annotated[int, Number(whole=True, least=5)]


class Refits(Settings):
    """How often probes are fit again on redrawn training rows, and where."""

    count: RefitCount = Field(
        default=5,
        description="redraws of train and validation; fewer than 5 say too little of their spread",
    )
    tasks: Annotated[list[TaskName], Listed(least=0, unique=True)] | None = Field(
        default=None,
        description="of `tasks`, those to refit; all of them if absent, none if empty",
    )
    probes: SomeNames | None = Field(
        default=None,
        description="of `probes`, those to refit; all that run if absent, or if none of these runs "
        "on a task",
    )


def refits_of(value: int | Refits | None) -> Refits | None:
    """Return what the key `refits` says: a number alone is for all tasks and probes."""
    return Refits(count=value) if isinstance(value, int) else value


class ProteinFamilies(Settings):
    """When two proteins are of one family."""

    identity: Share = Field(
        default=0.3, description="least share of aligned residues that are identical"
    )
    coverage: Share = Field(default=0.8, description="least share of both that is aligned")


def clustering_tag(value: object) -> str:
    """Return the form of a setting that is a mapping, or `none`."""
    return form_of(value) if isinstance(value, str | dict | ProteinFamilies) else ""


Clustering = Annotated[
    Annotated[Literal["none"], Tag("<text>")] | Annotated[ProteinFamilies, Tag("<mapping>")],
    choosing(clustering_tag),
]


class Compute(Settings):
    """How to run on this machine."""

    device: Annotated[str, Pattern(r"auto|cpu|cuda|cuda:\d+")] = Field(
        default="auto",
        description="auto takes a CUDA GPU that no other job holds, where there is one; cuda:N is "
        "taken as it is",
    )
    probe_device: Annotated[str, OneOf(lambda: ("cpu", "auto", "cuda"))] = Field(
        default="cpu",
        description="where ridge, logistic and mlp compute: auto takes the GPU of `device` for "
        "layers of 50 MB or more, cuda takes a GPU for all; ask `make gpu` first whether they are "
        "right on yours",
    )
    environment: Annotated[str, OneOf(lambda: ("embed", "embed-cuda"))] = Field(
        default="embed",
        description="the environment of envs/ that networks run in with `--sdm conda`: embed is "
        "for CPUs, embed-cuda for GPUs",
    )
    backend: Annotated[str, OneOf(lambda: ("fast", "reference"))] = Field(
        default="fast",
        description="whose forward pass: fast is ours over the library's weights, reference is the "
        "library's own, slower; they agree to rounding",
    )
    tokens_per_batch: Annotated[
        Annotated[Count, Tag("<number>")]
        | Annotated[str, Pattern(r"auto|[1-9]\d*", NO_TOKENS), Tag("<text>")],
        choosing(form_of),
    ] = Field(
        default="auto", description="tokens in a batch; auto: at most 4096 on a CPU, 65536 on a GPU"
    )


class OwnEntries(Settings):
    """Entries of a user's own, beside those of the catalogues."""

    datasets: Catalogue = Field(default={}, description="as in datasets.yaml")
    models: Catalogue = Field(default={}, description="as in models.yaml")
    probes: Catalogue = Field(default={}, description="as in probes.yaml")
    ablations: Catalogue = Field(default={}, description="as in ablations.yaml")
    recipes: Catalogue = Field(default={}, description="as in recipes.yaml")
    contacts: Catalogue = Field(default={}, description="as in contacts.yaml")


class RunSettings(Settings):
    """What to run: tasks, models, weights and probes, and how to compare them."""

    tasks: Annotated[list[TaskName], Listed()] = Field(
        description="data sets as dataset/split, or dataset alone for all its splits"
    )
    models: SomeNames = Field(description="models to run with every entry of weights")
    checkpoints: Names = Field(
        default=[],
        description="models to run with their pretrained weights only, such as earlier checkpoints",
    )
    weights: SomeNames = Field(
        default=["pretrained"],
        description="`pretrained`, and `<ablation>-<seed>` for each ablation and seed",
    )
    probes: SomeNames = Field(default=["ridge"], description="entries of probes.yaml")
    controls: Names = Field(
        default=[],
        description="entries of probes.yaml to run on the pretrained weights of `models` only, "
        "such as those with permuted labels",
    )
    recipes: Names = Field(
        default=[], description="entries of recipes.yaml that `snakemake pretrain` trains"
    )
    pooling: Poolings = Field(
        default=["mean"],
        description="how residues become one vector per sequence; several are computed in one pass",
    )
    layers: LayerChoice = Field(
        default="all",
        description="for tasks that label residues, the layers whose residues are stored: all, a "
        "list such as [0, 6, -1], or {every: n}",
    )
    dtype: Literal["float32", "float16"] = Field(
        default="float32", description="numbers on disk; float16 halves the files"
    )
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        default="float32",
        description="of the networks' matrix products; below float32 the error is measured on the "
        "data set, stored, and warned of above 1 % of the spread between sequences. Sums and "
        "pooling stay float32",
    )
    shard_residues: CountOrText = Field(
        default=10_000_000,
        description="residues in a shard; a data set with more is embedded in several, each one "
        "job and one file",
    )
    families: Clustering = Field(
        default=ProteinFamilies(),
        description="when MMseqs2 takes two sequences for one family, a unit of every interval: "
        "the least identity, and the least share of both that is aligned; none: each sequence is a "
        "unit, as variants of a wild type always are",
    )
    learning_curve: LearningCurve | None = Field(
        default=None,
        description="what pretraining is worth in labels: the same probes on fewer of them, on "
        "embeddings that are there; nothing of it is run if absent",
    )
    statistics: Statistics = Field(default=Statistics(), description="how arms are compared")
    entries: OwnEntries = Field(
        default=OwnEntries(),
        description="entries of your own, with relative paths that count from this file's folder; "
        "`override: true` in one that takes the place of a shipped one",
    )
    refits: (
        Annotated[
            Annotated[RefitCount, Tag("<number>")] | Annotated[Refits, Tag("<mapping>")],
            choosing(form_of),
        ]
        | None
    ) = Field(
        default=None,
        description="how often probes are fit again on redrawn training and validation rows, 5 "
        "times or more, so that intervals hold what other training data would give; without it "
        "every interval is given these data",
    )
    perturb: Perturb | None = Field(
        default=None, description="what is nudged; absent: nothing, and no job"
    )
    compute: Compute = Field(
        default=Compute(), description="how to run on this machine; never causes a rerun"
    )
    cost: Cost = Field(
        default=Cost(), description="what `snakemake cost` reckons with; never causes a rerun"
    )
