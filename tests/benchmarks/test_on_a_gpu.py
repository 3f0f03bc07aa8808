"""What only a GPU can show: `pytest -m gpu` runs each part of `make gpu` at full size."""

import pytest
import torch

from benchmarks.gpu import run
from benchmarks.gpu.cards import CudaCard
from benchmarks.gpu.records import FAILED, WRONG, Clock, Record
from benchmarks.gpu.scales import FULL

MINUTES = 2  # of each part; what there is no time for is skipped in its rows

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA GPU here"),
]


@pytest.mark.parametrize("part", run.PARTS)
def test_a_part_is_right_on_the_card(part, tmp_path):
    record = Record(tmp_path / "card.tsv")
    bench = run.Bench(CudaCard(), Clock(60 * MINUTES), record, FULL)
    run.PARTS[part][0](bench)
    assert record.rows
    assert [row for row in record.rows if row.verdict in (WRONG, FAILED)] == []
