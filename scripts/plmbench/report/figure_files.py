"""The figures that a page shows, by what they are of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = "figures"  # of the study's own; those of a task lie in the folder of its data set


@dataclass(frozen=True)
class FigureFiles:
    """Paths of SVG files: {"dataset/split": {figure: path}}, and {figure: path} of the whole study.

    words: {figure: what the page says of it} of those that every task has, in the order of the
    page.
    """

    words: Mapping[str, str]
    tasks: Mapping[str, Mapping[str, Path | str]]
    study: Mapping[str, Path | str] = field(default_factory=dict)

    @classmethod
    def read(cls, words: Mapping[str, str], paths: Iterable[Path | str]) -> "FigureFiles":
        """Return the figures of these paths, figures/<figure>.svg and
        figures/<dataset>/<split>.<figure>.svg."""
        tasks: dict[str, dict[str, Path | str]] = {}
        study: dict[str, Path | str] = {}
        for path in map(Path, paths):
            if path.parent.name == FOLDER:
                study[path.stem] = path
            else:
                split, _, figure = path.stem.partition(".")
                tasks.setdefault(f"{path.parent.name}/{split}", {})[figure] = path
        return cls(words, tasks, study)

    def of(self, figure: str) -> dict[str, Path | str]:
        """Return {"dataset/split": path} of the tasks that have a figure."""
        return {task: own[figure] for task, own in self.tasks.items() if figure in own}
