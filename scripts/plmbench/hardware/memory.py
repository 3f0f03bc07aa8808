"""Memory: keep what is freed, give it back, and tell when it has run out; and full precision."""

import ctypes
import gc
import platform

import torch

M_TRIM_THRESHOLD, M_MMAP_MAX, M_ARENA_MAX = -1, -4, -8  # malloc.h
NO_KERNEL = "could not create a primitive"
# How a CPU's memory runs out: torch's allocator, the C++ library, and oneDNN, which has the same
# words for other failures; those end as a sequence that does not fit alone, with the words.
OUT_OF_MEMORY = (
    "allocate memory",
    "bad_alloc",
    "can't start new thread",
    NO_KERNEL,
    "could not create a memory object",
    "could not execute a primitive",
)


def keep_freed_memory() -> None:
    """Have glibc keep what is freed: a layer's activations are allocated anew at each layer, and
    handing them back to the system in between halves the speed of a small network on a CPU."""
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, 1 << 30)


def release_freed_memory(device: torch.device) -> None:
    """Give back what a failed batch has left behind: libraries beside torch need room, too."""
    gc.collect()  # an error that came out of a thread is a cycle, which holds the batch's tensors
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, 1)  # a new thread would set 64 MB aside for itself
        libc.malloc_trim(0)


def use_full_precision() -> None:
    """Make float32 mean float32: cuDNN would compute CARP's convolutions in TF32 by default."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that memory ran out, on a GPU or on the host."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or (
        isinstance(error, RuntimeError) and any(text in str(error) for text in OUT_OF_MEMORY)
    )
