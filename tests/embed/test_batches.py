"""Batches under a token budget, and the cut to a model's max_length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plmbench.core.errors import InputError
from plmbench.core.lengths import LENGTH_POLICIES, cut, fit_to_max_length
from plmbench.embed.batches import MOST_PADDING, length_order, token_batches

LENGTHS = st.lists(st.integers(1, 2000), max_size=60)
BUDGETS = st.integers(1, 6000)


@given(LENGTHS)
def test_order_is_a_permutation_by_falling_length_with_ties_in_order(lengths):
    order = length_order(lengths)
    assert sorted(order) == list(range(len(lengths)))
    keys = [(-lengths[i], i) for i in order]
    assert keys == sorted(keys)


@given(LENGTHS, BUDGETS)
def test_batches_cover_every_sequence_once_and_in_order(lengths, budget):
    falling = sorted(lengths, reverse=True)
    covered = [i for start, stop in token_batches(falling, budget) for i in range(start, stop)]
    assert covered == list(range(len(falling)))


@given(LENGTHS, BUDGETS)
def test_batches_stay_within_the_budget_unless_of_one_sequence(lengths, budget):
    falling = sorted(lengths, reverse=True)
    for start, stop in token_batches(falling, budget):
        assert stop - start == 1 or max(falling[start:stop]) * (stop - start) <= budget


@given(LENGTHS, BUDGETS)
def test_batches_are_hardly_padded(lengths, budget):
    falling = sorted(lengths, reverse=True)
    for start, stop in token_batches(falling, budget):
        padded = falling[start] * (stop - start)
        assert padded - sum(falling[start:stop]) <= MOST_PADDING * padded


@given(LENGTHS, BUDGETS)
def test_no_batch_could_have_taken_the_next_sequence(lengths, budget):
    falling = sorted(lengths, reverse=True)
    batches = token_batches(falling, budget)
    for start, stop in batches[:-1]:
        padded = falling[start] * (stop + 1 - start)
        wasted = padded - sum(falling[start : stop + 1])
        assert padded > budget or wasted > MOST_PADDING * padded


def test_sequences_of_one_length_fill_the_budget():
    assert token_batches([50] * 10, 200) == [(0, 4), (4, 8), (8, 10)]


def test_last_batch_of_one_keeps_its_sequence():  # 513 sequences, batches of 64
    assert token_batches([10] * 513, 640)[-1] == (512, 513)


@given(st.text("ACDE", min_size=3, max_size=40), st.data())
def test_ends_are_the_first_and_the_last_half(sequence, data):
    max_length = data.draw(st.integers(2, len(sequence) - 1))
    found = cut(sequence, max_length, "keep_ends")
    head, tail = (max_length + 1) // 2, max_length // 2
    assert found == sequence[:head] + sequence[-tail:]


def test_truncation_keeps_the_first_residues():
    assert cut("ACDEFGH", 3, "truncate") == "ACD"


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from(LENGTH_POLICIES))
def test_labels_are_cut_as_their_sequence_is(length, max_length, policy):
    sequence = "ACDEFGHIKLMNPQRSTVWYacdefghikl"[:length]
    labels = [f"{letter}!" for letter in sequence]  # in step with it
    left = cut(sequence, max_length, policy)
    assert cut(labels, max_length, policy) == [f"{letter}!" for letter in left]
    if policy in ("truncate", "keep_ends"):
        assert len(left) == min(length, max_length)


@pytest.mark.parametrize("policy", ["error", "drop", "windows"])
def test_policies_that_do_not_cut_leave_a_text_whole(policy):
    assert cut("ACDEFGH", 3, policy) == "ACDEFGH"


@pytest.mark.parametrize("policy", LENGTH_POLICIES)
@pytest.mark.parametrize("max_length", [None, 7, 8])
def test_a_text_within_the_limit_stays(policy, max_length):
    assert cut("ACDEFGH", max_length, policy) == "ACDEFGH"


def test_an_odd_limit_keeps_one_more_at_the_start():
    assert cut("ACDEFGH", 3, "keep_ends") == "ACH"
    assert cut("ACDEFGH", 1, "keep_ends") == "A"


SEQUENCES = ["ACDEFGH", "ACDE", "A", "HHHHH"]


@pytest.mark.parametrize(("policy", "expected"), [("truncate", "ACDE"), ("keep_ends", "ACGH")])
def test_sequences_above_the_limit_are_cut_and_named(policy, expected):
    ids, fitted, long = fit_to_max_length(list("wxyz"), SEQUENCES, 4, policy)
    assert fitted == [expected, "ACDE", "A", "HHHH"]
    assert (ids, long) == (list("wxyz"), ["w", "z"])
    assert SEQUENCES[0] == "ACDEFGH"


def test_sequences_above_the_limit_are_dropped_with_their_ids():
    assert fit_to_max_length(list("wxyz"), SEQUENCES, 4, "drop") == (
        ["x", "y"],
        ["ACDE", "A"],
        ["w", "z"],
    )


def test_sequences_above_the_limit_stay_whole_for_windows():
    ids, fitted, long = fit_to_max_length(list("wxyz"), SEQUENCES, 4, "windows")
    assert (ids, fitted, long) == (list("wxyz"), SEQUENCES, ["w", "z"])


@pytest.mark.parametrize("policy", LENGTH_POLICIES)
@pytest.mark.parametrize("max_length", [7, 1022, None])
def test_sequences_within_the_limit_stay(policy, max_length):
    assert fit_to_max_length(["x"], ["ACDEFGH"], max_length, policy) == (["x"], ["ACDEFGH"], [])


def test_refusal_names_sequences_and_limit():
    sequences = ["A" * 1022, "A" * 1023, "A" * 3000]
    with pytest.raises(InputError) as caught:
        fit_to_max_length(["P1", "P2", "P3"], sequences, 1022, "error")
    for part in (
        "2 sequence(s)",
        "max_length of 1,022",
        "P2 (1,023",
        "P3 (3,000",
        "drop, truncate, keep_ends, windows",
    ):
        assert part in str(caught.value)
    assert "P1" not in str(caught.value)


def test_refusal_of_many_sequences_names_the_first_five():
    ids = [f"P{i}" for i in range(40)]
    with pytest.raises(InputError, match=r"^40 sequence\(s\).*P4 \(3 residues\); set"):
        fit_to_max_length(ids, ["AAA"] * 40, 2, "error")
