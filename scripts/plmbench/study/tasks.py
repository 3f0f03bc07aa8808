"""What a task is called, and which tasks one fit serves."""

from typing import TYPE_CHECKING, NamedTuple

from plmbench.core.test_sets import learned, set_of

if TYPE_CHECKING:
    from plmbench.study.catalogues import Study


class Task(NamedTuple):
    """A split of a data set, or one of its test sets: `split@set`."""

    dataset: str
    split: str


def splits_to_embed(study: "Study", dataset: str) -> list[str]:
    """Return the splits whose sequences are embedded: those of the tasks, and those that need no
    download, so that to add one of these as a task embeds nothing anew."""
    tasks = {task.split for task in study.tasks if task.dataset == dataset}
    splits = study.datasets[dataset]["splits"]
    return [split for split in splits if split in tasks or study.at_hand(dataset, split)]


def served_sets(study: "Study", dataset: str, split: str) -> list[str]:
    """Return the named test sets that the jobs of a split predict: all whose sequences are
    embedded, so that to add one of these as a task fits nothing anew; [""] where its only test set
    has no name."""
    own = [each for each in splits_to_embed(study, dataset) if learned(each) == split]
    return [set_of(each) for each in own] if own else [""]
