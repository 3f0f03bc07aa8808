"""What a probe type declares: its settings, how they may be chosen, and its fit.

Settings are fields of dataclasses. The type, default, description and limits of a setting stand
there once; a configuration's models and its documentation are derived from them. A field's metadata
has `description`, and limits: `gt`, `ge`, `min_length` as pydantic names them, `choices` (values),
`unique` (True: no element stands twice), and `items`, the limits of each element.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from plmbench.core.layers import LayerChoice
from plmbench.core.metrics import metrics_of
from plmbench.probe.selection import Fitted


@dataclass(frozen=True)
class CommonSettings:
    """What a probe of any type may be given."""

    seeds: Sequence[int] = field(
        default=(0,),
        metadata={
            "description": "probe seeds, of mlp; each is a fit of its own",
            "min_length": 1,
            "unique": True,
            "items": {"ge": 0},
        },
    )
    layers: LayerChoice = field(
        default="all",
        metadata={
            "description": "the layers to fit: all, a list such as [0, 6, -1], or {every: n}"
        },
    )
    max_residues: int = field(
        default=100_000,
        metadata={
            "description": "the most residues of a layer to learn from, and as many to choose on, "
            "drawn by seed 0; all residues of validation and test are scored",
            "ge": 1,
        },
    )
    select: str | None = field(
        default=None,
        metadata={
            "description": "how settings are chosen: a metric on validation, the data set's own if "
            "absent, or the earlier study's rule"
        },
    )


@dataclass(frozen=True)
class ProbeType:
    """One type of probe, and all that is known of it.

    `fit(folds, target, settings, *, select, seed)` returns what is Fitted. It takes the candidate
    with the best mean over pairs of `select` on held-out parts, ties to the first.
    Where `per_residue`, the features of examples are positions in `source`, which it is given too.
    """

    name: str
    label: str
    settings: type  # a dataclass
    chooses_by: Mapping[str, tuple[str, ...]]  # task type -> metrics, and rules of its own
    fit: Callable[..., Fitted]
    per_residue: bool = False  # it reads every residue of a sequence
    for_variants: bool = True  # it says something of variants of one protein, too

    @property
    def task_types(self) -> tuple[str, ...]:
        """Return the task types that it serves."""
        return tuple(self.chooses_by)

    def selects(self, task_type: str) -> tuple[str, ...]:
        """Return what it can choose its settings by on a task; () where it does not serve it."""
        return self.chooses_by.get(task_type, ())


def metrics_to_choose_by(task_type: str, *, probabilities: bool) -> tuple[str, ...]:
    """Return the metrics of a task type, without those of probabilities where a probe has none."""
    return tuple(
        name
        for name, metric in metrics_of(task_type).items()
        if probabilities or not metric.needs_probabilities
    )
