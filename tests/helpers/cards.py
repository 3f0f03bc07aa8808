"""A GPU in name only: the calls of torch.cuda that the benchmark makes, on a CPU."""

from types import SimpleNamespace

import torch

CPU = torch.device("cpu")
CALLS = {
    "get_device_name": lambda device=None: "Pretended GPU 80GB",
    "get_device_capability": lambda device=None: (8, 0),
    "get_device_properties": lambda device=None: SimpleNamespace(
        total_memory=1 << 36, major=8, minor=0
    ),
    "synchronize": lambda device=None: None,
    "reset_peak_memory_stats": lambda device=None: None,
    "max_memory_allocated": lambda device=None: 3 << 20,
    "memory_allocated": lambda device=None: 1 << 20,
    "empty_cache": lambda: None,
    "set_per_process_memory_fraction": lambda fraction, device=None: None,
}


def pretend(monkeypatch):
    """Let torch.cuda answer, and say which calls it was asked for; a call that torch lacks is an
    error here as it would be there."""
    asked = []
    for name, answer in CALLS.items():
        assert callable(getattr(torch.cuda, name))

        def call(*given, name=name, answer=answer, **more):
            asked.append(name)
            return answer(*given, **more)

        monkeypatch.setattr(torch.cuda, name, call)
    return asked
