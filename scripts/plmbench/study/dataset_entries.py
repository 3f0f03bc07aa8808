"""config/datasets.yaml: data sets and their splits."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from plmbench.core.canonical import canonical
from plmbench.study import registries
from plmbench.study.fields import (
    Count,
    Index,
    Listed,
    Natural,
    OneOf,
    OwnFile,
    Settings,
    Text,
    Word,
    refused,
)
from plmbench.study.run_settings import Clustering, Poolings
from plmbench.study.size_entries import Size
from plmbench.study.source_entries import (
    COLUMNS,
    DOWNLOAD,
    FORMAT,
    MASK,
    OWN_TESTS,
    SEQUENCES,
    AnyNamedTest,
    AnyTest,
    Columns,
    Download,
    Source,
)

ONLY_PROTEIN = WithJsonSchema({"const": "protein"})


class Rows(Settings):
    """How many rows each subset must have."""

    train: Natural | None = Field(default=None, description="rows of train without validation")
    validation: Natural | None = Field(default=None, description="rows of validation")
    test: Natural | None = Field(default=None, description="rows of test")


def check_apart(name: str, source: Settings, seen: dict[str, str]) -> None:
    """Note a test set in `seen`, {what it is: its name}; raises the error of one that is another
    one again, or whose name is another's to some file systems."""
    # Neither says which files these are: a checksum, and the format that goes without saying.
    files = source.model_dump(exclude_none=True, exclude={"sha256"})
    if files.get("format") == "csv":
        del files["format"]
    for what in (f"files {canonical(files)}", f"name {name.lower()}"):
        if what in seen:
            alike = "have the same files" if what.startswith("files") else "differ in case alone"
            raise refused(
                f"tests: {seen[what]} and {name} {alike}; a test set stands once, under a name "
                "of its own"
            )
        seen[what] = name


class Split(Source):
    """One split of a data set."""

    rows: Rows | None = Field(
        default=None,
        description="how many rows the subsets must have; a file with others is refused",
    )
    test: AnyTest | None = Field(
        default=None,
        description="a file of its own for the test subset, instead of the split's own test rows",
    )
    tests: Annotated[dict[Word, AnyNamedTest], Listed()] | None = OWN_TESTS
    published: Annotated[str, OneOf(registries.published_verdicts)] | None = Field(
        default=None,
        description="the verdict of the published study on this task, or on each of the split's "
        "test sets, to set beside ours",
    )
    size: Size | None = Field(
        default=None,
        description="about how much it holds; read by `snakemake cost` alone, where the files are "
        "not there yet",
    )

    @model_validator(mode="after")
    def _tests_apart(self) -> Self:
        tests = self.tests or {}
        if tests and self.test is not None:
            raise refused("has both test and tests; give that of test a name under tests")
        if tests and self.rows and self.rows.test is not None:
            raise refused(
                "rows: test is of one test set, and there are tests; say train and validation "
                "there, and give each test set a sha256"
            )
        seen: dict[str, str] = {}
        for name, source in tests.items():
            check_apart(name, source, seen)
        return self


class CsvSplit(Split):
    """One split, a CSV."""

    columns: Columns | None = COLUMNS


class ResidueSplit(Split):
    """One split, FASTA files of labels, sequences and masks."""

    sequences: Text = SEQUENCES
    mask: Text | None = MASK


SPLITS = Field(
    description="the files, by the name of the split; sequences are embedded once for all of them"
)


class Validation(Settings):
    """What choices are made on."""

    folds: Natural = Field(
        default=5, description="folds of cross-validation within train; 0 for none"
    )
    seed: Index = Field(default=0, description="seed of the draw, by a hash of seed and sequence")


class Sample(Settings):
    """A part of a large data set."""

    sequences: Count = Field(description="the most distinct sequences per subset")
    test: Count | None = Field(
        default=None, description="the most distinct sequences of test; as `sequences` if absent"
    )
    seed: Index | None = Field(
        default=None, description="seed of the draw, by a hash of seed and sequence; 0 if absent"
    )


class AboutData(Settings):
    """What describes a data set."""

    title: str | None = Field(default=None, description="name in figures")
    target: str | None = Field(default=None, description="what the target is, with its unit")
    source: str | None = Field(default=None, description="where the data come from")
    licence: str | None = Field(default=None, description="under which terms")
    cite: list[Text] | None = Field(
        default=None, description="what to cite, by keys of resources/citations.bib"
    )


