"""The files that a data set is read from: their formats, places and digests."""

from typing import Annotated, Literal, Self

from pydantic import Field, Tag, model_validator

from plmbench.study.fields import (
    WILDCARD,
    Listed,
    OwnFile,
    Pattern,
    Settings,
    Sha256,
    Text,
    Url,
    choosing,
    form_of,
    key_tag,
    refused,
)

PLACE = "absolute or relative to the repository"


class Digests(Settings):
    """The sha256 of each file of a source."""

    path: Sha256 | None = Field(default=None, description="of the labels")
    sequences: Sha256 | None = Field(default=None, description="of the sequences")
    mask: Sha256 | None = Field(default=None, description="of the mask")


class Columns(Settings):
    """What a table calls its columns."""

    sequence: str | None = Field(default=None, description="column of sequences")
    target: str | None = Field(default=None, description="column of targets")
    set: str | None = Field(default=None, description="column of subsets, train or test")
    validation: str | None = Field(default=None, description="column of flags for validation")
    id: str | None = Field(default=None, description="column of unique ids")
    mask: Annotated[list[str], Listed()] | None = Field(
        default=None,
        description="columns of masks, 0 or 1 per residue; a residue counts where all say 1",
    )


COLUMNS = Field(
    default=None,
    description="the file's names of the columns sequence, target, set, validation, id, mask, "
    "where they differ",
)
SEQUENCES = Field(description="the FASTA file with the sequences")
MASK = Field(default=None, description="a FASTA file with 1 for each residue that counts, else 0")
FORMAT = (
    "a CSV (also .csv.gz); a FASTA with TARGET=, SET= and VALIDATION= in its headers (FLIP's); "
    "FASTA files of labels (SET= and VALIDATION= in the headers), sequences and masks; or "
    "NetSurfP-2.0's CSV of residues"
)


class Download(Settings):
    """Where a file comes from."""

    url: Url | None = Field(default=None, description="where to download")
    mirrors: list[Url] | None = Field(
        default=None, description="where else, in turn, if that fails"
    )
    path: OwnFile | None = Field(default=None, description="a local copy, which is used instead")
    sha256: Sha256 | None = Field(default=None, description="the download's sha256")
    git_sha1: Annotated[str, Pattern("[0-9a-f]{40}")] | None = Field(
        default=None,
        description="the file's SHA-1 as a git blob, where no other checksum is published",
    )

    @model_validator(mode="after")
    def _some_source(self) -> Self:
        if self.model_fields_set and not (self.url or self.path):
            raise refused("has neither url nor path; say where the file is")
        return self


DOWNLOAD = Field(
    default=None,
    description="where the files come from: then path, sequences and mask are names of members of "
    "a zip or tar archive, or absent where the download itself is the table; images come from the "
    "archive of their table",
)


class Source(Settings):
    """Files with labelled sequences."""

    path: Text | None = Field(
        default=None, description=f"the table, or for FASTA of residues their labels; {PLACE}"
    )
    sha256: (
        Annotated[
            Annotated[Sha256, Tag("<text>")] | Annotated[Digests, Tag("<mapping>")],
            choosing(form_of),
        ]
        | None
    ) = Field(
        default=None,
        description="the file's sha256, or those of path, sequences and mask by these names; "
        "another file is refused",
    )

    def flaw(self, download: Download | None) -> str:
        """Say what is wrong with its files, given their download; "" where nothing is."""
        if download and (download.url or download.path):
            return ""
        if not self.path:
            return "has neither path nor download; say where its table is"
        for key in ("path", "sequences", "mask"):
            if "{" in (path := getattr(self, key, None) or ""):
                return f"{key}: {path!r} {WILDCARD}"
        return ""


class TestSource(Source):
    """The files of a test subset of its own."""

    __test__ = False  # for pytest

    download: Download | None = DOWNLOAD

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if flaw := self.flaw(self.download):
            raise refused(flaw)
        return self


class CsvTest(TestSource):
    """A CSV."""

    format: Literal["csv"] | None = Field(
        default=None, description=FORMAT, json_schema_extra={"default": "csv"}
    )
    columns: Columns | None = COLUMNS


class FlipTest(TestSource):
    """A FASTA file as FLIP writes it."""

    format: Literal["flip_fasta"] = Field(description=FORMAT)


class ResidueTest(TestSource):
    """FASTA files of labels, sequences and masks."""

    format: Literal["residue_fasta"] = Field(description=FORMAT)
    sequences: Text = SEQUENCES
    mask: Text | None = MASK


class NetsurfpTest(TestSource):
    """NetSurfP-2.0's CSV of residues."""

    format: Literal["netsurfp_csv"] = Field(description=FORMAT)


class OwnTest(Settings):
    """The test rows of the split's own files."""


OWN_TESTS = Field(
    default=None,
    description="several test sets by name, instead of one: each is a task, `dataset/split@name`, "
    "and a probe is fit once for all; `{}` stands for the split's own test rows",
)


def named_test_tag(value: object) -> str:
    """Return the tag of a named test set: its format, or that it has no files of its own."""
    if isinstance(value, OwnTest) or value == {}:
        return "<own>"
    return key_tag("format", "csv")(value)


TestFiles = (
    Annotated[CsvTest, Tag("<format csv>")]
    | Annotated[FlipTest, Tag("<format flip_fasta>")]
    | Annotated[ResidueTest, Tag("<format residue_fasta>")]
    | Annotated[NetsurfpTest, Tag("<format netsurfp_csv>")]
)
AnyTest = Annotated[TestFiles, choosing(key_tag("format", "csv"))]
AnyNamedTest = Annotated[TestFiles | Annotated[OwnTest, Tag("<own>")], choosing(named_test_tag)]
