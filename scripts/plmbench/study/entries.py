"""What an entry of a catalogue must hold beyond its schema: keys that depend on each other.

Names of what the library has registered stand here once more, so that a configuration is read
without it; tests hold them equal.
"""

from plmbench.core.errors import InputError
from plmbench.study.schemas import nearest

ALIGNED = ("flat", "mutated", "sites")  # poolings for variants of one protein
NUMBERS = ("spearman", "pearson", "r2", "rmse", "ndcg", "ndcg_corrected")
CLASSES = ("accuracy", "balanced_accuracy", "macro_f1", "mcc", "cross_entropy", "roc_auc")
METRICS = {"regression": NUMBERS, "classification": CLASSES, "residue_classification": CLASSES}
# By what a kind of probe can choose its settings on a kind of task; ridge gives no probabilities.
DECIDING = tuple(name for name in CLASSES if name != "cross_entropy")
SELECTIONS = {
    "ridge": {
        "regression": (*NUMBERS, "as_published"),
        "classification": DECIDING,
        "residue_classification": DECIDING,
    },
    "logistic": {"classification": CLASSES, "residue_classification": CLASSES},
    "mlp": METRICS,
}
# Keys of a model that its family needs, and those it may have: which of these it would read.
FAMILIES = {
    "onehot": ((), ()),
    "composition": ((), ()),
    "length": ((), ()),
    "random_projection": (("architecture",), ()),
    "esm1": ((), ("url", "path", "sha256")),
    "esm1b": ((), ("url", "path", "sha256")),
    "esm2": ((), ("url", "path", "sha256")),
    "carp": ((), ("url", "path", "sha256", "architecture")),
}
OF_FAMILY = ("url", "path", "sha256", "architecture")
# Keys of a source that a format needs, and those it may have.
FORMATS = {
    "csv": ((), ("columns",)),
    "flip_fasta": ((), ()),
    "residue_fasta": (("sequences",), ("mask",)),
    "netsurfp_csv": ((), ()),
}
SOURCE = ("format", "columns", "download")  # what a split has from its data set
FILES = ("path", "sequences", "mask", "wild_type")  # keys that name files of the user
SPECIAL = ("sequences", "mask", "columns")  # keys that are not for every format


def check_files(where, entry):
    """Raise InputError for the path of a file in which Snakemake would see a wildcard."""
    for key in FILES:
        if "{" in entry.get(key, ""):
            raise InputError(
                f"{where}: {key}: {entry[key]!r} holds a brace, which Snakemake reads as the "
                "start of a wildcard; rename the file"
            )


def check_model(name, entry):
    """Raise InputError for an entry of models.yaml that its family cannot be built from."""
    where, family = f"config/models.yaml: {name}", entry["family"]
    check_files(where, entry)
    needed, optional = FAMILIES[family]
    if missing := [key for key in needed if key not in entry]:
        raise InputError(f"{where}: lacks {missing[0]}, which family {family} needs")
    if unused := [key for key in OF_FAMILY if key in entry and key not in (*needed, *optional)]:
        raise InputError(f"{where}: {unused[0]} is not for family {family}")
    sizes = {k: v for k, v in entry.get("architecture", {}).items() if type(v) is int}
    if small := [key for key, size in sizes.items() if size < 1]:
        raise InputError(f"{where}: architecture: {small[0]} is {sizes[small[0]]}; give 1 or more")
    if family == "random_projection" and set(entry["architecture"]) != {"hidden_size"}:
        raise InputError(f"{where}: architecture: give hidden_size, and no more, for {family}")


def check_source(where, source):
    """Raise InputError where a file of a source is missing, or one has no use."""
    if "path" not in source and not source.get("download"):
        raise InputError(f"{where} has neither path nor download; say where its table is")
    if (download := source.get("download")) and not {"url", "path"} & set(download):
        raise InputError(f"{where}: download has neither url nor path; say where the file is")
    check_files(where, source.get("download") or source)
    needed, optional = FORMATS[source["format"]]
    if missing := [key for key in needed if key not in source]:
        raise InputError(f"{where} lacks {missing[0]}, which format {source['format']} needs")
    if unused := [key for key in SPECIAL if key in source and key not in (*needed, *optional)]:
        raise InputError(f"{where}: {unused[0]} is not for format {source['format']}")


