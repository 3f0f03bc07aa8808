"""What is fit on which data set: probes, their controls, and methods without embeddings."""

from collections.abc import Mapping
from typing import Any

from plmbench.core.errors import InputError
from plmbench.core.modalities import PROTEIN
from plmbench.core.task_types import REGRESSION
from plmbench.core.weights import PRETRAINED, parse_weights
from plmbench.probe.probe_type import ProbeType
from plmbench.study import registries
from plmbench.study.curve_entries import LearningCurve
from plmbench.study.entries import Entries
from plmbench.study.families import Family
from plmbench.study.model_entries import Direct, ModelEntry
from plmbench.study.probe_entries import ControlTaskProbe, PermutedProbe, ProbeEntry
from plmbench.study.run_settings import Refits, RunSettings

# keys of a model without embeddings that decide no prediction
UNTRAINED = ("family", "about", "task_types", "in_verdict")
PLACING = ("type", "task_types")  # keys of a probe that say what and where it is, and not how


class Fits:
    """What the entries of models and probes mean for a data set. A part of Study."""

    run: RunSettings
    entries: Entries
    models: Mapping[str, Any]
    ablations: Mapping[str, Any]
    families: Mapping[str, Family]

    def models_run(self) -> list[str]:
        """Return the models of the configuration, each once."""
        return list(dict.fromkeys([*self.run.models, *self.run.checkpoints]))

    def has_weights(self, model: str) -> bool:
        """Tell whether a model reads a checkpoint."""
        return registries.has_weights(self.entries.models[model].family)

    def is_direct(self, model: str) -> bool:
        """Tell whether a model predicts from sequences by itself, so that nothing is embedded."""
        return isinstance(self.entries.models[model], Direct)

    def modality(self, dataset: str) -> str:
        """Return what the examples of a data set are."""
        return self.entries.datasets[dataset].modality or PROTEIN

    def reading_of(self, model: str) -> str:
        """Return the modality that a model reads: as its entry says, or its family; what predicts
        by itself has none of these, and reads proteins."""
        entry = self.entries.models[model]
        family = self.families.get(entry.family)
        return getattr(entry, "modality", None) or (family.modality if family else PROTEIN)

    def reads(self, model: str, dataset: str) -> bool:
        """Tell whether a model reads examples of a data set's modality."""
        return self.reading_of(model) == self.modality(dataset)

    def embedding_model(self, model: str) -> ModelEntry:
        """Return the entry of a model that has embeddings."""
        entry = self.entries.models[model]
        if not isinstance(entry, ModelEntry):
            raise InputError(f"config/models.yaml: {model}: has no embeddings")
        return entry

    def metric(self, dataset: str) -> str:
        """Return the metric by which a data set's layers are compared."""
        entry = self.entries.datasets[dataset]
        return entry.metric or registries.primary_metric(entry.task_type)

    def permuted(self, probe: str) -> str | None:
        """Return the probe of which this one is the control on permuted labels, or None."""
        entry = self.entries.probes[probe]
        return entry.permutes_labels_of if isinstance(entry, PermutedProbe) else None

    def selectivity_of(self, probe: str) -> str | None:
        """Return the probe whose selectivity this one on a control task tells, or None."""
        entry = self.entries.probes[probe]
        return entry.selectivity_of if isinstance(entry, ControlTaskProbe) else None

    def controlled(self, probe: str) -> str | None:
        """Return the probe of which this one is a control of either kind, or None."""
        return self.permuted(probe) or self.selectivity_of(probe)

    def fitted(self, probe: str) -> ProbeEntry:
        """Return the entry whose settings a probe has: its own, or that of a control's probe."""
        entry = self.entries.probes[self.controlled(probe) or probe]
        if not isinstance(entry, ProbeEntry):  # `check_controls` has refused it
            raise InputError(f"config/probes.yaml: {probe}: is the control of another control")
        return entry

    def reads_residues(self, probe: str) -> bool:
        """Tell whether a probe reads every residue of a sequence."""
        return registries.probe_types()[self.fitted(probe).type].per_residue

    def chooses(self, kind: ProbeType, entry: ProbeEntry | Direct, dataset: str) -> bool:
        """Tell whether an entry of this kind is for a data set's type of task and its metric."""
        task_type = self.entries.datasets[dataset].task_type
        if entry.task_types and task_type not in entry.task_types:
            return False
        if self.entries.datasets[dataset].wild_type and not kind.for_variants:
            return False
        return (entry.select or self.metric(dataset)) in kind.selects(task_type)

    def applies(self, probe: str, dataset: str) -> bool:
        """Tell whether a probe is for a data set: its task type, and the metric it chooses by."""
        entry, task_type = self.fitted(probe), self.entries.datasets[dataset].task_type
        if self.selectivity_of(probe) and task_type == REGRESSION:
            return False  # a control task is one of classes
        if self.selectivity_of(probe) and self.modality(dataset) != PROTEIN:
            return False  # and its types are letters
        return self.chooses(registries.probe_types()[entry.type], entry, dataset)

    def probes_of(self, asked: Refits | LearningCurve | None, dataset: str) -> list[str]:
        """Return the probes of a data set that are refit, or that learn from fewer labels: those
        that are named, or all where none of these runs."""
        there = [probe for probe in self.run.probes if self.applies(probe, dataset)]
        named = getattr(asked, "probes", None) or ()
        return [probe for probe in there if probe in named] or there

    def serves(self, model: str, dataset: str) -> bool:
        """Tell whether a model that predicts by itself is for a data set: see `applies`."""
        entry = self.entries.models[model]
        return (
            isinstance(entry, Direct)
            and self.reads(model, dataset)
            and self.chooses(registries.methods()[entry.family], entry, dataset)
        )

    def is_part(self, text: str) -> bool:
        """Tell whether weights are ablated in a part of the network, or in one after another."""
        name = parse_weights(text).ablation
        return name in self.ablations and self.entries.ablations[name].scoped

    def probe(self, probe: str, dataset: str, weights: str = PRETRAINED) -> dict[str, Any]:
        """Return what of a probe's entry decides its scores on a data set. Of a sweep over parts
        every layer of the file is probed: it is the last one at a point."""
        entry = self.fitted(probe)
        settings = {key: value for key, value in entry.as_dict().items() if key not in PLACING}
        settings |= {"layers": "all"} if self.is_part(weights) else {}
        return {
            "select": self.metric(dataset),
            **settings,
            "probe_type": entry.type,
            "task_type": self.entries.datasets[dataset].task_type,
            "permute_labels": self.permuted(probe) is not None,
        }

    def method(self, model: str, dataset: str) -> dict[str, Any]:
        """Return what of the entry of a model that predicts by itself decides its scores."""
        entry = {k: v for k, v in self.models[model].items() if k not in UNTRAINED}
        return {
            "select": self.metric(dataset),
            **entry,
            "method": self.models[model]["family"],
            "task_type": self.entries.datasets[dataset].task_type,
        }