class Dataset(Settings):
    """One data set."""

    task_type: Annotated[str, OneOf(registries.task_types)] = Field(
        default="regression",
        description="what is predicted: one number per sequence, one class per sequence, or one "
        "class per residue, where residues with mask 1 count",
    )
    # Editors are told that forms of other modalities are forms of their own.
    modality: Annotated[str, OneOf(registries.modalities), ONLY_PROTEIN] | None = Field(
        default=None,
        description="what its examples are: protein if absent, image or text; only models of the "
        "same modality run on it",
    )
    format: str
    splits: Mapping[str, Split] = SPLITS
    download: Download | None = DOWNLOAD
    wild_type: OwnFile | None = Field(
        default=None,
        description="a FASTA file with the protein of which all sequences are variants of the same "
        "length; poolings flat, mutated and sites are made for such data sets alone",
    )
    pooling: Poolings | None = Field(
        default=None,
        description="poolings to store for this data set, instead of those of the configuration",
    )
    slice: Annotated[list[Natural], Listed(2, most=2)] | None = Field(
        default=None,
        description="[start, stop): the residues to keep of every sequence, counted from 0; labels "
        "and masks are cut alike",
    )
    nonstandard_residues: Annotated[str, OneOf(registries.residue_policies)] = Field(
        default="error",
        description="what to do with letters other than the twenty and B, O, U, X, Z (such as *, "
        "J, gaps, lower case): stop, replace each by the model's mask token, or leave the row out",
    )
    long_sequences: Annotated[str, OneOf(registries.length_policies)] = Field(
        default="error",
        description="what to do with a sequence above a model's max_length: stop, leave it out, "
        "keep its first residues, or its first and last half, or embed overlapping windows whose "
        "residues are averaged; labels and masks are cut alike",
    )
    missing_split: Literal["error", "drop"] = Field(
        default="error", description="what to do with rows whose set is empty"
    )
    validation: Validation = Field(
        default=Validation(),
        description="what choices are made on where the table marks no validation rows",
    )
    sample: Sample | None = Field(default=None, description="use a part of a large data set")
    metric: Annotated[str, OneOf(registries.metric_names)] | None = Field(
        default=None,
        description="the metric by which choices are made and layers compared; spearman for "
        "numbers and accuracy for classes if absent",
    )
    families: Clustering | None = Field(
        default=None,
        description="when two sequences are of one family, instead of what the configuration says; "
        "none for variants of one protein without a wild_type",
    )
    about: AboutData = Field(
        default=AboutData(),
        description="what describes the data set in figures and the report; never causes a rerun "
        "of embed",
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.slice and self.slice[0] >= self.slice[1]:
            raise refused(f"slice: {self.slice} keeps nothing; start must be below stop")
        known = registries.metric_names(self.task_type)
        if self.metric and self.metric not in known:
            raise refused(
                f"metric: {self.metric!r} is not for {self.task_type}; "
                f"choose one of {', '.join(known)}"
            )
        for name, split in self.splits.items():
            if flaw := split.flaw(self.download):
                raise refused(f"splits: {name}: {flaw}")
        return self


class CsvDataset(Dataset):
    """A data set of CSV files."""

    format: Literal["csv"] = Field(default="csv", description=FORMAT)
    columns: Columns | None = COLUMNS
    splits: Annotated[dict[Word, CsvSplit], Listed()] = SPLITS


class FlipDataset(Dataset):
    """A data set of FASTA files as FLIP writes them."""

    format: Literal["flip_fasta"] = Field(description=FORMAT)
    splits: Annotated[dict[Word, Split], Listed()] = SPLITS


class ResidueDataset(Dataset):
    """A data set of FASTA files of labels, sequences and masks."""

    format: Literal["residue_fasta"] = Field(description=FORMAT)
    splits: Annotated[dict[Word, ResidueSplit], Listed()] = SPLITS


class NetsurfpDataset(Dataset):
    """A data set of NetSurfP-2.0's CSV of residues."""

    format: Literal["netsurfp_csv"] = Field(description=FORMAT)
    splits: Annotated[dict[Word, Split], Listed()] = SPLITS


FORMS = (CsvDataset, FlipDataset, ResidueDataset, NetsurfpDataset)  # of proteins