def check_dataset(name, entry):
    """Raise InputError for an entry of datasets.yaml that cannot be read."""
    where, metrics = f"config/datasets.yaml: {name}", METRICS[entry["task_type"]]
    check_files(where, entry)
    if "slice" in entry and entry["slice"][0] >= entry["slice"][1]:
        raise InputError(
            f"{where}: slice: {entry['slice']} keeps nothing; start must be below stop"
        )
    if entry.get("metric", metrics[0]) not in metrics:
        raise InputError(
            f"{where}: metric: {entry['metric']!r} is not for {entry['task_type']}; "
            f"choose one of {', '.join(metrics)}"
        )
    shared = {key: entry[key] for key in SOURCE if key in entry}
    for split, own in entry["splits"].items():
        check_source(f"{where}: splits: {split}", shared | own)
        if "test" in own:
            check_source(f"{where}: splits: {split}: test", {"format": "csv"} | own["test"])


NEEDED = {"ridge": ("alphas",), "logistic": ("Cs",), "mlp": ("hidden", "alphas")}
OPTIONAL = {
    "ridge": ("scale", "refit"),
    "logistic": ("max_iter",),
    "mlp": ("epochs", "patience", "batch_size", "learning_rate"),
}
COMMON = ("type", "seeds", "layers", "max_residues", "select")
FILLED = ("seeds", "layers", "max_residues")  # keys of COMMON that the schema fills in
PLACING = ("task_types",)  # keys that say where a probe runs, and not how


def check_shuffled(where, entry, probes):
    """Raise InputError for a control on shuffled labels that is not that of a probe."""
    of = entry["permutes_labels_of"]
    if of not in probes or "permutes_labels_of" in probes[of]:
        known = [probe for probe in probes if "permutes_labels_of" not in probes[probe]]
        raise InputError(f"{where}: permutes_labels_of: {of!r} is no probe; {nearest(of, known)}")
    if unused := sorted(set(entry) - {"permutes_labels_of", *FILLED}):
        raise InputError(
            f"{where}: {unused[0]} has no use beside permutes_labels_of; it is that of {of}"
        )


def check_probe(name, entry, probes):
    """Raise InputError for an entry of probes.yaml whose settings are not those of its kind."""
    where = f"config/probes.yaml: {name}"
    if "permutes_labels_of" in entry:
        check_shuffled(where, entry, probes)
        return
    if "type" not in entry:
        raise InputError(f"{where}: lacks type; known: {', '.join(NEEDED)}")
    probe_type = entry["type"]
    if missing := [key for key in NEEDED[probe_type] if key not in entry]:
        raise InputError(f"{where}: lacks {', '.join(missing)}, which type {probe_type} needs")
    known = {*NEEDED[probe_type], *OPTIONAL[probe_type], *COMMON, *PLACING}
    if unknown := sorted(set(entry) - known):
        raise InputError(
            f"{where}: {unknown[0]} is no setting of type {probe_type}; "
            f"{nearest(unknown[0], known)}"
        )
    if unserved := [
        task for task in entry.get("task_types", ()) if task not in SELECTIONS[probe_type]
    ]:
        raise InputError(
            f"{where}: task_types: {probe_type} is not for {unserved[0]}; "
            f"choose of {', '.join(SELECTIONS[probe_type])}"
        )
    metrics = dict.fromkeys(name for names in SELECTIONS[probe_type].values() for name in names)
    if entry.get("select", next(iter(metrics))) not in metrics:
        raise InputError(
            f"{where}: select: {probe_type} cannot choose by {entry['select']!r}; "
            f"choose one of {', '.join(metrics)}"
        )
