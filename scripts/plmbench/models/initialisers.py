"""Initialisers: how the parameters of a network start, drawn by generators of their own.

No torch here: the same seed gives the same values on every machine.
"""

import hashlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from plmbench.core.families import KEEP, ParameterRow

CHUNK = 1 << 16  # values of a tensor that fit into a core's own memory
Values = NDArray[np.float32]
Array = NDArray[Any]


def generator_for(name: str, seed: int) -> Generator:
    """Return a parameter's own random generator, so that a draw depends on nothing but its name
    and the seed: not on order, device, scope, or what ran before.

    numpy's PCG64 and its samplers give the same values on every machine, where torch's normal
    draws depend on the CPU's vector instructions.
    """
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return Generator(PCG64(int.from_bytes(digest, "big")))


def chunks(values: Array) -> Iterator[Array]:
    """Yield [value] views of a contiguous array, small enough to stay in a core's own memory."""
    flat = values.reshape(-1)
    for start in range(0, len(flat), CHUNK):
        yield flat[start : start + CHUNK]


def fans(weight: Array) -> tuple[int, int]:
    """Return fan-in and fan-out of a weight, as torch.nn.init counts them."""
    receptive_field = math.prod(weight.shape[2:])
    return weight.shape[1] * receptive_field, weight.shape[0] * receptive_field


def uniform(values: Values, generator: Generator, bound: float) -> None:
    """Fill `values` from [-bound, bound)."""
    for chunk in chunks(values):
        generator.random(dtype=np.float32, out=chunk)
        chunk *= np.float32(2 * bound)
        chunk -= np.float32(bound)


def keep(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> None:
    """Leave the values as they are."""


def zeros(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> None:
    """Biases, as torch.nn.LayerNorm and fair-esm's out_proj start."""
    values.fill(0.0)


def ones(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> None:
    """Scales, as torch.nn.LayerNorm starts."""
    values.fill(1.0)


def xavier_uniform(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> None:
    """Glorot & Bengio 2010, torch.nn.init.xavier_uniform_, with the row's gain."""
    fan_in, fan_out = fans(values)
    uniform(values, generator, row.gain * math.sqrt(6.0 / (fan_in + fan_out)))


def xavier_normal(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> None:
    """Glorot & Bengio 2010, torch.nn.init.xavier_normal_."""
    fan_in, fan_out = fans(values)
    generator.standard_normal(dtype=np.float32, out=values)
    values *= np.float32(math.sqrt(2.0 / (fan_in + fan_out)))


def kaiming_uniform(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> None:
    """He et al. 2015 with a = sqrt(5), as torch.nn.Linear and Conv1d start: 1 / sqrt(fan-in)."""
    uniform(values, generator, 1.0 / math.sqrt(fans(values)[0]))


def uniform_fan_in(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> None:
    """A bias as torch.nn.Linear and Conv1d start it, with the fan-in of its own layer's weight."""
    uniform(values, generator, 1.0 / math.sqrt(fans(weight)[0]))


def normal(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> None:
    """Normal, as torch.nn.Embedding starts; the row of the padding token is zero."""
    generator.standard_normal(dtype=np.float32, out=values)
    values *= np.float32(row.std)
    if row.padding_row is not None:
        values[row.padding_row] = 0.0


def truncated_normal(
    values: Values, generator: Generator, weight: Array, row: ParameterRow
) -> None:
    """Normal, where draws beyond the bound are drawn again, torch.nn.init.trunc_normal_."""
    generator.standard_normal(dtype=np.float32, out=values)
    values *= np.float32(row.std)
    while (beyond := np.abs(values) > row.bound).any():
        drawn = generator.standard_normal(int(beyond.sum()), dtype=np.float32)
        values[beyond] = drawn * np.float32(row.std)
    if row.padding_row is not None:
        values[row.padding_row] = 0.0


def constant(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> None:
    """One value everywhere, as scales of whole layers start."""
    values.fill(row.value)


# Each fills float32 `values` in place; `weight` is the weight of the parameter's own layer, and
# `row` is the row of the family's table, which holds the options.
Initialiser = Callable[[Values, Generator, Array, ParameterRow], None]
INITIALISERS: dict[str, Initialiser] = {
    KEEP: keep,
    "zeros": zeros,
    "ones": ones,
    "constant": constant,
    "normal": normal,
    "truncated_normal": truncated_normal,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "kaiming_uniform": kaiming_uniform,
    "uniform_fan_in": uniform_fan_in,
}
