"""The parameters of networks by role and block: how many, how often applied, how many are ablated.

Tied tensors count once, and buffers are none. What stands outside of the blocks has no number.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from plmbench.core.families import BY_LIBRARY, NO_BLOCK, Ablation
from plmbench.core.logs import log
from plmbench.models.ablations import Decision, first_matches, num_blocks
from plmbench.models.blueprints import Blueprint, blueprint

Row = dict[str, str | int | float | None]

COLUMNS = (
    *("model", "family", "role", "block", "tensors", "parameters", "times_applied"),
    *("share_reinit", "share_resample", "bytes_float32", "bytes_16_bits", "source"),
)
TOTAL = "total"  # the role of a model's last row
NOTHING, UNKNOWN = "no parameters", "weights not here"
BYTES = {"bytes_float32": 4, "bytes_16_bits": 2}  # the latter of bfloat16 and float16


class Parameter(NamedTuple):
    """A parameter of a network, and what its family's table says of it."""

    size: int
    decision: Decision


def parameters_of(found: Blueprint, rows: Sequence[Any]) -> list[Parameter]:
    """Return the parameters of a network, by the rows of its family's table."""
    shapes = {name: value.numel() for name, value in found.module.named_parameters()}
    decisions = first_matches(shapes, rows)
    if found.blocks is not None:
        decisions = drawn_by_library(found, decisions)
    return [Parameter(count, decisions[name]) for name, count in shapes.items()]


def drawn_by_library(found: Blueprint, decisions: Mapping[str, Decision]) -> dict[str, Decision]:
    """Return decisions with the draws of the library transformers, and the numbers of blocks."""
    from plmbench.models.recorded import recorded_rows, with_draws

    inside = next(
        (f"{name}." for name, part in found.whole.named_modules() if part is found.module and name),
        "",
    )
    wanted = [d for d in decisions.values() if d.row.initialiser == BY_LIBRARY]
    rows = recorded_rows(type(found.whole), found.whole.config) if wanted else {}
    own = {name.removeprefix(inside): row for name, row in rows.items()}
    return with_draws(decisions, own, found.blocks or {}, ())


def ablated(parameter: Parameter, ablation: Ablation, layers: int) -> bool:
    """Tell whether an ablation rewrites a parameter of a network of so many blocks."""
    return parameter.decision.within(ablation.scope, layers)


def row_of(
    names: Mapping[str, Any],
    parameters: Sequence[Parameter],
    ablations: Mapping[str, Ablation],
    layers: int,
) -> Row:
    """Return a row of the table for parameters that are counted together; names: its first
    columns, and where its sizes are from."""
    count = sum(parameter.size for parameter in parameters)
    shares = {
        f"share_{name}": sum(p.size for p in parameters if ablated(p, ablation, layers)) / count
        for name, ablation in ablations.items()
        if count
    }
    sizes = {name: count * width for name, width in BYTES.items()}
    facts = {"tensors": len(parameters), "parameters": count, **shares, **sizes}
    whole = {**dict.fromkeys(COLUMNS), **names, **facts}
    return {column: whole[column] for column in COLUMNS}


def rows_of(
    model: str, family: str, found: Blueprint, ablations: Mapping[str, Ablation], source: str
) -> list[Row]:
    """Return the rows of a network, one per role and block in the order of the network, and its
    total. ablations: by name, each with the rows of the family's table."""
    table = next(iter(ablations.values())).parameters
    parameters = parameters_of(found, table)
    layers = num_blocks({str(i): p.decision for i, p in enumerate(parameters)})
    groups: dict[tuple[str, int], list[Parameter]] = {}
    for parameter in parameters:
        key = parameter.decision.row.role, parameter.decision.block
        groups.setdefault(key, []).append(parameter)
    names = {"model": model, "family": family, "source": source}
    rows = []
    for (role, block), group in groups.items():
        outside = block == NO_BLOCK
        place = {"role": role, "block": None if outside else block + 1}
        times = {"times_applied": 1 if outside else found.applied}
        rows.append(row_of({**names, **place, **times}, group, ablations, layers))
    return [*rows, row_of({**names, "role": TOTAL}, parameters, ablations, layers)]


class Counted(NamedTuple):
    """What is known of a model before it runs."""

    rows: list[Row]
    shape: tuple[int, int] | None  # layers, layer 0 among them, and their width
    tokens: int | None = None  # of each example, where all have as many

    @property
    def embedded(self) -> tuple[int, int, int | None] | None:
        """Return layers, width and tokens; None where the shape is not known."""
        return None if self.shape is None else (*self.shape, self.tokens)


def one_row(model: str, entry: Mapping[str, Any], why: str, count: int | None) -> list[Row]:
    """Return the one row of a model that has no parameters, or whose are not known."""
    facts = {"role": TOTAL, "parameters": count, "source": why}
    names = {"model": model, "family": entry["family"], **facts}
    return [{column: names.get(column) for column in COLUMNS}]


def check_stated(model: str, stated: int | None, found: Blueprint) -> None:
    """Log where an entry states another number of parameters than its network has; whether it
    counts the contact head, which may have a file of its own, is open."""
    counts = {count_of(part) for part in (found.module, found.whole)}
    if stated and stated not in counts | {count_of(found.module, "contact_head.")}:
        log.warning(
            "model %s: about.parameters is %s, and its network has %s; mend its entry in "
            "config/models.yaml",
            *(model, f"{stated:,}", " or ".join(f"{count:,}" for count in sorted(counts))),
        )


def count_of(module: Any, without: str = "-") -> int:
    """Return how many parameters a module has, without those whose names begin so."""
    own = module.named_parameters()
    return sum(value.numel() for name, value in own if not name.startswith(without))


def counted(model: str, entry: Mapping[str, Any], path: str | None) -> Counted:
    """Return the rows of a model, and the shape of its embeddings.

    entry: its family, `encoder` and sizes of config/models.yaml, `stated`, the number of parameters
    by its description, and `ablations`, {name: what it does to this model}, {} for a representation
    without weights; path: its checkpoint, if it is here.
    """
    found = blueprint(model, entry, path)
    if found is None:
        known = "num_layers" in entry and "hidden_size" in entry
        stated = (entry["num_layers"] + 1, entry["hidden_size"]) if known else None
        return Counted(one_row(model, entry, UNKNOWN, entry.get("stated")), stated)
    shape = found.layers, found.width
    if not entry["ablations"]:
        return Counted(one_row(model, entry, NOTHING, 0), shape, found.tokens)
    check_stated(model, entry.get("stated"), found)
    ablations = {name: Ablation.read(given) for name, given in entry["ablations"].items()}
    source = "checkpoint" if path else "config of its entry"
    return Counted(rows_of(model, entry["family"], found, ablations, source), shape)
