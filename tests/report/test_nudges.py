"""The page's section on nudges: its words follow from the numbers."""

import numpy as np
import pandas as pd
import pytest

from plmbench.report.nudges import nudge_section, signal_of, spread_sentences
from plmbench.report.profile import draw_profiles
from plmbench.report.spread import draw_spread


def differences(**limits):
    """Return rows of contact_differences.tsv: {reference: (low, high)}."""
    rows = [
        {"reference": name.replace("_", " "), "low": low, "high": high, "units": 24}
        for name, (low, high) in limits.items()
    ]
    return pd.DataFrame(rows)


UP, ACROSS, DOWN, NONE = (0.01, 0.1), (-0.1, 0.1), (-0.1, -0.01), (np.nan, np.nan)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"reinit": UP, "separation_alone": UP, "base_rate": UP}, "shows contacts"),
        ({"reinit": UP, "separation_alone": ACROSS}, "not above separation alone"),
        (
            {"reinit": DOWN, "separation_alone": UP},
            "shows no contact signal: it is not above reinit",
        ),
        ({"reinit": ACROSS, "separation_alone": DOWN}, "not above reinit and separation alone"),
        ({"reinit": NONE, "separation_alone": UP}, "cannot be judged: 24 chains have no interval"),
    ],
)
def test_a_map_shows_contacts_where_it_beats_ablations_and_separation(rows, words):
    assert words in signal_of(differences(**rows))


@pytest.mark.parametrize(
    ("limits", "words"),
    [(DOWN, "below reinit"), (ACROSS, "not told from"), (NONE, "has no interval")],
)
def test_reach_is_said_against_ablations(limits, words):
    row = {"dataset": "set", "model": "net", "observe": "through", "layer": 3, "metric": "reach"}
    row |= {"reference": "reinit", "difference": 0.0, "low": limits[0], "high": limits[1]}
    [sentence] = spread_sentences(pd.DataFrame([row | {"units": 5}]), {})
    assert words in sentence


def test_without_tables_there_is_no_section():
    assert nudge_section({}, {}, {}) is None


def test_figures_have_a_panel_per_network_and_an_arm_per_ablation():
    keys = {"dataset": "set", "observe": "through"}
    rows = [
        {**keys, "model": model, "weights": weights, "layer": layer, "distance": 4}
        | {"reach": 0.5, "reach_low": 0.4, "reach_high": 0.6, "log_response": -2.0}
        for model in ("one", "two")
        for weights in ("pretrained", "reinit-0", "reinit-1")
        for layer in (1, 2, 3, 4)
    ]
    table = pd.DataFrame(rows)
    for figure in (draw_spread(table, {}), draw_profiles(table, {})):
        axes = [axis for axis in figure.axes if axis.get_title()]
        assert [axis.get_title().splitlines()[0] for axis in axes] == ["one", "two"]
        labels = axes[0].get_legend_handles_labels()[1]
        assert {"pretrained", "reinit (2 seeds)"} <= set(labels)
