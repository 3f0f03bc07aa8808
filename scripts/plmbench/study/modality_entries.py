"""config/datasets.yaml: data sets of images and of texts, beside those of proteins."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, Union

from pydantic import Discriminator, Field, Tag, model_validator

from plmbench.core.modalities import IMAGE, MODALITIES, TEXT
from plmbench.study.dataset_entries import FORMS as PROTEIN_FORMS
from plmbench.study.dataset_entries import SPLITS, Dataset, Split
from plmbench.study.fields import (
    Listed,
    Settings,
    Word,
    choosing,
    key_tag,
    named,
    refused,
    values_of,
)
from plmbench.study.source_entries import OWN_TESTS, OwnTest, TestSource

# Keys of a data set that speak of residues, and of no other example.
OF_PROTEINS = ("wild_type", "slice", "nonstandard_residues", "families")
MODALITY = Field(
    description="what its examples are: proteins if absent, images, or texts; only models of the "
    "same modality run on it"
)


class OtherColumns(Settings):
    """What a table of images or texts calls its columns."""

    target: str | None = Field(default=None, description="column of targets")
    set: str | None = Field(default=None, description="column of subsets, train or test")
    validation: str | None = Field(default=None, description="column of flags for validation")
    id: str | None = Field(default=None, description="column of unique ids")


class ImageColumns(OtherColumns):
    """What a table of images calls its columns."""

    image: str | None = Field(default=None, description="column of images")


class TextColumns(OtherColumns):
    """What a table of texts calls its columns."""

    text: str | None = Field(default=None, description="column of texts")


NAMES = Field(
    default=None,
    description="the file's names of the columns image or text, target, set, "
    "validation, id, where they differ",
)


OWN_TEST = Field(
    default=None,
    description="a file of its own for the test subset, instead of the split's own test rows",
)


ARCHIVED = (
    "sha256: the table of an archive is unpacked with its images, so that its file is another one; "
    "give the archive's sha256, under download"
)


def by_set(modality: str) -> Discriminator:
    """Return the choice of a named test set's form: a table of its own, or the split's own test
    rows."""

    def tag_of_set(value: object) -> str:
        own = isinstance(value, OwnTest) or value == {}
        return "<own>" if own else f"<modality {modality}>"

    return choosing(tag_of_set)


class ImageTest(TestSource):
    """A CSV of images."""

    columns: ImageColumns | None = NAMES

    @model_validator(mode="after")
    def _one_digest(self) -> Self:
        if self.download and self.path and self.sha256:
            raise refused(ARCHIVED)
        return self


OwnRows = Annotated[OwnTest, Tag("<own>")]
ImageTable = Annotated[ImageTest, Tag("<modality image>")]
AnyImageTest = Annotated[ImageTable | OwnRows, by_set(IMAGE)]


class ImageSplit(Split):
    """One split, a CSV of images."""

    test: ImageTest | None = OWN_TEST  # type: ignore[assignment]
    tests: Annotated[dict[Word, AnyImageTest], Listed()] | None = OWN_TESTS  # type: ignore[assignment]
    columns: ImageColumns | None = NAMES


class TextTest(TestSource):
    """A CSV of texts."""

    columns: TextColumns | None = NAMES


TextTable = Annotated[TextTest, Tag("<modality text>")]
AnyTextTest = Annotated[TextTable | OwnRows, by_set(TEXT)]


class TextSplit(Split):
    """One split, a CSV of texts."""

    test: TextTest | None = OWN_TEST  # type: ignore[assignment]
    tests: Annotated[dict[Word, AnyTextTest], Listed()] | None = OWN_TESTS  # type: ignore[assignment]
    columns: TextColumns | None = NAMES


class OtherDataset(Dataset):
    """A data set whose examples are no proteins."""

    own: ClassVar[str]  # its modality
    format: Literal["csv"] = Field(default="csv", description="a CSV (also .csv.gz)")

    @model_validator(mode="after")
    def _of_no_proteins(self) -> Self:
        kind = MODALITIES[self.own]
        for key in OF_PROTEINS:
            if key in self.model_fields_set:
                raise refused(f"{key} is for proteins, and these are {kind.plural}; take it out")
        if self.task_type not in kind.task_types:
            raise refused(
                f"task_type: {self.task_type!r} is not for {kind.plural}; choose one of "
                + ", ".join(kind.task_types)
            )
        for pooling in self.pooling or []:
            if pooling not in kind.poolings:
                raise refused(
                    f"pooling: {pooling!r} is not for {kind.plural}; choose of "
                    + ", ".join(kind.poolings)
                )
        if self.long_sequences not in kind.length_policies:
            raise refused(
                f"long_sequences: {self.long_sequences!r} is not for {kind.plural}; choose of "
                + ", ".join(kind.length_policies)
            )
        return self


class ImageDataset(OtherDataset):
    """A data set of images."""

    own = IMAGE
    modality: Literal["image"] = MODALITY  # type: ignore[assignment]
    columns: ImageColumns | None = NAMES
    splits: Annotated[dict[Word, ImageSplit], Listed()] = SPLITS

    @model_validator(mode="after")
    def _one_digest(self) -> Self:
        for name, split in self.splits.items():
            if self.download and split.path and split.sha256:
                raise refused(f"splits: {name}: {ARCHIVED}")
        return self


class TextDataset(OtherDataset):
    """A data set of texts."""

    own = TEXT
    modality: Literal["text"] = MODALITY  # type: ignore[assignment]
    columns: TextColumns | None = NAMES
    splits: Annotated[dict[Word, TextSplit], Listed()] = SPLITS


OTHERS: Mapping[str, type[OtherDataset]] = {IMAGE: ImageDataset, TEXT: TextDataset}


def tag_of(value: Any) -> str:
    """Return the tag of the form that a data set has: its format, or of others than proteins its
    modality."""
    given = value.get("modality") if isinstance(value, dict) else getattr(value, "modality", None)
    if isinstance(given, str) and given in OTHERS:
        return f"<modality {given}>"
    return key_tag("format", "csv")(value)


FORMS = (
    *(
        Annotated[f, Tag(f"<format {name}>")]
        for f in PROTEIN_FORMS
        for name in values_of(f, "format")
    ),
    *(Annotated[form, Tag(f"<modality {name}>")] for name, form in OTHERS.items()),
)
DATASETS = named(Word, Annotated[Union[FORMS], choosing(tag_of)])  # noqa: UP007
