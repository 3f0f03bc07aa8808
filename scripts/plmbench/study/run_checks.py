"""Whether what a configuration asks for can run: names that exist, and what they are for."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from plmbench.core.errors import InputError, Refusals
from plmbench.core.modalities import MODALITIES
from plmbench.core.test_sets import learned, set_of
from plmbench.core.weights import PRETRAINED, parse_weights
from plmbench.study import perturbations
from plmbench.study.messages import nearest
from plmbench.study.parts import part_runs
from plmbench.study.tasks import Task

if TYPE_CHECKING:
    from plmbench.study.catalogues import Study

Item = TypeVar("Item")
Result = TypeVar("Result")
NAMING = {  # keys of the configuration that name entries, and of which catalogue
    "models": "models",
    "checkpoints": "models",
    "probes": "probes",
    "controls": "probes",
    "recipes": "recipes",
}


def of_each(check: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return what a check returns of each item; raises the InputError of all that it refuses."""
    refusals = Refusals()
    found = [refusals.of(check, item) for item in items]
    refusals.report()
    return [result for result in found if result is not None]


def read_tasks(study: "Study") -> None:
    """Read the Tasks of the list `tasks`."""
    study.tasks = tasks_named(study, study.run.tasks, "tasks")


def nearest_split(name: str, splits: Iterable[str]) -> str:
    """Return a hint: the split or the test set that is meant, as a task has it, or all of them."""
    known = list(splits)
    same_set = [each for each in known if set_of(each) in (name, set_of(name)) and set_of(each)]
    if learned(name) in known and set_of(name):
        return f"it has one test set, without a name: write {learned(name)!r}"
    return nearest(name, [each for each in same_set if learned(each) != learned(name)] or known)


def tasks_named(study: "Study", texts: Iterable[str], key: str) -> list[Task]:
    """Return the Tasks of a list, such as `tasks`; `gb1` alone means all splits of gb1,
    and a split with named test sets all of these."""
    found = of_each(partial(tasks_of_text, study, key), texts)
    return list(dict.fromkeys(chain.from_iterable(found)))


def tasks_of_text(study: "Study", key: str, text: str) -> list[Task]:
    """Return the Tasks that one text of such a list means."""
    dataset, _, split = text.partition("/")
    check_known(study, [dataset], key, "datasets")
    splits = study.datasets[dataset]["splits"]
    named = [s for s in splits if split in ("", s, learned(s))]
    if not named:
        raise InputError(
            f"config: {key}: data set {dataset!r} has no split {split!r}; "
            + nearest_split(split, splits)
        )
    return [Task(dataset, each) for each in named]


def read_curve_tasks(study: "Study") -> None:
    """Read the Tasks that have a learning curve, in the order of all.

    What is named and does not run has none: a configuration over another one has other tasks.
    """
    wanted, key = study.run.learning_curve, "learning_curve: tasks"
    if wanted is None:
        return
    named = study.tasks if wanted.tasks is None else tasks_named(study, wanted.tasks, key)
    study.curve_tasks = [task for task in study.tasks if task in named]


def check_known(study: "Study", names: Iterable[str], key: str, file: str) -> None:
    """Raise InputError where names of the configuration are no entries of their catalogue."""
    catalogue = getattr(study.entries, file)
    unknown = [
        f"config: {key}: {name!r} is no entry of config/{file}.yaml; {nearest(name, catalogue)}"
        for name in names
        if name not in catalogue
    ]
    if unknown:
        raise InputError("\n".join(unknown))


def check_names(study: "Study") -> None:
    """Check that each model, probe and recipe that is to run exists."""
    refusals = Refusals()
    for key, catalogue in NAMING.items():
        refusals.of(check_known, study, getattr(study.run, key), key, catalogue)
    refusals.report()


def check_refits(study: "Study") -> None:
    """Check that what is to be refit, or learn from fewer labels, exists; what does not run has
    neither."""
    refusals = Refusals()
    refusals.of(tasks_named, study, getattr(study.refits, "tasks", None) or (), "refits: tasks")
    for key, asked in (("refits", study.refits), ("learning_curve", study.run.learning_curve)):
        probes = getattr(asked, "probes", None) or ()
        refusals.of(check_known, study, probes, f"{key}: probes", "probes")
    refusals.report()


