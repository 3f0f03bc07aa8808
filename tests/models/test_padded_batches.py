"""A padded batch, as a GPU takes it: one group, attention within segments or by a mask, rotation in
few bits."""

import numpy as np
import pytest
import torch
from esm.rotary_embedding import apply_rotary_pos_emb

from helpers.attention import one_by_one
from helpers.extraction import FAMILIES, sequences_of, states_of
from helpers.networks import load_encoder, save_tiny
from plmbench.hardware import attention
from plmbench.hardware.matmul import matmul_for
from plmbench.models.esm import rotated

CPU = torch.device("cpu")
TEXTS = list(sequences_of([40, 38, 17, 3, 1], letters="ACDEFGHIKLMNPQRSTVWY").values())
CLOSE = {"float32": 1e-5, "bfloat16": 0.2, "float16": 0.02}  # of the mean magnitude, at most


@torch.inference_mode()
def padded_states(encoder):
    """Return [layer, residue, dim] of each text, all in one padded batch."""
    layers, tokens = [], encoder.tokenize(TEXTS)
    encoder.embed([tokens], lambda layer, states: layers.append(states[0]))
    masks = encoder.residues(tokens)
    return [np.stack([x[i][masks[i]] for x in layers]) for i in range(len(TEXTS))]


@pytest.mark.parametrize("precision", CLOSE)
@pytest.mark.parametrize("segments", [True, False])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_padded_batch_gives_what_its_sequences_give(
    family, segments, precision, tmp_path, monkeypatch
):
    encoder, _ = load_encoder("tiny", family, save_tiny(family, tmp_path / "tiny.pt"))
    encoder.pack(matmul_for(CPU, precision))
    expected = [states_of(encoder, text) for text in TEXTS]
    if segments:
        monkeypatch.setattr(attention, "varlen_for", lambda *_: one_by_one)
    for found, one in zip(padded_states(encoder), expected, strict=True):
        assert np.abs(found - one).max() <= CLOSE[precision] * np.abs(one).mean()


@pytest.mark.parametrize("shape", [(3, 2, 9, 8), (2, 3, 2, 9, 16), (1, 1, 1, 2)])
def test_a_rotation_is_fair_esms_to_the_bit_and_few_bits_stay_few(shape):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    angles = torch.outer(torch.arange(shape[-2]), torch.rand(shape[-1] // 2))
    cos, sin = angles.cos(), angles.sin()
    tables = (part.repeat(1, 2)[None] for part in (cos, sin))
    expected = apply_rotary_pos_emb(x, *tables)
    assert torch.equal(rotated(x, cos, sin), expected)
    for dtype, digits in ((torch.bfloat16, 8), (torch.float16, 11)):
        found = rotated(x.to(dtype), cos, sin)
        assert found.dtype == dtype
        assert (found - expected).abs().max() <= 2.0**-digits * 2 * x.abs().max()
