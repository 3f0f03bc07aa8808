"""Networks that are ablated in part: what can be said of a scope before a network is read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from plmbench.core.errors import InputError
from plmbench.core.families import AFTER, BLOCK, BY_LIBRARY, KEEP, ParameterRow
from plmbench.core.scopes import FUSED, Parts, Scope
from plmbench.core.weights import parse_weights
from plmbench.study.ablation_entries import AblationEntry

if TYPE_CHECKING:
    from plmbench.study.catalogues import Study

Arm = tuple[str, str, str]  # model, weights, probe
UNKNOWN = 9999  # blocks of a network whose entry does not say how many it has
MOST_POINTS = 60  # of a network whose entry does not say how many blocks it has


def positions_of(row: ParameterRow, num_layers: int) -> range:
    """Return where the parameters stand that a row decides: see core.scopes."""
    if BLOCK in row.match:
        return range(1, num_layers + 1)
    after = row.role in AFTER and not row.before
    return range(num_layers + 1, num_layers + 2) if after else range(1)


def why_absent(scope: Scope, rows: Sequence[ParameterRow], num_layers: int | None) -> str:
    """Return why a network of a family has not what a scope asks for, as far as the family's table
    and the network's entry tell; "" where it may have it."""
    number = num_layers or UNKNOWN
    if any(row.initialiser == BY_LIBRARY for row in rows):  # a network need not have every row
        return scope.why_absent({row.role for row in rows} - {FUSED}, number)
    span = scope.positions(number)
    roles = {
        row.role
        for row in rows
        if row.initialiser != KEEP and any(p in span for p in positions_of(row, number))
    }
    return scope.why_absent(roles, number)


def has_part(
    name: str, entry: AblationEntry, model: str, rows: Sequence[ParameterRow], layers: int | None
) -> bool:
    """Tell whether a network may have the part that an entry of ablations.yaml ablates; raises
    InputError where it has not and the entry does not say to skip it."""
    parts = Parts.read(entry.parts())
    scopes = [point.scope for point in parts.points(layers or 1) if not parts.may_lack(point)]
    asked = [parts.scope] if not parts.sweep else scopes[1:] if layers else []
    for scope in asked:
        if reason := why_absent(scope, rows, layers):
            if parts.where_absent == "skip" and not parts.sweep:
                return False
            raise InputError(
                f"config: weights: {name}: its scope ({scope.described()}) reaches no parameter of "
                f"model {model}: {reason}; mend {name} in config/ablations.yaml, or have it say "
                "where_absent: skip"
            )
    return True


def part_runs(study: "Study") -> list[tuple[str, str]]:
    """Return the pairs (model, weights) of networks that are ablated in part, each once."""
    texts = [text for text in study.run.weights if study.is_part(text)]
    found = []
    for model in (model for model in study.run.models if study.has_weights(model)):
        entry = study.embedding_model(model)
        rows = study.families[entry.family].parameters
        for text in texts:
            name = parse_weights(text).ablation
            if has_part(name, study.entries.ablations[name], model, rows, entry.num_layers):
                found.append((model, text))
    return found


def part_arms(study: "Study", dataset: str) -> list[Arm]:
    """Return the triples (model, weights, probe) of networks ablated in part on a data set."""
    probes = [probe for probe in study.run.probes if study.applies(probe, dataset)]
    runs = [(model, text) for model, text in part_runs(study) if study.reads(model, dataset)]
    return [(model, text, probe) for model, text in runs for probe in probes]


def num_points(study: "Study", model: str, weights: str) -> int:
    """Return how many layers a file of embeddings with these weights has, at most: of a network
    that is ablated in part the points of the sweep."""
    layers = study.embedding_model(model).num_layers
    if not study.is_part(weights):
        return (layers or 0) + 1
    parts = Parts.read((study.ablation(model, weights) or {})["parts"])
    return len(parts.points(layers)) if layers else MOST_POINTS


def num_networks(study: "Study", model: str, weights: str) -> int:
    """Return how many networks a job that embeds with these weights has in memory, at most."""
    if not study.is_part(weights):
        return 1
    parts = Parts.read((study.ablation(model, weights) or {})["parts"])
    layers = study.embedding_model(model).num_layers or 1
    scopes = [point.scope for point in parts.points(layers)]
    return 1 + len({(scope.roles, scope.excepted) for scope in scopes})