def check_controls(study: "Study") -> None:
    """Check that no entry of probes.yaml is a probe and a control at once.

    A model may stand in `models` and `checkpoints`: it runs with every entry of weights.
    """

    def check_control(name: str) -> None:
        if name in study.run.probes:
            raise InputError(
                f"config: controls: {name!r} stands under probes, too, and a control has no "
                "verdict; take it out of one of them"
            )

    def check_probe(name: str) -> None:
        if probe := study.controlled(name):
            raise InputError(
                f"config: probes: {name!r} is a control of {probe!r}, and so gives no verdict; "
                "list it under controls"
            )

    refusals = Refusals()
    refusals.of(of_each, check_control, study.run.controls)
    refusals.of(of_each, check_probe, study.run.probes)
    refusals.report()


def check_weights(study: "Study") -> None:
    """Check that each ablation that is to run exists, also for the models' families."""

    def check_text(text: str) -> None:
        try:
            ablation = parse_weights(text).ablation
        except InputError as error:
            raise InputError(f"config: {error}") from None
        if text != PRETRAINED:  # `none` is no choice: it would label a network's own weights
            check_known(study, [ablation], "weights", "ablations")

    of_each(check_text, study.run.weights)
    if part_runs(study) and not any(study.weights_of(model) for model in study.run.models):
        raise InputError(
            "config: weights: ablates networks in part alone; add pretrained, of which a part "
            "is a share"
        )


def check_modalities(study: "Study") -> None:
    """Check that each model that runs reads some data set, and each data set has a model."""
    datasets = list(dict.fromkeys(task.dataset for task in study.tasks))

    def check_model(model: str) -> None:
        if not any(study.reads(model, dataset) for dataset in datasets):
            own = ", ".join(dict.fromkeys(MODALITIES[study.modality(d)].plural for d in datasets))
            raise InputError(
                f"config: models: {model!r} reads none of the data sets under tasks, which are of "
                f"{own}; take it out, or set modality in {study.entries.place('models', model)}"
            )

    def check_dataset(dataset: str) -> None:
        if not any(study.reads(model, dataset) for model in study.models_run()):
            raise InputError(
                f"config: tasks: no model reads {dataset!r}, which is of "
                f"{MODALITIES[study.modality(dataset)].plural}; add one of this modality to models"
            )

    refusals = Refusals()
    refusals.of(of_each, check_model, study.models_run())
    refusals.of(of_each, check_dataset, datasets)
    refusals.report()


def check_runs(study: "Study") -> None:
    """Check that each network that runs has a checkpoint, and each task a probe."""

    def check_model(model: str) -> None:
        if study.has_weights(model) and not study.embedding_model(model).checkpoint:
            raise InputError(
                f"{study.entries.place('models', model)}: has neither path nor url; "
                "say where its checkpoint is"
            )

    def check_task(task: Task) -> None:
        if not any(study.applies(probe, task.dataset) for probe in study.run.probes):
            raise InputError(
                f"config: probes: none of {', '.join(study.run.probes)} is for task "
                f"{task.dataset}/{task.split}, which is "
                f"{study.entries.datasets[task.dataset].task_type}"
            )

    refusals = Refusals()
    refusals.of(of_each, check_model, dict.fromkeys(model for model, _ in study.runs()))
    refusals.of(of_each, check_task, study.tasks)
    refusals.report()


# Those of a stage are made together, so that all that is wrong is said at once; each stage needs
# what the one before it has found right.
STAGES: tuple[tuple[Callable[["Study"], None], ...], ...] = (
    (read_tasks, check_names),
    (read_curve_tasks, check_refits, check_controls, check_weights),
    (check_runs, check_modalities, perturbations.check),
)


def check(study: "Study") -> None:
    """Read the tasks of a study, and check all that it asks for; raises InputError."""
    for stage in STAGES:
        refusals = Refusals()
        for each in stage:
            refusals.of(each, study)
        refusals.report()
