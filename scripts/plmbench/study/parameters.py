"""What jobs are handed: exactly what decides their results, so that nothing else reruns them."""

from fractions import Fraction

from plmbench.core.canonical import selected
from plmbench.core.licences import licence_sentences
from plmbench.core.metrics import METRICS
from plmbench.core.modalities import PROTEIN
from plmbench.core.roles import NETWORK
from plmbench.core.weights import parse_weights
from plmbench.study.catalogues import Study
from plmbench.study.code import code_of
from plmbench.study.files import pretraining_sets
from plmbench.study.parts import part_arms
from plmbench.study.targets import curve_arms, used_datasets
from plmbench.study.tasks import served_sets, splits_to_embed

LABELS_ALONE = ("rows", "validation")  # what of a reading bears on no sequence
FACTS = ("role", "network", "series", "parameters", "pretraining", "pretraining_seed", "loss")
POLICIES = ("task_type", "nonstandard_residues", "long_sequences")


def reading(study: Study, dataset: str, split: str) -> list:
    """Return the names of a split's files, and how they are read."""
    return [study.files(dataset, split), study.reading(dataset, split)]


def readings(study: Study, dataset: str) -> list:
    """Return the same for every split whose sequences are embedded, without what bears on labels
    alone."""
    found = [(s, study.reading(dataset, s)) for s in splits_to_embed(study, dataset)]
    return [
        (study.files(dataset, split), selected(reading, set(reading) - set(LABELS_ALONE)))
        for split, reading in found
    ]


def tests(study: Study, dataset: str, split: str) -> list[str]:
    """Return the names of the test sets that a job of a split predicts."""
    return served_sets(study, dataset, split)


def tasks(study: Study) -> list[list[str]]:
    """Return the data set and the split of every task."""
    return [list(task) for task in study.tasks]


def families(study: Study, dataset: str) -> dict:
    """Return how the sequences of a data set are grouped into families."""
    return study.clustering(dataset)


def network(study: Study, model: str) -> dict:
    """Return what of a model's entry decides its embeddings."""
    return study.network(model)


def embed_code(study: Study, model: str) -> str:
    """Return the digest of the code that embeds with a model: its own family's, and no other's."""
    family = study.families[study.models[model]["family"]]
    return code_of("embed.py", [family.module])


def ablation(study: Study, model: str, weights: str) -> object:
    """Return what an ablation does to a model's parameters."""
    return study.ablation(model, weights)


def storage(study: Study, dataset: str, model: str) -> dict:
    """Return how a model's embeddings of a data set are stored."""
    return study.storage(dataset, model)


def probe(study: Study, name: str, dataset: str, weights: str) -> dict:
    """Return what of a probe's entry decides its scores on a data set."""
    return study.probe(name, dataset, weights)


def probe_code(study: Study, name: str, dataset: str) -> str:
    """Return the digest of the code that fits a probe: its own type's, and no other's."""
    probe_type = study.probe(name, dataset)["probe_type"]
    script = "probe_residues.py" if study.reads_residues(name) else "probe.py"
    return code_of(script, [f"plmbench.probe.types.{probe_type}"])


def method(study: Study, model: str, dataset: str) -> dict:
    """Return what of the entry of a model that predicts by itself decides its scores."""
    return study.method(model, dataset)


def method_code(study: Study, model: str) -> str:
    """Return the digest of the code that fits a model that predicts by itself: its own method's."""
    name = study.models[model]["family"]
    return code_of("fit_sequences.py", [f"plmbench.supervised.methods.{name}"])


def refit_code(study: Study, name: str, dataset: str) -> str:
    """Return the same of the code that fits a probe again."""
    probe_type = study.probe(name, dataset)["probe_type"]
    return code_of("refit.py", [f"plmbench.probe.types.{probe_type}"])


def recipe(study: Study, name: str) -> dict:
    """Return what of a recipe decides its network; its files are inputs."""
    entry = study.recipes[name]
    return selected(entry, set(entry) - {"data", "held_out", "about"})


def recipe_family(study: Study, name: str) -> str:
    """Return the family of a recipe's network."""
    return study.recipes[name]["family"]


def about_recipe(study: Study, name: str) -> dict:
    """Return what describes a recipe's network."""
    return study.recipes[name]["about"]


def metrics(study: Study) -> dict[str, str]:
    """Return {data set: the metric by which its layers are compared}."""
    return {dataset: study.metric(dataset) for dataset in used_datasets(study)}


def policies(study: Study) -> list[dict]:
    """Return for each task what its data set's policies are, and the least max_length of a model,
    0 where none has one."""
    return [
        task._asdict()
        | selected(study.datasets[task.dataset], POLICIES)
        | {"max_length": least_max_length(study, task.dataset)}
        for task in study.tasks
    ]


def least_max_length(study: Study, dataset: str) -> int:
    """Return the least max_length of a model that runs on a data set of proteins, 0 where none has
    one. How many tokens a text makes, each model's files say."""
    if study.modality(dataset) != PROTEIN:
        return 0
    lengths = [study.models[model].get("max_length") for model, _ in study.runs(dataset)]
    return min(filter(None, lengths), default=0)


def pretrained_models(study: Study, dataset: str) -> list[list[str]]:
    """Return the models of each FASTA that networks were pretrained on, in the files' order; [] for
    a data set of no proteins."""
    if study.modality(dataset) != PROTEIN:
        return []
    return list(pretraining_sets(study).values())


