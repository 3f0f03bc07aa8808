"""Part 2: what the card gives at most, measured in this run: plain products, and a copy."""

import statistics

import torch

from plmbench.hardware.memory import use_full_precision

PART = "ceilings"
ROUNDS, IN_A_ROW = 5, 4  # of each round the mean of some products in a row, which hides the launch


def product_rate(card, dtype, size):
    """Return the floating-point operations a second of a square product of random numbers."""
    a, b = (torch.randn(size, size, device=card.device).to(dtype) for _ in range(2))
    out = torch.empty_like(a)

    def multiply():
        for _ in range(IN_A_ROW):
            torch.matmul(a, b, out=out)

    card.seconds(multiply)
    spent = statistics.median(card.seconds(multiply) for _ in range(ROUNDS))
    return 2 * size**3 * IN_A_ROW / spent


def copy_rate(card, size):
    """Return the bytes a second, read and written, of a copy on the card."""
    source = torch.randint(0, 255, (size,), dtype=torch.uint8, device=card.device)
    target = torch.empty_like(source)
    card.seconds(lambda: target.copy_(source))
    spent = statistics.median(card.seconds(lambda: target.copy_(source)) for _ in range(ROUNDS))
    return 2 * size / spent


def run(bench):
    """Measure the product of each precision, and the copy."""
    use_full_precision()
    for precision, dtype in bench.card.precisions.items():
        with bench.step(PART, precision=precision):
            rate = product_rate(bench.card, dtype, bench.scale.product)
            bench.record.add(PART, "TFLOP/s", rate / 1e12, precision=precision)
    with bench.step(PART, quantity="copy"):
        bench.record.add(PART, "copy, GB/s", copy_rate(bench.card, bench.scale.copied) / 1e9)
