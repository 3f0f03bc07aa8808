"""config/contacts.yaml: chains of which it is known which residues touch."""

from typing import Annotated

from pydantic import Field

from plmbench.study.fields import Listed, NotNegative, OwnFile, Settings, Sha256, Text, Word, named


class ContactDigests(Settings):
    """The sha256 of both files."""

    chains: Sha256 | None = Field(default=None, description="of the table of chains")
    contacts: Sha256 | None = Field(default=None, description="of the table of contacts")


class AboutContacts(Settings):
    """What describes a set of chains."""

    title: str | None = Field(default=None, description="name in figures")
    source: str | None = Field(default=None, description="where the data come from")
    licence: str | None = Field(default=None, description="under which terms")


class ContactSet(Settings):
    """One set of chains."""

    chains: OwnFile = Field(
        description="a table with columns id and sequence, and if wanted mask (1 for each resolved "
        "residue), cluster (chains of one are one unit of an interval) and pretraining_identity"
    )
    contacts: OwnFile = Field(
        description="a table (also .gz) with columns id, i and j: residues from 1 that touch; one "
        "row per pair"
    )
    sha256: ContactDigests | None = Field(
        default=None, description="the files' sha256; another file is refused"
    )
    most_identity: NotNegative | None = Field(
        default=None,
        description="leave out chains whose pretraining_identity is this or more",
    )
    leave_out: Annotated[list[Text], Listed(least=0, unique=True)] = Field(
        default=[], description="ids of chains to leave out"
    )
    about: AboutContacts = Field(
        default=AboutContacts(), description="what describes the set; never causes a rerun"
    )


CONTACTS = named(Word, ContactSet)
