"""What an entry of a catalogue must hold beyond its schema: keys that depend on each other.

Names of what the library has registered stand here once more, so that a configuration is read
without it; tests hold them equal.
"""

from plmbench.errors import InputError
from plmbench.schemas import nearest

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
# Keys of a source that a format needs, and those it may have.
FORMATS = {
    "csv": ((), ("columns",)),
    "flip_fasta": ((), ()),
    "residue_fasta": (("sequences",), ("mask",)),
    "netsurfp_csv": ((), ()),
}
SOURCE = ("format", "columns", "download")  # what a split has from its data set
SPECIAL = ("sequences", "mask", "columns")  # keys that are not for every format


def check_source(where, source):
    """Raise InputError where a file of a source is missing, or one has no use."""
    if "path" not in source and not source.get("download"):
        raise InputError(f"{where} has neither path nor download; say where its table is")
    if (download := source.get("download")) and not {"url", "path"} & set(download):
        raise InputError(f"{where}: download has neither url nor path; say where the file is")
    needed, optional = FORMATS[source["format"]]
    if missing := [key for key in needed if key not in source]:
        raise InputError(f"{where} lacks {missing[0]}, which format {source['format']} needs")
    if unused := [key for key in SPECIAL if key in source and key not in (*needed, *optional)]:
        raise InputError(f"{where}: {unused[0]} is not for format {source['format']}")


def check_dataset(name, entry):
    """Raise InputError for an entry of datasets.yaml that cannot be read."""
    where, metrics = f"config/datasets.yaml: {name}", METRICS[entry["kind"]]
    if "slice" in entry and entry["slice"][0] >= entry["slice"][1]:
        raise InputError(
            f"{where}: slice: {entry['slice']} keeps nothing; start must be below stop"
        )
    if entry.get("metric", metrics[0]) not in metrics:
        raise InputError(
            f"{where}: metric: {entry['metric']!r} is not for {entry['kind']}; "
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
COMMON = ("kind", "seeds", "layers", "max_residues", "select")
FILLED = ("seeds", "layers", "max_residues")  # keys of COMMON that the schema fills in


def check_shuffled(where, entry, probes):
    """Raise InputError for a control on shuffled labels that is not that of a probe."""
    of = entry["shuffles"]
    if of not in probes or "shuffles" in probes[of]:
        known = [probe for probe in probes if "shuffles" not in probes[probe]]
        raise InputError(f"{where}: shuffles: {of!r} is no probe; {nearest(of, known)}")
    if unused := sorted(set(entry) - {"shuffles", *FILLED}):
        raise InputError(f"{where}: {unused[0]} has no use beside shuffles; it is that of {of}")


def check_probe(name, entry, probes):
    """Raise InputError for an entry of probes.yaml whose settings are not those of its kind."""
    where = f"config/probes.yaml: {name}"
    if "shuffles" in entry:
        check_shuffled(where, entry, probes)
        return
    if "kind" not in entry:
        raise InputError(f"{where}: lacks kind; known: {', '.join(NEEDED)}")
    kind = entry["kind"]
    if missing := [key for key in NEEDED[kind] if key not in entry]:
        raise InputError(f"{where}: lacks {', '.join(missing)}, which kind {kind} needs")
    known = {*NEEDED[kind], *OPTIONAL[kind], *COMMON}
    if unknown := sorted(set(entry) - known):
        raise InputError(
            f"{where}: {unknown[0]} is no setting of kind {kind}; {nearest(unknown[0], known)}"
        )
    metrics = dict.fromkeys(name for names in SELECTIONS[kind].values() for name in names)
    if entry.get("select", next(iter(metrics))) not in metrics:
        raise InputError(
            f"{where}: select: {kind} cannot choose by {entry['select']!r}; "
            f"choose one of {', '.join(metrics)}"
        )
