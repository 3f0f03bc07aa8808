"""What counts warn of."""

import pytest

from plmbench.core.notices import NOTICES, notices_of


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.column)
def test_a_notice_appears_above_its_limit_alone(notice):
    above = notice.limit + 1
    assert list(notices_of({notice.column: above})) == [notice.words.format(count=int(above))]
    assert not [*notices_of({notice.column: notice.limit}), *notices_of({notice.column: ""})]
    assert not list(notices_of({}))
