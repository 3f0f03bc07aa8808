"""The settings of each probe type: type, limits, default and description, once.

A default here is that of the fit: it is shown, and not handed to jobs. Those of CommonSettings are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from typing import Any

NUMBERS = ("spearman", "pearson", "r2", "rmse", "ndcg", "ndcg_corrected")
DECIDING = ("accuracy", "balanced_accuracy", "macro_f1", "mcc", "roc_auc")
CLASSES = ("accuracy", "balanced_accuracy", "macro_f1", "mcc", "cross_entropy", "roc_auc")


def setting(description: str, *, default: Any = MISSING, **limits: Any) -> Any:
    """Return a dataclass field of a setting; without a default it must be given.

    limits: `gt`, `ge`, `min_length` as in pydantic's Field, `choices` (values), `unique` (True:
    no element stands twice), and `items`, the limits of each element.
    """
    return field(default=default, metadata={"description": description, **limits})


@dataclass(frozen=True)
class CommonSettings:
    """What a probe of any type may be given."""

    seeds: Sequence[int] = setting(
        "probe seeds, of mlp; each is a fit of its own",
        default=(0,),
        min_length=1,
        unique=True,
        items={"ge": 0},
    )
    layers: Any = setting(  # noqa: RUF009
        "the layers to fit: all, a list such as [0, 6, -1], or {every: n}", default="all"
    )
    max_residues: int = setting(
        "the most residues of a layer to learn from, and as many to choose on, drawn by seed 0; "
        "all residues of validation and test are scored",
        default=100_000,
        ge=1,
    )
    select: str | None = setting(
        "how settings are chosen: a metric on validation, the data set's own if absent, or the "
        "earlier study's rule",
        default=None,
    )


@dataclass(frozen=True)
class RidgeSettings:
    """The settings of ridge."""

    alphas: Sequence[float] = setting(
        "penalties on the squared weights to choose from", min_length=1, items={"gt": 0}
    )
    scale: str = setting(
        "how features are scaled, by their training subset: not at all, to standard deviation 1, "
        "or to L2 norm 1",
        default="none",
        choices=("none", "standard", "l2"),
    )
    refit: bool = setting(
        "fit once more on train and validation with the chosen alpha", default=False
    )


@dataclass(frozen=True)
class LogisticSettings:
    """The settings of logistic."""

    Cs: Sequence[float] = setting("inverse penalties to choose from", min_length=1, items={"gt": 0})
    max_iter: int = setting("the most iterations", default=1000, ge=1)


@dataclass(frozen=True)
class MlpSettings:
    """The settings of mlp."""

    hidden: Sequence[Sequence[int]] = setting(
        "the widths of hidden layers to choose from, such as [[64], [64, 64]]",
        min_length=1,
        items={"min_length": 1, "items": {"ge": 1}},
    )
    alphas: Sequence[float] = setting(
        "penalties on the squared weights to choose from", min_length=1, items={"gt": 0}
    )
    epochs: int = setting("the most epochs; the best one on validation is kept", default=200, ge=1)
    patience: int = setting(
        "epochs without a gain on validation after which training stops", default=20, ge=1
    )
    batch_size: int = setting("examples per step", default=128, ge=1)
    learning_rate: float = setting("first step size (Adam)", default=1e-3, gt=0)


@dataclass(frozen=True)
class ProbeType:
    """What the configuration needs to know of a probe type."""

    settings: type  # a dataclass
    chooses_by: Mapping[str, Sequence[str]]  # task type -> metrics, and rules of its own


PROBE_TYPES = {
    "ridge": ProbeType(
        RidgeSettings,
        {
            "regression": (*NUMBERS, "as_published"),
            "classification": DECIDING,
            "residue_classification": DECIDING,
        },
    ),
    "logistic": ProbeType(
        LogisticSettings, {"classification": CLASSES, "residue_classification": CLASSES}
    ),
    "mlp": ProbeType(
        MlpSettings,
        {"regression": NUMBERS, "classification": CLASSES, "residue_classification": CLASSES},
    ),
}
