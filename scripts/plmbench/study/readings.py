"""Where the files of data sets are, and how they are read."""

from collections.abc import Mapping
from typing import Any

from plmbench.core.canonical import selected

READING = (
    "task_type",
    "modality",
    "nonstandard_residues",
    "slice",
    "validation",
    "sample",
    "missing_split",
)
SOURCE = ("format", "columns", "sha256")
ROLES = ("path", "sequences", "mask")  # the files of a source


class Readings:
    """The data sets of a study, as `datasets` {name: entry} has them."""

    datasets: Mapping[str, Any]

    def source(self, dataset: str, split: str, part: str = "") -> dict[str, Any]:
        """Return where a split's files are, its own (part "") or those of its `test` subset."""
        entry = self.datasets[dataset]
        own = entry["splits"][split]
        test: dict[str, Any] = own.get("test", {})
        return test if part else {"download": entry.get("download"), **own}

    def files(self, dataset: str, split: str) -> list[str]:
        """Return the names of a split's files: path, sequences, mask, and with `test.` before
        them those of its test subset."""
        parts = ["", "test."] if "test" in self.datasets[dataset]["splits"][split] else [""]
        return [
            part + role
            for part in parts
            for role in ROLES
            if role == "path" or role in self.source(dataset, split, part)
        ]

    def at_hand(self, dataset: str, split: str) -> bool:
        """Tell whether a split's files are there without a download."""
        parts = {name.rpartition(".")[0] for name in self.files(dataset, split)}
        return not any(self.source(dataset, split, part).get("download") for part in parts)

    def reading(self, dataset: str, split: str) -> dict[str, Any]:
        """Return how a split's files are to be read."""
        entry = self.datasets[dataset]
        own = entry["splits"][split]
        reading = selected(entry, READING) | selected(entry | own, SOURCE)
        if "test" in own:
            reading["test"] = selected(own["test"], SOURCE)
        return reading | selected(own, ["rows"])
