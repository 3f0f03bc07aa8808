"""Several pretrainings of one network: their spread, and the verdict on the architecture."""

import numpy as np
import pandas as pd
import pytest

from helpers.arms import made, task_of, value_of
from plmbench.compare.architectures import (
    ARCHITECTURE_COLUMNS,
    architecture_table,
    with_verdicts,
)


def study(errors, baseline=2.0):
    """Return pretrainings of one network with these errors, an ablation, and a baseline."""
    names = ["net", *(f"net_{i}" for i in range(1, len(errors)))]
    pairs = enumerate(zip(names, errors, strict=True))
    arms = [made(name, "pretrained", error, salt=i) for i, (name, error) in pairs]
    arms += [made("net", f"reinit-{k}", 1.5 + 0.1 * k, salt=50 + k) for k in range(3)]
    arms.append(made("onehot", "none", baseline, salt=70))
    about = {
        name: {"role": "network", "network": "net", "pretraining_seed": i}
        for i, name in enumerate(names)
    }
    return arms, about | {"onehot": {"role": "baseline"}}


def row(folder, errors, **settings):
    """Return the row of the architecture, with its verdict."""
    arms, about = study(errors, **settings)
    (only,) = with_verdicts(architecture_table(task_of(folder, arms), about, ["ridge"])).iloc
    return only


def test_the_spread_of_pretrainings_stands_beside_that_of_the_ablation(tmp_path):
    found, (arms, _) = row(tmp_path, [0.4, 0.5, 0.6]), study([0.4, 0.5, 0.6])
    values = [value_of(arm, 0) for arm in arms[:6]]
    assert found["pretrainings"] == found["reference_seeds"] == 3
    assert found["value"] == pytest.approx(np.mean(values[:3]))
    assert found["pretraining_sd"] == pytest.approx(np.std(values[:3], ddof=1))
    assert found["reference_sd"] == pytest.approx(np.std(values[3:], ddof=1))
    assert found["verdict"] == "benefits"


@pytest.mark.parametrize(
    ("errors", "settings", "verdict", "reference"),
    [
        ([0.4, 0.4, 0.4], {}, "benefits", "reinit"),
        ([0.4, 0.4, 0.4], {"baseline": 0.1}, "worse", "onehot"),
        ([1.5, 1.6, 1.7], {}, "unclear", "reinit"),
        ([0.4, 6.0, 0.4], {}, "unclear", "reinit"),  # one pretraining in three gives nothing
        ([0.4, 0.4], {}, "not assessable", "reinit"),
    ],
)
def test_the_verdict_is_by_the_hardest_reference(tmp_path, errors, settings, verdict, reference):
    found = row(tmp_path, errors, **settings)
    assert (found["verdict"], found["reference"]) == (verdict, reference)
    assert (found["reason"] == "2 pretrainings: needs 3") == (len(errors) == 2)


def test_one_pretraining_is_no_row(tmp_path):
    arms, about = study([0.4])
    found = architecture_table(task_of(tmp_path, arms), about, ["ridge"])
    assert found.empty
    assert list(found) == ARCHITECTURE_COLUMNS
    assert "verdict" in with_verdicts(found)


def test_p_is_corrected_over_all_rows():
    table = pd.DataFrame({"gain": [0.1, 0.1, -0.1], "p": [0.03, 0.001, 0.001]})
    assert with_verdicts(table)["verdict"].tolist() == ["benefits", "benefits", "worse"]
    table = pd.concat([table.head(1)] * 2, ignore_index=True)
    assert with_verdicts(table)["verdict"].tolist() == ["unclear", "unclear"]
