"""config/models.yaml: the networks, and the representations without weights."""

from dataclasses import fields
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, create_model, model_validator

from plmbench.core.modalities import MODALITIES, PROTEIN
from plmbench.core.roles import BASELINE, NETWORK
from plmbench.probe.probe_type import ProbeType
from plmbench.study import registries
from plmbench.study.fields import (
    Count,
    Listed,
    Natural,
    Number,
    OneOf,
    OwnFile,
    Pattern,
    Real,
    Settings,
    Sha256,
    Text,
    Url,
    by_key,
    named,
    plain,
    refused,
)
from plmbench.study.network_settings import Convolutions, ProjectionSize, Writing
from plmbench.study.probe_entries import TaskTypes, check_served, setting
from plmbench.study.run_settings import Poolings

ModelName = Annotated[str, Pattern(r"(?!\.+$)[A-Za-z0-9_.]+")]
Revision = Annotated[str, Pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")]
FileName = Annotated[str, Pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")]
DIRECT_SETTINGS = ("seeds", "max_residues", "select")  # shared with probes
FAMILY = Field(description="the network's class")
Plain = Annotated[bool | int | float | str, BeforeValidator(plain)]
Config = Annotated[dict[Text, Plain], Listed()]
PRETRAINING = Field(
    default=None,
    description="the sequences that it was pretrained on, a FASTA file; test sequences that "
    "stand among them are counted beside the verdict",
)


class About(Settings):
    """What describes a model."""

    title: str | None = Field(default=None, description="name in figures")
    role: Annotated[str, OneOf(registries.roles)] = Field(
        default="network",
        description="a network; or without weights a baseline, which a network has to beat to "
        "benefit from its pretraining, or a negative control, which is flagged where it beats a "
        "network",
    )
    network: str | None = Field(
        default=None,
        description="the network that it is a checkpoint of, or another pretraining of; it joins "
        "that one's figure panel, and its ablations are its own where no others ran",
    )
    pretraining_seed: Natural | None = Field(
        default=None,
        description="which pretraining of `network` it is, where it is another one than the first; "
        "all of them have one recipe, and differ by this seed alone",
    )
    series: str | None = Field(default=None, description="networks that differ only in size")
    parameters: Annotated[int, Number(whole=True)] | None = Field(
        default=None, description="number of parameters, tied ones once"
    )
    pretraining: Real = Field(default=1, description="share of the pretraining done")
    loss: Real | None = Field(default=None, description="held-out pretraining loss in nats")
    licence: Text | None = Field(default=None, description="what its weights may be used for")
    cite: list[Text] | None = Field(
        default=None, description="what to cite, by keys of resources/citations.bib"
    )


CONFIG = Field(
    default=None,
    description="the network's settings by its library's names, as far as its sizes follow from "
    "them; `snakemake params` counts parameters by them where the checkpoint is not here",
)


class Described(Settings):
    """What every model may say."""

    family: str = FAMILY
    about: About = Field(
        default=About(),
        description="what describes the model in tables and figures; never causes a rerun of embed",
    )
    in_verdict: bool | None = Field(
        default=None,
        description="of a baseline, whether it bears on the verdict, so that pretraining has to "
        "beat it; true if absent",
    )

    @model_validator(mode="after")
    def _only_baselines(self) -> Self:
        if self.in_verdict is not None and self.about.role != BASELINE:
            raise refused(
                f"in_verdict is for baselines, and this model's role is {self.about.role}; take "
                "in_verdict out, or set about: {role: baseline}"
            )
        return self


class ModelEntry(Described):
    """What every model with embeddings may say."""

    num_layers: Natural | None = Field(
        default=None, description="blocks of the network; layer 0 is its input embedding"
    )
    hidden_size: Count | None = Field(default=None, description="width of a layer")
    max_length: Annotated[int, Number(whole=True, least=2)] | None = Field(
        default=None, description="the most residues the network takes; any number if absent"
    )
    pooling: Poolings | None = Field(
        default=None, description="poolings to store, instead of those of the configuration"
    )

    @property
    def checkpoint(self) -> bool:
        """Tell whether it says where its checkpoint is."""
        return bool(getattr(self, "path", None) or getattr(self, "url", None))


class Letters(ModelEntry):
    """A representation of letters alone, without weights."""

    family: Annotated[str, OneOf(partial(registries.families, weights=False))] = FAMILY


class Projection(ModelEntry):
    """A random projection of letters, without weights."""

    family: Annotated[
        str, OneOf(partial(registries.families, weights=False, key="architecture"))
    ] = FAMILY
    architecture: ProjectionSize = Field(description="its size")


class Checkpoint(ModelEntry):
    """A network that is read from a checkpoint."""

    family: Annotated[str, OneOf(partial(registries.families, weights=True))] = FAMILY
    url: Url | None = Field(default=None, description="where to download the checkpoint")
    path: OwnFile | None = Field(
        default=None,
        description="a checkpoint that is there, absolute or relative to the repository",
    )
    sha256: Sha256 | None = Field(
        default=None, description="the checkpoint's sha256; a file of another one is refused"
    )
    pretraining_fasta: OwnFile | None = PRETRAINING
    config: Config | None = CONFIG

    @model_validator(mode="after")
    def _one_file(self) -> Self:
        if self.url and self.path:
            raise refused("say where its checkpoint is as url or as path but not both")
        return self


class PixelModel(ModelEntry):
    """The pixels of images, without weights."""

    family: Annotated[str, OneOf(partial(registries.families, weights=False, key="side"))] = FAMILY
    side: Annotated[int, Number(whole=True, least=1, most=64)] = Field(
        description="what width and height images are scaled to, in pixels"
    )


class ConvolutionalCheckpoint(Checkpoint):
    """A network of convolutions that is read from a checkpoint."""

    family: Annotated[
        str, OneOf(partial(registries.families, weights=True, key="architecture"))
    ] = FAMILY
    architecture: Convolutions | None = Field(
        default=None, description="its settings, for a checkpoint that does not hold them"
    )


class Folder(ModelEntry):
    """A network of transformers that is read from a folder as the hub has it."""

    family: Annotated[str, OneOf(partial(registries.families, weights=True, key="writing"))] = (
        FAMILY
    )
    url: Url | None = Field(default=None, description="the repository to download it from")
    revision: Revision | None = Field(
        default=None, description="of the repository: a commit, or a branch, which may move"
    )
    files: Annotated[list[FileName], Listed(unique=True)] | None = Field(
        default=None, description="what is downloaded: config.json, the weights, the tokenizer's"
    )
    path: OwnFile | None = Field(
        default=None, description="a folder that is there, absolute or relative to the repository"
    )
    sha256: Sha256 | None = Field(
        default=None, description="the sha256 of the folder's files; other ones are refused"
    )
    modality: Annotated[str, OneOf(registries.modalities)] | None = Field(
        default=None,
        description="the examples that it reads: protein if absent, image or text; it runs on data "
        "sets of these alone",
    )
    part: Literal["encoder", "decoder", "text_model", "vision_model"] | None = Field(
        default=None,
        description="which part of a network that has several; of encoder and decoder the encoder "
        "if absent",
    )
    writing: Writing | None = Field(
        default=None, description="how residues are written; as the model's type has it if absent"
    )
    pretraining_fasta: OwnFile | None = PRETRAINING
    config: Config | None = CONFIG

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        download = [self.url, self.revision, self.files]
        if self.path and any(download):
            raise refused("say where its folder is as url or as path but not both")
        if any(download) and not all(download):
            raise refused("a download needs url, revision and files")
        return self

    @model_validator(mode="after")
    def _of_its_modality(self) -> Self:
        if self.modality in (None, PROTEIN):
            return self
        for key in ("writing", "pretraining_fasta"):
            if getattr(self, key) is not None:
                plural = MODALITIES[str(self.modality)].plural
                raise refused(f"{key} is for proteins, and this model reads {plural}; take it out")
        return self


class Direct(Described):
    """A baseline that predicts from the sequences themselves, without an embedding or a probe."""

    task_types: TaskTypes | None = Field(
        default=None, description="the types of task to run it on; all that it serves if absent"
    )
    select: str | None = None

    @model_validator(mode="after")
    def _serves(self) -> Self:
        check_served(registries.methods()[self.family], self.task_types, self.select)
        if self.about.role == NETWORK:
            raise refused(
                "a model without embeddings is no network to study; "
                "set about: {role: baseline}, or control"
            )
        return self


def direct_form(name: str, method: ProbeType) -> type[Direct]:
    """Return the form of the entries of a supervised method, made from what it declares."""
    shared = {each.name: each for each in fields(registries.common_probe_settings())}
    declared = [*fields(method.settings), *(shared[key] for key in DIRECT_SETTINGS)]
    members: dict[str, Any] = {each.name: setting(each, filled=False) for each in declared}
    members["family"] = (Annotated[str, OneOf(lambda: (name,))], FAMILY)
    title = "".join(part.title() for part in name.split("_"))
    return create_model(
        f"{title}Model", __base__=Direct, __doc__=method.settings.__doc__, **members
    )


DIRECT_FORMS: tuple[type[Direct], ...] = tuple(
    direct_form(*item) for item in registries.methods().items()
)
FORMS: tuple[type[Described], ...] = (
    *DIRECT_FORMS,
    Letters,
    Projection,
    PixelModel,
    Checkpoint,
    ConvolutionalCheckpoint,
    Folder,
)
MODELS = named(ModelName, by_key("family", FORMS))
