"""Arrays of numpy on the CPU, or tensors of torch on a GPU, by the same code.

Code that takes either is written in what both have: operators, slices, methods such as `sum`, and
the functions of `names`, which are called the same in both. What is not the same stands here. Only
what is as large as the features is on a GPU; small tables go there and come back. Nothing here
loads torch: where a device is given, it is there.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any  # numpy's ndarray, or torch's Tensor


def names(array: Array) -> Any:
    """Return the module whose functions take an array: numpy, or torch."""
    return np if isinstance(array, np.ndarray) else sys.modules["torch"]


def on_device(values: np.ndarray, device: Any = None) -> Array:
    """Return numbers as they are, or as a tensor on a torch.device."""
    if device is None:
        return values
    return sys.modules["torch"].from_numpy(np.ascontiguousarray(values)).to(device)


def cast(array: Array, dtype: Any) -> Array:
    """Return an array of a dtype of its module, itself if it is."""
    return array.astype(dtype, copy=False) if names(array) is np else array.to(dtype)


def put(values: Array, beside: Array, dtype: Any = None) -> Array:
    """Return values where the array `beside` is, of a dtype of its module."""
    if names(beside) is not np and isinstance(values, np.ndarray):
        values = on_device(values, beside.device)
    return values if dtype is None else cast(values, dtype)


def host(array: Array) -> np.ndarray:
    """Return an array as numpy's; a tensor of a GPU is copied."""
    return array if isinstance(array, np.ndarray) else array.cpu().numpy()


def eigh(matrix: Array, overwrite: bool = False) -> tuple[Array, Array]:
    """Return the eigenvalues [axis], rising, and the eigenvectors [row, axis] of a symmetric
    matrix, which may be overwritten."""
    if names(matrix) is not np:
        return names(matrix).linalg.eigh(matrix)
    from scipy.linalg import eigh as of_scipy

    return of_scipy(matrix, driver="evd", overwrite_a=overwrite)


def rows_into(room: Array, X: Array, rows: Array) -> Array:
    """Write the rows [row] of X into the first ones of `room`, and return these."""
    own = room[: len(rows)]
    if names(X) is np:
        return np.take(X, rows, 0, out=own, mode="clip")
    return names(X).index_select(X, 0, rows, out=own)


def expit(logits: Array) -> None:
    """Make logits probabilities, in place."""
    if names(logits) is not np:
        logits.sigmoid_()
        return
    from scipy.special import expit as of_scipy

    of_scipy(logits, out=logits)


def adder(array: Array) -> Callable[..., Any]:
    """Return the function (x, y, a) that adds a x to y in place, for such arrays."""
    if names(array) is not np:
        return lambda x, y, a: y.add_(x, alpha=a)
    from scipy.linalg.blas import get_blas_funcs

    return get_blas_funcs("axpy", dtype=array.dtype)
