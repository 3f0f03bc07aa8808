"""The card: all calls that need CUDA are here, each with a counterpart on a CPU.

The counterpart takes the same steps, so that the first run on a GPU is not the first run.
"""

import gc
import platform
import re
import time
from contextlib import contextmanager

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from benchmarks.machines import peak_bytes, processor
from plmbench.hardware.devices import free_position, reserved_device


def cuda_precisions():
    """Return {precision: torch's dtype} that a GPU multiplies fast."""
    found = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}
    if torch.cuda.get_device_capability() < (8, 0):  # emulated before Ampere
        del found["bfloat16"]
    return found


class CudaCard:
    """The first GPU that torch shows."""

    kind = "cuda"
    activities = (ProfilerActivity.CPU, ProfilerActivity.CUDA)

    def __init__(self):
        self.device = torch.device("cuda", 0)
        self.name = torch.cuda.get_device_name(self.device)
        self.file = re.sub(r"\W+", "_", self.name).strip("_").lower()
        self.precisions = cuda_precisions()

    def described(self):
        """Return the card and what drives it, in words."""
        facts = torch.cuda.get_device_properties(self.device)
        return (
            f"{self.name}, {facts.total_memory / 2**30:.0f} GiB, capability "
            f"{facts.major}.{facts.minor}, torch {torch.__version__}, CUDA {torch.version.cuda}, "
            f"python {platform.python_version()}"
        )

    def seconds(self, work):
        """Return the wall time of `work()`, all of it done."""
        torch.cuda.synchronize(self.device)
        start = time.perf_counter()
        work()
        torch.cuda.synchronize(self.device)
        return time.perf_counter() - start

    def peak(self, work):
        """Return the most bytes of memory that were allocated during `work()`."""
        torch.cuda.reset_peak_memory_stats(self.device)
        self.seconds(work)
        return torch.cuda.max_memory_allocated(self.device)

    def allocated(self):
        """Return the bytes that are allocated now."""
        return torch.cuda.memory_allocated(self.device)

    def clean(self):
        """Give back what nobody holds."""
        gc.collect()
        torch.cuda.empty_cache()

    @contextmanager
    def capped(self, encoder, most, tokens):
        """Yield an encoder while torch may take no more than `most` bytes of the card."""
        self.clean()
        total = torch.cuda.get_device_properties(self.device).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, most / total), self.device)
        try:
            yield encoder
        finally:
            torch.cuda.set_per_process_memory_fraction(1.0, self.device)
            self.clean()

    @contextmanager
    def held(self, folder):
        """Hold the card as a job of the workflow does."""
        with reserved_device("cuda") as device:
            torch.ones(1, device=device).sum().item()
            yield

    def is_kernel(self, event):
        """Tell whether an event of the profiler is work of the card."""
        named_by_user = getattr(event, "is_user_annotation", False)
        return event.device_type == DeviceType.CUDA and not named_by_user


class Full:
    """An encoder that says that memory ran out where a batch has more tokens than fit."""

    def __init__(self, encoder, tokens):
        self.encoder, self.tokens = encoder, tokens

    def __getattr__(self, name):
        return getattr(self.encoder, name)

    def embed(self, tokens, hook):
        """As of Encoder."""
        if sum(group.numel() for group in tokens) > self.tokens:
            raise torch.OutOfMemoryError("out of memory, as said for a test")
        self.encoder.embed(tokens, hook)


class CpuCard:
    """A CPU in a card's place."""

    kind = "cpu"
    activities = (ProfilerActivity.CPU,)

    def __init__(self):
        self.device, self.name = torch.device("cpu"), "CPU"
        self.file = processor()
        self.precisions = {"bfloat16": torch.bfloat16, "float32": torch.float32}

    def described(self):
        """Return the processor, in words."""
        return f"CPU {self.file}, torch {torch.__version__}, python {platform.python_version()}"

    def seconds(self, work):
        """Return the wall time of `work()`."""
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    def peak(self, work):
        """Return the most bytes of memory that this process took, during `work()` or before."""
        work()
        return peak_bytes()

    def allocated(self):
        """Return the bytes that are allocated now: nobody counts them."""
        return 0

    def clean(self):
        """Give back what nobody holds."""
        gc.collect()

    @contextmanager
    def capped(self, encoder, most, tokens):
        """Yield an encoder for which memory runs out above so many tokens."""
        yield Full(encoder, tokens)

    @contextmanager
    def held(self, folder):
        """Hold a device in name only."""
        with free_position(["a card in name only"], folder):
            yield

    def is_kernel(self, event):
        """Tell whether an event of the profiler is work that calls nothing else."""
        return event.device_type == DeviceType.CPU and not event.cpu_children


CARDS = {"cuda": CudaCard, "cpu": CpuCard}


def timeline(card, work):
    """Return what the profiler saw of `work()`: (name, start, end) of each kernel in seconds."""
    with profile(activities=card.activities) as seen:
        card.seconds(work)
    return [
        (event.name, event.time_range.start / 1e6, event.time_range.end / 1e6)
        for event in seen.events()
        if card.is_kernel(event)
    ]
