"""Loading a network with its weights in memory once, and no first weights drawn."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

DRAWS = (torch.Tensor.uniform_, torch.Tensor.normal_)


class TakingOver(TorchFunctionMode):
    """While a library builds a network and loads a checkpoint into it, leave out the draws that the
    checkpoint overwrites, and let parameters take its tensors over where the library would copy
    them. The library's own checks and ties stay."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func in DRAWS:
            return args[0]
        if getattr(func, "__module__", "") == "torch.nn.init" and "tensor" in kwargs:
            return kwargs["tensor"]
        if func is torch.Tensor.copy_ and isinstance(args[0], nn.Parameter):
            target, source = args[:2]
            if (target.shape, target.dtype) == (source.shape, source.dtype):
                target.data = source.contiguous()
                return target
        return func(*args, **kwargs)
