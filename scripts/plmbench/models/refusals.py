"""Checkpoints that are read, but make no network of their family: what is wrong, in a few names."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

from torch import Tensor

from plmbench.core.errors import InputError, first_line
from plmbench.core.wording import brief, shortened

SHOWN = 5  # names of a kind in a message
QUOTED = re.compile(r"""['"]([^'"]+)['"]""")
# What torch and fair-esm write of names, and what it means. fair-esm lists them in no order.
LISTED = {"Missing key(s)": "it lacks", "Unexpected key(s)": "the network does not know"}
SIZES = re.compile(r"size mismatch for (\S+?):.*?(\[[\d, ]*\]).*?(\[[\d, ]*\])")


def some(names: Collection[str]) -> str:
    """Return the first names in order, and how many more there are."""
    shown = ", ".join(sorted(names)[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN:,} more"


def begun_alike(names: Collection[str]) -> str:
    """Return what all names begin with, up to a dot, as a hint; "" where there is no such thing."""
    columns = zip(*(name.split(".") for name in names), strict=False)
    same = [column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns)]
    return f", all of which begin with {'.'.join(same)}." if same and len(names) > 1 else ""


def flaws_of(message: str) -> Iterator[str]:
    """Yield what a library's message says of names and shapes, in our words."""
    for heading, words in LISTED.items():
        _, _, rest = message.partition(f"{heading} in state_dict:")
        if names := set(QUOTED.findall(rest.partition("\n")[0])):
            yield f"{words} {some(names)}{begun_alike(names)}"
    if sizes := SIZES.findall(message):
        shapes = [f"{name} is {found}, should be {expected}" for name, found, expected in sizes]
        yield some(shapes)


def unbuildable(path: Path | str, library: str, name: str, error: Exception) -> InputError:
    """Return the error for a checkpoint of which a library makes no network for model `name`."""
    kind = f"{type(error).__name__}: {shortened(first_line(error))}"
    flaws = "; ".join(flaws_of(str(error))) or kind
    return InputError(
        f"checkpoint {path}: {library} cannot load it ({flaws}); is the family of model {name} "
        "right, and the architecture?"
    )


def require_keys(
    path: Path | str, data: Mapping[str, Any], keys: Collection[str], layout: str, name: str
) -> None:
    """Raise InputError where a checkpoint lacks keys that a layout of checkpoints always has."""
    missing = [key for key in keys if key not in data]
    if not missing:
        return
    if data and all(isinstance(value, Tensor) for value in data.values()):
        raise InputError(
            f"checkpoint {path}: holds tensors alone, such as {brief(min(map(str, data)))}; "
            f"{layout} has {' and '.join(keys)}: write "
            f"torch.save({{**original, {keys_of_tensors(keys)!r}: "
            "network.state_dict()}, file), where `original` is the file that was trained further"
        )
    raise InputError(
        f"checkpoint {path}: lacks {', '.join(missing)}, which {layout} has; it holds "
        f"{some(list(map(str, data))) or 'nothing'}; is the family of model {name} right?"
    )


def keys_of_tensors(keys: Collection[str]) -> str:
    """Return the key under which a layout keeps its tensors, the last one."""
    return [*keys][-1]
