"""The axes that panels share: ticks that a reader can tell, however few or many there are."""

import pytest
from matplotlib import pyplot as plt

from plmbench.report.learning_curves import MOST_TICKS, spaced
from plmbench.report.panels import show_layers


def ticks_of(axis):
    """Return the ticks of an axis that are seen."""
    axis.figure.canvas.draw()
    low, high = axis.get_xlim()
    labels = zip(axis.get_xticks(), axis.get_xticklabels(), strict=True)
    return [label.get_text() for tick, label in labels if low <= tick <= high]


@pytest.mark.parametrize(
    ("layers", "labels"),
    [([0], ["0"]), ([5], ["5"]), ([0, 1], ["0", "1"]), ([0, 1, 2], ["0", "1", "2"])],
)
def test_layers_have_whole_numbers_and_a_lone_one_stands_in_the_middle(draw, layers, labels):
    def panel():
        _, axis = plt.subplots()
        axis.plot(layers, layers, marker=".")
        show_layers(axis)
        return axis

    axis = draw(panel)
    assert ticks_of(axis) == labels
    assert axis.get_xlim()[0] < layers[0]


@pytest.mark.parametrize(
    ("numbers", "kept"),
    [
        ([100.0], [100.0]),
        ([100.0, 200.0, 400.0], [100.0, 200.0, 400.0]),
        ([100.0, 390.0, 400.0], [100.0, 400.0]),
        ([float(2**i) for i in range(20)], None),
    ],
)
def test_labels_of_sizes_leave_room_and_the_last_is_there(numbers, kept):
    found = spaced(numbers)
    assert found[-1] == numbers[-1]
    assert len(found) <= MOST_TICKS
    assert kept in (None, found)
