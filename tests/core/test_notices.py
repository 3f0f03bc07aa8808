"""What counts warn of."""

import math

import pytest

from plmbench.core.notices import NOTICES, notices_of


def outside(notice):
    """Return the counts just above the limit of a notice and just below its least."""
    return [n for n in (notice.limit + 1, notice.least - 1) if math.isfinite(n)]


@pytest.mark.parametrize("example", ["sequence", "image", "text"])
@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.column)
def test_a_notice_appears_above_its_limit_and_below_its_least_alone(notice, example):
    assert outside(notice)
    for count in outside(notice):
        words = notice.words.format(count=int(count), example=example)
        assert list(notices_of({notice.column: count}, example)) == [words]
    edges = [n for n in (notice.limit, notice.least) if math.isfinite(n)]
    for count in (*edges, ""):
        assert not list(notices_of({notice.column: count}))
    assert not list(notices_of({}))


@pytest.mark.parametrize("example", ["image", "text"])
def test_a_notice_names_the_examples_that_it_is_told_of(example):
    (found,) = notices_of({"test_units": 2}, example)
    assert found.startswith(f"2 distinct test {example}(s) are too few")


@pytest.mark.parametrize(("count", "warned"), [(1, True), (19, True), (20, False), (300, False)])
def test_a_split_of_few_test_sequences_is_warned_of_with_the_number_needed(count, warned):
    found = list(notices_of({"test_units": count}))
    assert [f"{count} distinct test sequence(s) are too few" in words for words in found] == (
        [True] if warned else []
    )
    assert all("an interval needs 20" in words for words in found)
