"""Attention: segments of a padded batch give what a mask gives, and stand back where they do not.

On a CPU the kernel for segments is stood in for by attention of one segment after the other.
"""

import pytest
import torch

from helpers.attention import one_by_one
from plmbench.hardware import attention as module
from plmbench.hardware.attention import Padding, agrees, attention, in_segments, masked, varlen_for

CPU = torch.device("cpu")
LENGTHS = {
    "all shorter than the longest": [9, 7, 7, 1],
    "some of one length": [5, 5, 2],
    "one token": [1, 1],
    "no padding": [6, 6],
}


def drawn(lengths, extra):
    """Return q, k and v [sequence, head, token, head_dim], and the padding."""
    generator = torch.Generator().manual_seed(len(lengths))
    shape = (len(lengths), 3, max(lengths) + extra, 8)
    q, k, v = (torch.randn(shape, generator=generator) for _ in range(3))
    mask = torch.arange(max(lengths)) >= torch.tensor(lengths)[:, None]
    return q[:, :, : max(lengths)], k, v, Padding(mask)


@pytest.mark.parametrize("extra", [0, 1])
@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_segments_give_what_a_mask_gives(lengths, extra):
    q, k, v, padding = drawn(lengths, extra)
    expected, found = masked(q, k, v, padding), in_segments(one_by_one, q, k, v, padding)
    own = ~padding.mask
    assert found.shape == expected.shape
    assert torch.isfinite(found).all()  # a mean weighs padding with zero, which NaN survives
    torch.testing.assert_close(found.transpose(1, 2)[own], expected.transpose(1, 2)[own])


def test_segments_of_a_batch_are_counted_once():
    *_, padding = drawn([4, 3], 0)
    assert padding.segments(1) is padding.segments(1)
    assert padding.segments(0).queries.tolist() == [0, 4, 7, 8]
    assert padding.segments(1).keys.tolist() == [0, 5, 9, 10]
    assert padding.segments(1).queries.dtype == torch.int32


def wrong(q, k, v, segments):
    return one_by_one(q, k, v.flip(0), segments)


def lacking(q, k, v, segments):
    raise RuntimeError("no kernel image is available\nfor this device")


@pytest.mark.parametrize(
    ("varlen", "there"), [(one_by_one, True), (wrong, False), (lacking, False)]
)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_attention_that_gives_something_else_is_not_used(varlen, there, dtype):
    assert agrees(varlen, CPU, dtype, 16) is there


def test_memory_that_runs_out_says_nothing_of_a_kernel():
    def full(q, k, v, segments):
        raise torch.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        agrees(full, CPU, torch.bfloat16, 16)


def test_a_cpu_keeps_the_mask():
    assert varlen_for(CPU, torch.bfloat16, 64) is None
    q, k, v, padding = drawn([9, 7], 0)
    assert torch.equal(attention(q, k, v, padding), masked(q, k, v, padding))


def test_a_device_with_segments_uses_them(monkeypatch):
    monkeypatch.setattr(module, "varlen_for", lambda *_: one_by_one)
    q, k, v, padding = drawn([9, 7], 0)
    assert torch.equal(attention(q, k, v, padding), in_segments(one_by_one, q, k, v, padding))
    assert torch.equal(attention(q, k, v, None), masked(q, k, v, None))
