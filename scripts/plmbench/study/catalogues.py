"""What a configuration comes to: the runs, and what each job is handed.

`config/config.yaml` says what to run; the catalogues beside it say what exists.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plmbench.core.canonical import selected
from plmbench.core.direct import DIRECT
from plmbench.core.modalities import MODALITIES, PROTEIN
from plmbench.core.poolings import RESIDUES
from plmbench.core.task_types import RESIDUE_CLASSIFICATION
from plmbench.core.weights import NONE, PRETRAINED, parse_weights
from plmbench.study import registries, run_checks
from plmbench.study.ablation_entries import in_verdict
from plmbench.study.entries import CATALOGUES, Entries, as_dicts, run_settings
from plmbench.study.families import read_families
from plmbench.study.fits import Fits
from plmbench.study.own_entries import own_entries
from plmbench.study.readings import Readings, with_test_sets
from plmbench.study.run_settings import refits_of
from plmbench.study.tasks import Task

SIZES = ("num_layers", "hidden_size", "max_length")
NETWORK = ("family", "sha256", *SIZES, "architecture", "side", "part", "writing", "modality")


class Study(Readings, Fits):
    """What to run, and the catalogue entries it names; the one place that joins them.

    `run` and `entries` are typed; `config`, `models`, `datasets`, `ablations`, `probes` and
    `recipes` and `contacts` hold the same as mappings, for rules.
    """

    def __init__(
        self, config: Mapping[str, Any], folder: Path | str, files: Sequence[Path | str] = ()
    ) -> None:
        """Check `config`, which was read from `files`, against the catalogues in `folder`.

        Raises InputError that names file, key and the nearest known name.
        """
        self.run = run_settings(config)
        own = own_entries(self.run.as_dict(), files)
        self.entries = Entries.read(Path(folder).absolute(), own)
        self.config = self.run.as_dict()
        catalogues = {name: as_dicts(getattr(self.entries, name)) for name in CATALOGUES}
        self.models = catalogues["models"]
        self.datasets = {
            name: entry | {"splits": with_test_sets(entry["splits"])}
            for name, entry in catalogues["datasets"].items()
        }
        self.ablations, self.probes = catalogues["ablations"], catalogues["probes"]
        self.recipes, self.contacts = catalogues["recipes"], catalogues["contacts"]
        self.families = read_families(Path(folder) / "families")
        self.tasks: list[Task] = []
        self.curve_tasks: list[Task] = []
        self.refits = refits_of(self.run.refits)
        run_checks.check(self)

    def weights_of(self, model: str) -> Sequence[str]:
        """Return the weights that a model runs with, but for those ablated in part."""
        if not self.has_weights(model):
            return [NONE]
        whole = [text for text in self.run.weights if not self.is_part(text)]
        return whole if model in self.run.models else [PRETRAINED]

    def runs(self, dataset: str | None = None) -> list[tuple[str, str]]:
        """Return the pairs (model, weights) to embed and probe, each once; of a data set those
        whose model reads its modality."""
        names = [model for model in self.models_run() if not self.is_direct(model)]
        names = [model for model in names if dataset is None or self.reads(model, dataset)]
        return [(model, weights) for model in names for weights in self.weights_of(model)]

    def ablation(self, model: str, text: str) -> dict[str, Any] | None:
        """Return what an ablation does to a model: its action, and the table of the model's family;
        None where nothing is redrawn."""
        weights, family = parse_weights(text), self.entries.models[model].family
        if not weights.ablated:
            return None
        entry = self.entries.ablations[weights.ablation]
        rows = [row.settings() for row in self.families[family].parameters]
        parts = {"parts": entry.parts()} if entry.scoped else {}
        return {"action": entry.action, "parameters": rows, **parts}

    def in_verdict(self, name: str) -> bool:
        """Tell whether an ablation, or a baseline, bears on the verdict."""
        if name in self.entries.ablations:
            return in_verdict(name, self.entries.ablations[name])
        return self.entries.models[name].in_verdict is not False

    def poolings(self, dataset: str, model: str) -> list[str]:
        """Return the poolings to store for a model on a data set."""
        entry = self.entries.datasets[dataset]
        if entry.task_type == RESIDUE_CLASSIFICATION:
            return [RESIDUES]
        probes = [probe for probe in self.run.probes if self.applies(probe, dataset)]
        residues = [RESIDUES] if any(map(self.reads_residues, probes)) else []
        wanted = self.embedding_model(model).pooling or entry.pooling or self.run.pooling
        allowed = MODALITIES[self.modality(dataset)].poolings
        wanted = [pooling for pooling in wanted if pooling in (allowed or wanted)]
        if self.modality(dataset) == PROTEIN and not entry.wild_type:
            aligned = registries.aligned_poolings()
            wanted = [pooling for pooling in wanted if pooling not in aligned]
        wanted = wanted or ["mean"]
        return [*wanted, *residues]

    def storage(self, dataset: str, model: str) -> dict[str, Any]:
        """Return how a model's embeddings of a data set are stored."""
        poolings, entry = self.poolings(dataset, model), self.entries.datasets[dataset]
        return {
            "poolings": poolings,
            "layers": self.config["layers"] if RESIDUES in poolings else "all",
            "dtype": self.run.dtype,
            "precision": self.run.precision,
            "nonstandard_residues": entry.nonstandard_residues,
            "long_sequences": entry.long_sequences,
        }

    def network(self, model: str) -> dict[str, Any]:
        """Return what of a model's entry decides its embeddings."""
        network = selected(self.models[model], NETWORK)
        family = network.pop("family")
        return network | {"encoder": self.families[family].encoder}

    def clustering(self, dataset: str) -> dict[str, Any]:
        """Return when two sequences of a data set are of one family (None: never), and whether all
        are variants of one protein."""
        entry = self.entries.datasets[dataset]
        chosen = entry.families or self.run.families
        settings = None if isinstance(chosen, str) else chosen.as_dict()
        if self.modality(dataset) != PROTEIN:  # what MMseqs2 aligns is residues
            settings = None
        variants = entry.wild_type is not None
        return {"settings": None if variants else settings, "variants": variants}

    def fits(self, model: str, weights: str) -> list[str]:
        """Return the probes to fit: controls on the pretrained weights of what is under study."""
        controlled = weights == PRETRAINED and model in self.run.models
        return self.run.probes + (self.run.controls if controlled else [])

    def arms(self, dataset: str) -> list[tuple[str, str, str]]:
        """Return the triples (model, weights, probe) to score on a data set, each once."""
        arms = [
            (model, weights, probe)
            for model, weights in self.runs(dataset)
            for probe in self.fits(model, weights)
            if self.applies(probe, dataset) and not self.selectivity_of(probe)
        ]
        direct = [model for model in self.models_run() if self.is_direct(model)]
        arms += [(model, NONE, DIRECT) for model in direct if self.serves(model, dataset)]
        return list(dict.fromkeys(arms))

    def control_tasks(self, dataset: str) -> list[tuple[str, str, str]]:
        """Return the triples (model, weights, probe) to score on a data set's control task. They
        are no arms: what is to be predicted there is not what arms predict."""
        return [
            (model, weights, probe)
            for model, weights in self.runs(dataset)
            for probe in self.fits(model, weights)
            if self.selectivity_of(probe) in self.run.probes and self.applies(probe, dataset)
        ]
