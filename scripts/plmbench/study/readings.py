"""Where the files of data sets are, and how they are read."""

from collections.abc import Mapping
from typing import Any

from plmbench.core.canonical import selected
from plmbench.core.test_sets import with_set

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


def with_test_sets(splits: Mapping[str, Any]) -> dict[str, Any]:
    """Return {name: entry} of splits in which each named test set is a split of its own, `test`
    its files."""
    found: dict[str, Any] = {}
    for split, entry in splits.items():
        shared = {key: value for key, value in entry.items() if key != "tests"}
        for name, test in entry.get("tests", {"": {}}).items():
            found[with_set(split, name)] = shared | ({"test": test} if test else {})
    return found


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
