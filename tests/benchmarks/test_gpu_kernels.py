"""What the GPU's benchmark says of a timeline of kernels."""

import pytest

from benchmarks.gpu import kernels


def test_gaps_lie_between_kernels_that_do_not_overlap():
    between, span = kernels.gaps([(0, 2), (1, 3), (5, 6), (6, 7), (9, 10)])
    assert between == [2, 2]
    assert span == 10


@pytest.mark.parametrize(
    ("kernel", "kind"),
    [
        ("nvjet_tst_256x128_64x4_2x1_v_bz_coopB_bias_TNT", "products"),
        ("sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n", "products"),
        ("void pytorch_flash::flash_fwd_kernel<...>", "attention"),
        ("fmha_cutlassF_bf16_aligned_64x64_rf_sm80", "attention"),
        ("Memcpy DtoH (Device -> Pinned)", "copies"),
        ("void at::native::vectorized_elementwise_kernel<4, GeluCUDAKernelImpl>", "the rest"),
    ],
)
def test_a_kernel_has_a_kind(kernel, kind):
    assert kernels.kind_of(kernel) == kind