def label_controls(study: Study) -> dict[str, str]:
    """Return {probe: its control on permuted labels}."""
    controls = {control: study.permuted(control) for control in study.run.controls}
    return {probe: control for control, probe in controls.items() if probe}


def selectivity(study: Study) -> dict:
    """Return what the table of selectivity needs to know: {control: its probe}, and metrics."""
    found = {control: study.selectivity_of(control) for control in study.run.controls}
    return {
        "controls": {c: probe for c, probe in found.items() if probe},
        "metrics": metrics(study),
        "tasks": tasks(study),
    }


def described(study: Study, dataset: str, split: str) -> dict:
    """Return what figures and the report say of a task."""
    entry = study.datasets[dataset]
    title = f"{entry['about'].get('title', dataset)}, {split}"
    return entry["about"] | {
        "dataset": dataset,
        "split": split,
        "title": title,
        "task_type": entry["task_type"],
        "modality": study.modality(dataset),
        "metric": study.metric(dataset),
        "label_controls": label_controls(study),
    }


def described_tasks(study: Study) -> list[dict]:
    """Return what figures and the report say of every task."""
    return [described(study, *task) for task in study.tasks]


def described_models(study: Study) -> dict[str, dict]:
    """Return {model: what describes it} of each model that runs."""
    return {model: study.models[model]["about"] for model in study.models_run()}


def facts(study: Study) -> dict[str, dict]:
    """Return what of each model's description decides numbers; a title decides none."""
    return {model: selected(about, FACTS) for model, about in described_models(study).items()}


def titles(study: Study) -> dict[str, str]:
    """Return {model: its name in tables}."""
    return {model: about.get("title", model) for model, about in described_models(study).items()}


def licences(study: Study) -> list[str]:
    """Return what has to be known of the licences of the models that run."""
    return licence_sentences(described_models(study))


def baselines(study: Study) -> list[str]:
    """Return the models that a network has to beat."""
    return [m for m, about in described_models(study).items() if about["role"] == "baseline"]


def comparison(study: Study, dataset: str) -> dict:
    """Return what the comparison of a task's arms needs to know."""
    return {
        "arms": study.arms(dataset),
        "about": facts(study),
        "metric": study.metric(dataset),
        "label_controls": label_controls(study),
        "in_verdict": in_verdict(study),
        **selected(study.config["statistics"], ["n_bootstrap", "seed"]),
    }


def learning_curve(study: Study, probe: str, dataset: str) -> dict:
    """Return what decides the learning curves of a probe on a data set."""
    if study.run.learning_curve is None:  # rules are read also where no job is asked for
        return {}
    curve = selected(study.run.learning_curve.as_dict(), ["sizes", "draws", "validation"])
    sizes = sorted(curve["sizes"], key=Fraction)
    return curve | {"sizes": sizes, "metric": study.metric(dataset)}


def learning_curve_code(study: Study, name: str, dataset: str) -> str:
    """Return the digest of the code that fits learning curves by a probe: its own type's alone."""
    probe_type = study.probe(name, dataset)["probe_type"]
    return code_of("learning_curve.py", [f"plmbench.probe.types.{probe_type}"])


def worth(study: Study, dataset: str) -> dict:
    """Return what the comparison of a task's learning curves needs to know."""
    arms = curve_arms(study, dataset)
    return {
        "arms": arms,
        "networks": [m for m in study.run.models if study.models[m]["about"]["role"] == NETWORK],
        "in_verdict": in_verdict(study),
        "metric": study.metric(dataset),
        **selected(study.config["statistics"], ["n_bootstrap", "seed"]),
    }


def parts_comparison(study: Study, dataset: str) -> dict:
    """Return what the comparison of a task's arms that are ablated in part needs to know."""
    arms = part_arms(study, dataset)
    names = dict.fromkeys(parse_weights(weights).ablation for _, weights, _ in arms)
    return {
        "arms": arms,
        "actions": {name: study.ablations[name]["action"] for name in names},
        "metric": study.metric(dataset),
        **selected(study.config["statistics"], ["n_bootstrap", "seed"]),
    }


def in_verdict(study: Study) -> dict[str, bool]:
    """Return {name: whether it bears on the verdict} of the ablations that run, and of the
    baselines that say so: others do."""
    names = dict.fromkeys(parse_weights(weights).ablation for _, weights in study.runs())
    stated = [name for name in baselines(study) if "in_verdict" in study.models[name]]
    known = [name for name in names if name in study.ablations]
    return {name: study.in_verdict(name) for name in known + stated}


def min_effects(study: Study) -> dict[str, float]:
    """Return {metric: the smallest gain worth having} of the metrics by which tasks are judged,
    where there is one."""
    given = study.config["statistics"]["min_effect"]
    names = sorted({study.metric(task.dataset) for task in study.tasks})
    by_name = given if isinstance(given, dict) else dict.fromkeys(names, given)
    chosen = {name: by_name.get(name, METRICS[name].min_effect) for name in names}
    return {name: gain for name, gain in chosen.items() if gain is not None}


def judgement(study: Study) -> dict:
    """Return what the verdicts need to know."""
    networks = {m: about for m, about in facts(study).items() if about["role"] == "network"}
    splits = {t: study.datasets[t.dataset]["splits"][t.split] for t in study.tasks}
    published = {
        f"{task.dataset}/{task.split}": entry["published"]
        for task, entry in splits.items()
        if "published" in entry
    }
    return {
        "about": networks,
        "min_effect": min_effects(study),
        "published": published,
        "in_verdict": in_verdict(study),
    }
