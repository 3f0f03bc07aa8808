"""Weight ablations: rewrite the parameters of a network by a table, and say what was done.

A table is a list of rows `{match: glob, init: name, **options}`. The first row that matches a
parameter's name decides; a parameter without a row and a row without a parameter are errors, so
that nothing is left out silently. Only parameters are touched, never buffers, and a tied tensor
once, under its first name.
"""

import hashlib
import math
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase

import numpy as np
import torch

from plmbench.core.errors import InputError

OPTIONS = ("match", "init")
BLOCK = 1 << 16  # values of a tensor that fit into a core's own memory


def generator_for(name, seed):
    """Return a parameter's own random generator, so that a draw depends on nothing but its name
    and the seed: not on order, device, scope, or what ran before.

    numpy's PCG64 and its samplers give the same values on every machine, where torch's normal
    draws depend on the CPU's vector instructions.
    """
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


def fans(weight):
    """Return fan-in and fan-out of a weight, as torch.nn.init counts them."""
    receptive_field = math.prod(weight.shape[2:])
    return weight.shape[1] * receptive_field, weight.shape[0] * receptive_field


def uniform(values, generator, bound):
    """Fill `values` from [-bound, bound)."""
    for block in blocks(values):
        generator.random(dtype=np.float32, out=block)
        block *= np.float32(2 * bound)
        block -= np.float32(bound)


def keep(values, generator, weight):
    """Leave the values as they are."""


def zeros(values, generator, weight):
    """Biases, as torch.nn.LayerNorm and fair-esm's out_proj start."""
    values.fill(0.0)


def ones(values, generator, weight):
    """Scales, as torch.nn.LayerNorm starts."""
    values.fill(1.0)


def shuffle(values, generator, weight, padding_row=None):
    """Permute all entries among themselves: values and so mean, variance and histogram stay.

    The row of the padding token, if there is one, takes no part.
    """
    flat = values.reshape(-1)
    if padding_row is None:
        generator.shuffle(flat)
        return
    rest = np.delete(values, padding_row, axis=0)
    generator.shuffle(rest.reshape(-1))
    values[np.arange(len(values)) != padding_row] = rest


def xavier_uniform(values, generator, weight, gain=1.0):
    """Glorot & Bengio 2010, torch.nn.init.xavier_uniform_."""
    fan_in, fan_out = fans(values)
    uniform(values, generator, gain * math.sqrt(6.0 / (fan_in + fan_out)))


def xavier_normal(values, generator, weight):
    """Glorot & Bengio 2010, torch.nn.init.xavier_normal_."""
    fan_in, fan_out = fans(values)
    generator.standard_normal(dtype=np.float32, out=values)
    values *= np.float32(math.sqrt(2.0 / (fan_in + fan_out)))


def kaiming_uniform(values, generator, weight):
    """He et al. 2015 with a = sqrt(5), as torch.nn.Linear and Conv1d start: 1 / sqrt(fan-in)."""
    uniform(values, generator, 1.0 / math.sqrt(fans(values)[0]))


def uniform_fan_in(values, generator, weight):
    """A bias as torch.nn.Linear and Conv1d start it, with the fan-in of its own layer's weight."""
    uniform(values, generator, 1.0 / math.sqrt(fans(weight)[0]))


def normal(values, generator, weight, padding_row=None):
    """Standard normal, as torch.nn.Embedding starts; the row of the padding token is zero."""
    generator.standard_normal(dtype=np.float32, out=values)
    if padding_row is not None:
        values[padding_row] = 0.0


# Each fills float32 `values` in place; `weight` is the weight of the parameter's own layer.
INITIALISERS = {
    "keep": keep,
    "zeros": zeros,
    "ones": ones,
    "shuffle": shuffle,
    "normal": normal,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "kaiming_uniform": kaiming_uniform,
    "uniform_fan_in": uniform_fan_in,
}


def decide(names, table):
    """Return {name: row} for every parameter; raises InputError for a gap on either side."""
    rows = {}
    for name in names:
        rows[name] = next((row for row in table if fnmatchcase(name, row["match"])), None)
        if rows[name] is None:
            raise InputError(
                f"ablation table: no row matches parameter {name!r}; add one to "
                "config/ablations.yaml, if only with init: keep"
            )
    used = {id(row) for row in rows.values()}
    idle = [row["match"] for row in table if id(row) not in used]
    if idle:
        raise InputError(
            f"ablation table: no parameter is decided by row(s) {', '.join(map(repr, idle))}; "
            "take them out of config/ablations.yaml, or put them before the row that shadows them"
        )
    return rows


def redraw(name, values, weight, row, seed):
    """Fill the float32 array `values` as the table's row says."""
    options = {key: value for key, value in row.items() if key not in OPTIONS}
    INITIALISERS[row["init"]](values, generator_for(name, seed), weight, **options)


def blocks(values):
    """Yield [value] views of a contiguous array, small enough to stay in a core's own memory."""
    flat = values.reshape(-1)
    for start in range(0, len(flat), BLOCK):
        yield flat[start : start + BLOCK]


def described(values):
    """Return mean, standard deviation and digest of a float32 array, from one pass over it.

    Sums are of the distances from its first value, so that equal values have a deviation of 0.
    """
    values = np.ascontiguousarray(values)
    digest, total, squares, first = hashlib.sha256(), 0.0, 0.0, np.float64(values.flat[0])
    room = np.empty(min(BLOCK, values.size))  # made once: the kernel clears what is new
    for block in blocks(values):
        digest.update(block)
        apart = np.subtract(block, first, out=room[: len(block)])
        total += float(apart.sum())
        squares += float(np.einsum("i,i->", apart, apart))  # np.dot starts threads
    shift = total / values.size
    variance = max(squares / values.size - shift**2, 0.0)
    return float(first) + shift, math.sqrt(variance), digest.hexdigest()[:16]


def ties(module):
    """Return the groups of parameter names that are one tensor."""
    groups = {}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        groups.setdefault(parameter.data_ptr(), []).append(name)
    return sorted(group for group in groups.values() if len(group) > 1)


@torch.no_grad()
def ablate(module, table, seed):
    """Rewrite the parameters of `module` (float32, on the CPU) in place, as many tensors at a time
    as torch has threads: each has a generator of its own, so the order does not matter.

    Returns the ledger, a dict for each parameter: name, shape, action, mean, standard deviation
    and digest before and after. Raises InputError where the table does not decide every parameter.
    """
    parameters = dict(module.named_parameters())  # a tied tensor is listed once
    rows, tied = decide(parameters, table), ties(module)

    def rewrite(name):
        values = parameters[name].detach().numpy()
        weight = parameters.get(name.rpartition(".")[0] + ".weight", parameters[name])
        before = described(values)
        redraw(name, values, weight, rows[name], seed)
        return entry(name, values.shape, rows[name]["init"], before, described(values))

    with ThreadPoolExecutor(
        torch.get_num_threads()
    ) as threads:  # numpy and hashlib let go of the GIL
        ledger = list(threads.map(rewrite, parameters))
    if ties(module) != tied:
        raise RuntimeError(f"tied parameters came apart: {tied} became {ties(module)}")
    return ledger


def entry(name, shape, action, before, after):
    """Return a row of the ledger."""
    return {
        "parameter": name,
        "shape": "x".join(map(str, shape)),
        "action": action,
        "mean_before": before[0],
        "mean_after": after[0],
        "sd_before": before[1],
        "sd_after": after[1],
        "digest_before": before[2],
        "digest_after": after[2],
    }
