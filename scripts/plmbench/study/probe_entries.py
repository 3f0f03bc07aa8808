"""config/probes.yaml: probes, one form of entry per type, and controls on permuted labels.

The forms are made from what each probe type declares of its settings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from dataclasses import Field as Declared
from types import GenericAlias
from typing import Annotated, Any, Self, Union, get_args, get_origin

from pydantic import Field, Tag, create_model, model_validator

from plmbench.core.direct import DIRECT
from plmbench.probe.probe_type import ProbeType
from plmbench.study import registries
from plmbench.study.fields import (
    LayerChoice,
    Listed,
    Number,
    OneOf,
    Pattern,
    Settings,
    choosing,
    named,
    refused,
)

ProbeName = Annotated[str, Pattern(f"(?!{DIRECT}$)[a-z][a-z0-9_]*")]
TaskTypes = Annotated[list[Annotated[str, OneOf(registries.task_types)]], Listed(unique=True)]
PERMUTED = "<control on permuted labels>"
CONTROL_TASK = "<control task>"


def check_served(kind: ProbeType, task_types: Sequence[str] | None, select: str | None) -> None:
    """Raise the error of a type of task that a probe does not serve, or of a metric that it cannot
    choose by."""
    for task_type in task_types or ():
        if task_type not in kind.chooses_by:
            raise refused(
                f"task_types: {kind.name} is not for {task_type}; "
                f"choose of {', '.join(kind.chooses_by)}"
            )
    metrics = dict.fromkeys(name for names in kind.chooses_by.values() for name in names)
    if select is not None and select not in metrics:
        raise refused(
            f"select: {kind.name} cannot choose by {select!r}; choose one of {', '.join(metrics)}"
        )


class PermutedProbe(Settings):
    """A negative control: another probe on labels permuted within each subset it learns from."""

    permutes_labels_of: str = Field(
        description="instead of all else, the name of a probe to run on labels permuted within "
        "each subset it learns from, a negative control"
    )


class ControlTaskProbe(Settings):
    """A probe on a control task (Hewitt & Liang 2019), whose labels can only be memorised."""

    selectivity_of: str = Field(
        description="instead of all else, the name of a probe to run on a control task, in which "
        "each type of residue or sequence has one class drawn at random, the same in train and "
        "test; its score less that on the control task is the probe's selectivity"
    )


class ProbeEntry(Settings):
    """What a probe of any type may say."""

    type: str = Field(description="the probe's type")
    task_types: TaskTypes | None = Field(
        default=None, description="the types of task to run it on; all that it serves if absent"
    )
    select: str | None = None

    @model_validator(mode="after")
    def _serves(self) -> Self:
        check_served(registries.probe_types()[self.type], self.task_types, self.select)
        return self


def typed(kind: Any, limits: Mapping[str, Any]) -> Any:
    """Return the type of a setting in a configuration from what its probe declares of it."""
    if get_origin(kind) is Sequence:
        element = typed(get_args(kind)[0], limits.get("items", {}))
        listed = Listed(limits.get("min_length", 0), unique=limits.get("unique", False))
        return Annotated[GenericAlias(list, (element,)), listed]
    if kind in (int, float):
        return Annotated[kind, Number(kind is int, limits.get("ge"), limits.get("gt"))]
    if choices := limits.get("choices"):
        return Annotated[str, OneOf(lambda: choices)]
    return kind if kind in (bool, str) else LayerChoice


def setting(declared: Declared[Any], filled: bool) -> tuple[Any, Any]:
    """Return type and field of a setting; its default is handed to jobs only where `filled`."""
    if declared.name == "select":
        kind: Any = str
    else:
        kind = typed(declared.type, declared.metadata)
    text = declared.metadata["description"]
    if declared.default is MISSING:
        return kind, Field(description=text)
    default = list(declared.default) if isinstance(declared.default, tuple) else declared.default
    if filled and default is not None:
        return kind, Field(default, description=text)
    shown = {} if default is None else {"default": default}
    return kind | None, Field(default=None, description=text, json_schema_extra=shown)


def entry_of(name: str, settings: type) -> type[ProbeEntry]:
    """Return the form of the entries of a probe type."""
    own = {each.name: setting(each, filled=False) for each in fields(settings)}
    common = registries.common_probe_settings()
    shared = {each.name: setting(each, filled=True) for each in fields(common)}
    description = ProbeEntry.model_fields["type"].description
    kind = Annotated[str, OneOf(lambda: (name,))], Field(description=description)
    members: dict[str, Any] = {"type": kind, **own, **shared}
    return create_model(
        f"{name.title()}Probe", __base__=ProbeEntry, __doc__=settings.__doc__, **members
    )


PROBE_ENTRIES = {
    name: entry_of(name, kind.settings) for name, kind in registries.probe_types().items()
}


CONTROLS = {"permutes_labels_of": PERMUTED, "selectivity_of": CONTROL_TASK}


def tag_of(entry: object) -> str:
    """Return the tag of a probe's form."""
    if isinstance(entry, dict):
        for key, tag in CONTROLS.items():
            if key in entry:
                return tag
        return f"<type {entry['type']}>" if isinstance(entry.get("type"), str) else ""
    return next(
        (tag for key, tag in CONTROLS.items() if hasattr(entry, key)),
        f"<type {getattr(entry, 'type', '')}>",
    )


TAGGED = tuple(Annotated[form, Tag(f"<type {name}>")] for name, form in PROBE_ENTRIES.items())
CONTROL_ENTRIES = (
    Annotated[PermutedProbe, Tag(PERMUTED)],
    Annotated[ControlTaskProbe, Tag(CONTROL_TASK)],
)
PROBES = named(ProbeName, Annotated[Union[(*TAGGED, *CONTROL_ENTRIES)], choosing(tag_of)])
