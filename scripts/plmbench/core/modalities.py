"""Modalities: what the examples of a data set are, one declaration per kind, in MODALITIES.

What is said here, schemas, docs and checks take from here. How an example is read, told apart and
measured stands in data.kinds, how a network of transformers is given it in models.hub_inputs.
"""

from typing import NamedTuple

from plmbench.core.task_types import CLASSIFICATION, REGRESSION, TASK_TYPES

PROTEIN, IMAGE, TEXT = "protein", "image", "text"


class Modality(NamedTuple):
    """One kind of examples."""

    name: str
    plural: str  # in messages
    example: str  # in tables and on the page, as is what is measured of it
    measured: str
    column: str  # of a CSV, that holds an example
    task_types: tuple[str, ...]
    poolings: tuple[str, ...] = ()  # of core.poolings; all of them if empty
    length_policies: tuple[str, ...] = ()  # of core.lengths; all of them if empty
    per_token: int = 1  # of what is measured, in a token, about: for the times of jobs

    @property
    def examples(self) -> str:
        """Return the word for several examples."""
        return f"{self.example}s"


WHOLE = (REGRESSION, CLASSIFICATION)  # one label per example
MODALITIES = {
    modality.name: modality
    for modality in (
        Modality(PROTEIN, "proteins", "sequence", "residues", "sequence", TASK_TYPES),
        # Patches of all images stand in one grid, so `flat` puts them side by side.
        Modality(
            IMAGE,
            "images",
            "image",
            "pixels",
            "image",
            WHOLE,
            ("mean", "max", "cls", "flat"),
            ("error",),
            256,
        ),
        Modality(
            TEXT,
            "texts",
            "text",
            "characters",
            "text",
            WHOLE,
            ("mean", "max", "cls", "last"),
            ("error", "drop", "truncate"),
            5,
        ),
    )
}
