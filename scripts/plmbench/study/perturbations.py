"""What the key `perturb` of a configuration comes to: checks, targets, and what jobs are handed."""

from typing import TYPE_CHECKING, Any

from plmbench.core.canonical import selected
from plmbench.core.errors import InputError
from plmbench.core.modalities import MODALITIES, PROTEIN
from plmbench.core.nudges import NOISE, maps_of
from plmbench.core.weights import PRETRAINED, parse_weights
from plmbench.study.code import code_of
from plmbench.study.messages import nearest

if TYPE_CHECKING:  # it checks its own key by `check`
    from plmbench.study.catalogues import Study

RESPONSES = "results/responses/{dataset}/{model}/{weights}.h5"
CHAINS = "results/chains/{dataset}.tsv"
LABELS = "results/chains/{dataset}.contacts.tsv"
SPREAD = ("spread", "spread_differences", "influence", "profile")  # tables of noise
CONTACTS = ("contacts", "contact_differences")  # tables of sets with known contacts
FIGURE = "results/figures/nudges.{name}.svg"
NOTHING: dict[str, Any] = {"sets": {}}


def settings(study: "Study") -> dict[str, Any]:
    """Return the key `perturb`; without sets where it is absent."""
    return study.config.get("perturb", NOTHING)


def sets(study: "Study") -> list[str]:
    """Return the names of the sets of chains that are nudged."""
    return list(settings(study)["sets"])


def contact_sets(study: "Study") -> list[str]:
    """Return those of them whose contacts are known."""
    return [name for name in sets(study) if name in study.contacts]


def models(study: "Study") -> list[str]:
    """Return the networks that are nudged."""
    chosen = settings(study).get("models") or study.run.models
    return [model for model in chosen if study.has_weights(model) and reads_proteins(study, model)]


def reads_proteins(study: "Study", model: str) -> bool:
    """Tell whether a network reads residues, which are what is nudged."""
    return study.reading_of(model) == PROTEIN


def runs(study: "Study") -> list[tuple[str, str]]:
    """Return the pairs (model, weights) that are nudged."""
    weights = settings(study).get("weights") or study.run.weights
    return [(model, each) for model in models(study) for each in weights]


def check_sets(study: "Study") -> None:
    """Check that each set of chains is one that is known, or has sequences of its own."""
    known = [*study.datasets, *study.contacts]
    for name, entry in settings(study)["sets"].items():
        if ("sequences" in entry) == (name in known):
            problem = (
                "has sequences of its own and the name of a data set; give it another name"
                if "sequences" in entry
                else "is no entry of config/datasets.yaml or config/contacts.yaml, and has no "
                f"sequences; {nearest(name, known)}"
            )
            raise InputError(f"config: perturb: sets: {name!r} {problem}")
        if name in study.datasets and study.modality(name) != PROTEIN:
            plural = MODALITIES[study.modality(name)].plural
            raise InputError(
                f"config: perturb: sets: {name!r} is of {plural}, and residues are nudged; take it "
                "out"
            )


def check(study: "Study") -> None:
    """Raise InputError where `perturb` names what is not there."""
    if not sets(study):
        return
    check_sets(study)
    for model in settings(study).get("models") or []:
        running = [
            name
            for name, _ in study.runs()
            if study.has_weights(name) and reads_proteins(study, name)
        ]
        if model not in running:
            raise InputError(
                f"config: perturb: models: {model!r} is no network that runs; "
                + nearest(model, dict.fromkeys(running))
            )
    if not models(study):
        raise InputError(
            "config: perturb: no network runs that could be nudged; list one under models"
        )
    for text in settings(study).get("weights") or []:
        try:
            ablation = parse_weights(text).ablation
        except InputError as error:
            raise InputError(f"config: perturb: {error}") from None
        if text != PRETRAINED and ablation not in study.ablations:
            raise InputError(
                f"config: perturb: weights: {ablation!r} is no entry of config/ablations.yaml; "
                + nearest(ablation, study.ablations)
            )


def responses(study: "Study", names: list[str] | None = None) -> list[str]:
    """Return the files of responses of sets of chains, all sets if None."""
    return [
        RESPONSES.format(dataset=name, model=model, weights=weights)
        for name in (sets(study) if names is None else names)
        for model, weights in runs(study)
    ]


def noise_sets(study: "Study") -> list[str]:
    """Return the sets of chains that noise is put into."""
    return [name for name, entry in settings(study)["sets"].items() if NOISE in entry["kinds"]]


def of_sets(template: str, names: list[str]) -> list[str]:
    """Return the files of a template for sets of chains."""
    return [template.format(dataset=name) for name in names]


def tables(study: "Study") -> list[str]:
    """Return the tables of a study that nudges, [] of others."""
    names = [name for name in SPREAD if noise_sets(study)]
    names += [name for name in CONTACTS if contact_sets(study)]
    return [f"results/tables/{name}.tsv" for name in names]


def choice(study: "Study", dataset: str) -> dict[str, Any]:
    """Return which chains of a set are nudged: what the job that lists them is handed."""
    own = selected(settings(study)["sets"][dataset], ["sequences", "chains", "longest"])
    known = study.contacts.get(dataset, {})
    return own | selected(known, ["sha256", "most_identity", "leave_out"])


def nudging(study: "Study", dataset: str) -> dict[str, Any]:
    """Return how the chains of a set are nudged."""
    common, own = settings(study), settings(study)["sets"][dataset]
    return {
        **selected(common, ["layers", "eps", "draws", "seed"]),
        "maps": maps_of(own["kinds"], own["observe"]),
        "contact_head": dataset in study.contacts,
    }


def statistics(study: "Study") -> dict[str, Any]:
    """Return what the tables need to know of resampling."""
    return selected(study.config["statistics"], ["n_bootstrap", "seed"])


def shown(study: "Study") -> str:
    """Return the id of the chain that figures show, "" for any."""
    return str(settings(study).get("shown", ""))


def figures(study: "Study") -> dict[str, str]:
    """Return {figure: its file} of a study that nudges, {} of others."""
    names = ["spread", "profile", "response_map"] if noise_sets(study) else []
    names += ["contact_map"] if contact_sets(study) else []
    return {name: FIGURE.format(name=name) for name in names}


def storage(study: "Study", dataset: str) -> dict[str, Any]:
    """Return under which policies a job reads chains: a chain above a model's max_length is left
    out."""
    policies = {"nonstandard_residues": "error", "long_sequences": "drop"}
    numbers = {"layers": "all", "dtype": "float32", "precision": "float32"}
    return {"poolings": [], **numbers, **policies}


def code(study: "Study", model: str) -> str:
    """Return the digest of the code that nudges a model's residues: its own family's, and no
    other's."""
    return code_of("perturb.py", [study.families[study.models[model]["family"]].module])
