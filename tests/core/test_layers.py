"""Which layers are stored or fitted: all, a list, or each n-th."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plmbench.core.errors import InputError
from plmbench.core.layers import chosen_layers


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("all", [0, 1, 2, 3, 4, 5, 6]),
        ([0, 3, -1], [0, 3, 6]),
        ([-1, 3, 0, 3, 6], [0, 3, 6]),  # each once, rising
        ([-7], [0]),
        ({"every": 1}, [0, 1, 2, 3, 4, 5, 6]),
        ({"every": 2}, [0, 2, 4, 6]),
        ({"every": 4}, [0, 4, 6]),  # always with the last
        ({"every": 99}, [0, 6]),
    ],
)
def test_a_choice_of_seven_layers(choice, expected):
    assert chosen_layers(choice, 7) == expected


@pytest.mark.parametrize("choice", ["all", [0], [-1], {"every": 3}])
def test_the_one_layer_of_a_model_without_blocks_is_always_chosen(choice):
    assert chosen_layers(choice, 1) == [0]


@pytest.mark.parametrize(("layers", "expected"), [(1, [0]), (7, [0, 6]), (34, [0, 6, 33])])
def test_a_list_gives_each_model_those_that_it_has(layers, expected):
    assert chosen_layers([0, 6, -1], layers) == expected


@pytest.mark.parametrize("wrong", [7, 33, -8])
def test_a_list_without_any_layer_of_the_model_is_refused_with_those_there_are(wrong):
    with pytest.raises(InputError, match=rf"layers: \[{wrong}\] has no .*0 to 6 \(or -1 to -7"):
        chosen_layers([wrong], 7)


@given(st.integers(1, 60), st.data())
def test_counted_from_either_end_a_layer_is_the_same(layers, data):
    chosen = data.draw(st.lists(st.integers(0, layers - 1), min_size=1))
    from_the_end = [number - layers for number in chosen]
    assert chosen_layers(chosen, layers) == chosen_layers(from_the_end, layers)
    assert chosen_layers(chosen, layers) == sorted(set(chosen))
