"""A job that fits probes computes on a GPU where it asked for one and has it."""

from contextlib import contextmanager, nullcontext

import pytest
import torch

from plmbench.core.errors import InputError
from plmbench.hardware import devices
from plmbench.hardware.probe_device import probe_device

GPU = torch.device("cuda", 0)
ON_CLUSTER = {"gpu": 0, "gres": "gpu:a100:1"}  # as profiles/slurm asks


@pytest.mark.parametrize(
    ("compute", "granted", "wanted"),
    [
        ({"probe_device": "cpu", "device": "auto"}, {"gpu": 1}, None),
        ({"probe_device": "auto", "device": "auto"}, {"gpu": 1}, "auto"),
        ({"probe_device": "auto", "device": "cuda:1"}, {"gpu": 1}, "cuda:1"),
        ({"probe_device": "auto", "device": "auto"}, {"gpu": 0}, None),
        ({"probe_device": "auto", "device": "auto"}, {}, None),
        ({"probe_device": "auto", "device": "auto"}, ON_CLUSTER, "auto"),
        ({"probe_device": "cuda", "device": "auto"}, {"gpu": 1}, "cuda"),
        ({"probe_device": "cuda", "device": "cpu"}, {"gpu": 1}, "cuda"),
        ({"probe_device": "cuda", "device": "cuda:1"}, ON_CLUSTER, "cuda:1"),
    ],
)
def test_a_gpu_is_reserved_where_it_was_asked_for_and_granted(
    monkeypatch, compute, granted, wanted
):
    texts = []

    @contextmanager
    def reserved(text, key):
        texts.append(text)
        yield GPU

    monkeypatch.setattr(devices, "reserved_device", reserved)
    with probe_device(compute, granted) as device:
        assert device == (GPU if wanted else None)
    assert texts == ([wanted] if wanted else [])


def test_auto_without_a_gpu_is_the_cpu_and_numpy():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with probe_device({"probe_device": "auto", "device": "auto"}, {"gpu": 1}) as device:
        assert device is None


def test_cuda_without_a_gpu_names_the_setting():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    asked = {"probe_device": "cuda", "device": "auto"}
    wrong = r"compute\.probe_device is 'cuda', this machine shows 0"
    with pytest.raises(InputError, match=wrong), probe_device(asked, {"gpu": 1}):
        pass


def test_a_gpu_whose_memory_runs_out_is_named_with_what_to_change(monkeypatch):
    monkeypatch.setattr(devices, "reserved_device", lambda text, key: nullcontext(GPU))
    asked = {"probe_device": "auto", "device": "auto"}
    wrong = "memory of cuda:0; set compute.probe_device to cpu"
    with pytest.raises(InputError, match=wrong), probe_device(asked, {"gpu": 1}):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
