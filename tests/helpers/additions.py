"""Something new of each kind, as a user would add it to a clone: edits and new files."""

from pathlib import Path

METRIC = '''def mae(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return the mean absolute error, in the unit of the target."""
    return float(np.abs(y_true - finite(prediction)).mean())


class Metric(NamedTuple):'''
POOLING = '''def first(states: Tensor, residues: Tensor, sites: Sequence[int]) -> Tensor:
    """Return the first residue's state [sequence, dim]."""
    return states[list(range(len(states))), residues.int().argmax(1)]


class PoolingMethod(NamedTuple):'''
PROBE_TYPE = '''"""The neighbours probe: the mean target of the nearest training examples."""

from dataclasses import dataclass, field

from plmbench.core.task_types import REGRESSION
from plmbench.probe.probe_type import ProbeType, metrics_to_choose_by
from plmbench.probe.selection import Fitted, chosen_among


@dataclass(frozen=True)
class NeighboursSettings:
    """The settings of neighbours."""

    counts: list[int] = field(metadata={"description": "numbers of neighbours to choose from"})


def fit_neighbours(folds, target, settings, *, select, seed):
    """Choose a number of neighbours on held-out parts."""
    from sklearn.neighbors import KNeighborsRegressor

    fits = [[KNeighborsRegressor(n).fit(t.X, t.y) for n in settings.counts] for t, _ in folds.pairs]
    held_out = [[f.predict(p.X) for f in row] for row, (_, p) in zip(fits, folds.pairs)]
    best = chosen_among(held_out, folds, select, target)
    final = KNeighborsRegressor(settings.counts[best]).fit(folds.train.X, folds.train.y)
    choices = {"neighbours": float(settings.counts[best])}
    return Fitted(final.predict, choices, [row[best] for row in held_out])


SELECTS = {REGRESSION: metrics_to_choose_by(REGRESSION, probabilities=False)}
PROBE = ProbeType("neighbours", "neighbours", NeighboursSettings, SELECTS, fit_neighbours)
'''
FAMILY = '''"""Hydropathy: one number per residue, a representation without a network."""

import torch

from plmbench.core.alphabet import STANDARD
from plmbench.models.baselines import Letters


class Hydropathy(Letters):
    """One number per residue: whether it is hydrophobic."""

    hidden_size = 1

    def states(self, tokens):
        """Return layer 0, float32 [sequence, token, 1]."""
        table = torch.tensor([float(letter in "AILMFVWY") for letter in STANDARD] + [0.0, 0.0])
        return [table[tokens].unsqueeze(2)]
'''
FIGURE = '''"""One figure per task: the number of test examples of each arm."""

from matplotlib import pyplot as plt

from plmbench.report.style import save
from plmbench.report.subjects import of_only_task


def write_figure(path, tables, tasks, about):
    """Draw the figure of this module's name."""
    _, own_rows = of_only_task(tables, tasks, about)

    def draw():
        figure, axis = plt.subplots()
        axis.bar(own_rows["arms"]["model"], own_rows["arms"]["n"])
        return figure

    save(path, draw)
'''
FIGURE_ENTRY = """    Figure("counts", "Counts", ("arms",), words="test examples of every arm"),
"""
NETWORKS_FIGURE = '    Figure("heat_map"'
LIBRARY = Path("scripts/plmbench")
END = ""  # an edit at the end of a file
# {kind: {file: edits (old text, new text)}}; a file that is not there is new.
ADDITIONS = {
    "metric": {
        LIBRARY / "core/metrics.py": [
            ("class Metric(NamedTuple):", METRIC),
            (
                '        Metric("ndcg", ',
                '        Metric("mae", "MAE", mae, NUMBERS, lower_is_better=True),\n'
                '        Metric("ndcg", ',
            ),
        ]
    },
    "pooling": {
        LIBRARY / "core/poolings.py": [
            ("class PoolingMethod(NamedTuple):", POOLING),
            (
                '        PoolingMethod("max",',
                '        PoolingMethod("first", "first residue", first),\n'
                '        PoolingMethod("max",',
            ),
        ]
    },
    "probe type": {
        LIBRARY / "probe/types/neighbours.py": [(END, PROBE_TYPE)],
        Path("config/probes.yaml"): [(END, "neighbours: {type: neighbours, counts: [1, 3]}\n")],
    },
    "family": {
        LIBRARY / "models/hydropathy.py": [(END, FAMILY)],
        Path("config/families/hydropathy.yaml"): [
            (END, "encoder: hydropathy.Hydropathy\ntitle: hydropathy\nparameters: []\n")
        ],
        Path("config/models.yaml"): [
            (END, "hydropathy: {family: hydropathy, about: {role: baseline}}\n")
        ],
    },
    "figure": {
        LIBRARY / "report/counts.py": [(END, FIGURE)],
        LIBRARY / "study/figures.py": [
            (NETWORKS_FIGURE, FIGURE_ENTRY + NETWORKS_FIGURE),
        ],
        Path("resources/report/counts.rst"): [(END, "Test examples.\n")],
    },
    "ablation": {
        Path("config/ablations.yaml"): [
            (END, "resample_beside: {action: shuffle, in_verdict: false}\n")
        ]
    },
}


def add(root, kind):
    """Make the edits of one kind below `root`."""
    for file, edits in ADDITIONS[kind].items():
        path = root / file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for old, new in edits:
            assert old in text, f"{file} has no {old!r}"
            text = text.replace(old, new, 1) if old else text + new
        path.write_text(text, encoding="utf-8")
