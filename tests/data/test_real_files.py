"""Real files from beside the repository, read as the catalogue or their README says they are."""

from pathlib import Path

import numpy as np
import pytest

from plmbench.data.counts import counts_of
from plmbench.data.fasta import fasta_records
from plmbench.data.splits import read_split, with_files
from plmbench.data.subsets import ranked
from plmbench.study.catalogues import Study

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared/data"
STUDY = Study({"tasks": ["gb1"], "models": ["onehot"]}, ROOT / "config")
FILES = {
    "secondary_structure": {
        "path": "flip_secondary_structure/sampled.fasta.gz",
        "sequences": "flip_secondary_structure/sequences.fasta.gz",
        "mask": "flip_secondary_structure/mask.fasta.gz",
    },
    "conservation": {
        "path": "flip_conservation/sampled.fasta.gz",
        "sequences": "flip_conservation/sequences.fasta.gz",
    },
}
CB513 = "ss_cb513/cb513.csv.gz"
BIND = {split: f"flip_bind/{split}.fasta.gz" for split in STUDY.datasets["bind"]["splits"]}


def shared(name):
    """Return the path of a file beside the repository; skips the test where it is not there."""
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not there")
    return DATA / name


def read(dataset, split, names):
    """Return a split with the settings of the catalogue, which also checks its rows."""
    files = {name: shared(file) for name, file in names.items()}
    return read_split(**with_files(STUDY.reading(dataset, split), files))


def sizes(counts):
    return tuple(counts[name] for name in ("train", "validation", "test"))


def test_secondary_structure_is_what_flip_published():
    table = read("secondary_structure", "sampled", FILES["secondary_structure"])
    counts = counts_of(table)
    assert (sizes(counts), counts["unique_sequences"]) == ((9712, 1080, 364), 11156)
    counted = {  # reference numbers: residues with mask 1, and the share of train's largest class
        subset: "".join(
            letter
            for labels, mask in zip(rows["target"], rows["mask"], strict=True)
            for letter, kept in zip(labels, mask, strict=True)
            if kept == "1"
        )
        for subset, rows in table.groupby("subset")
    }
    assert {subset: len(text) for subset, text in counted.items() if subset != "train"} == {
        "validation": 262_853,
        "test": 75_402,
    }
    largest = max("HEC", key=counted["train"].count)
    share = {subset: text.count(largest) / len(text) for subset, text in counted.items()}
    assert [round(share[subset], 4) for subset in ("validation", "test")] == [0.3953, 0.3840]


def test_cb513_is_a_test_subset_of_511_chains():
    files = FILES["secondary_structure"] | {"test.path": CB513}
    table = read("secondary_structure", "netsurfp@cb513", files)
    counts = counts_of(table)
    assert (sizes(counts), counts["leakage"]) == ((9712, 1080, 511), 2)
    tested = table[table["subset"] == "test"]
    lengths = tested["sequence"].str.len()
    assert (tested["id"].nunique(), lengths.sum(), lengths.max()) == (432, 144_011, 874)
    # Entries of one chain differ in what is scored: a residue is scored once, or not at all.
    for _, rows in tested.groupby("id"):
        assert all(sum(map(int, flags)) <= 1 for flags in zip(*rows["mask"], strict=True))


def test_conservation_is_what_flip_published():
    counts = counts_of(read("conservation", "sampled", FILES["conservation"]))
    assert (sizes(counts), counts["rows"]) == ((9392, 555, 519), 10_466)
    sequences = shared(FILES["conservation"]["sequences"])
    assert sum(1 for _ in fasta_records(sequences)) == 10_507


@pytest.mark.parametrize("split", BIND)
def test_every_split_of_bind_is_what_flip_published(split):
    files = {"path": BIND[split], "sequences": "flip_bind/sequences.fasta.gz"}
    table = read("bind", split, files)
    rows = STUDY.datasets["bind"]["splits"][split]["rows"]
    assert sizes(counts_of(table)) == tuple(rows.values())
    assert table["name"].is_unique
    assert set("".join(table["target"])) <= set("01234567")
    # Of the proteins that one_vs_many lists twice, 13 stand both in test and before it.
    leaks = {"one_vs_many": 13, "from_publication": 2}
    assert counts_of(table)["leakage"] == leaks.get(split, 0)


def test_the_legacy_meltome_has_no_validation_and_gets_folds():
    table = read_split(shared("flip_meltome_legacy/clustered_task.csv.gz"))
    counts = counts_of(table)
    assert (sizes(counts), counts["folds"]) == ((2940, 0, 1504), 5)
    assert (counts["unique_sequences"], counts["shortest"], counts["longest"]) == (3692, 39, 8797)
    folds = table[table["subset"] == "train"].groupby("id")["fold"]
    assert (folds.nunique() == 1).all()  # copies of a sequence stay together
    sequences = folds.first().value_counts()
    assert sequences.max() - sequences.min() <= 1


def test_avgfp_has_the_rows_of_its_readme():
    path = shared("dms_avgfp/few_vs_many.csv.gz")
    counts = counts_of(read_split(path, nonstandard_residues="drop"))
    assert (counts["rows"], counts["dropped"]) == (54_025, 2310)
    rows = {"train": 24_058, "validation": 2750, "test": 27_217}
    table = read_split(path, nonstandard_residues="mask", rows=rows)
    assert sizes(counts_of(table)) == tuple(rows.values())
    assert (table["masked"] > 0).sum() == 2310


def test_tem1_has_the_rows_of_its_readme():
    table = read_split(shared("dms_blat/hash_split.csv.gz"), columns={"id": "variant"})
    counts = counts_of(table)
    assert (sizes(counts), counts["unique_sequences"]) == ((3875, 410, 1112), 5199)
    assert (counts["shortest"], counts["longest"]) == (286, 286)
    assert table["id"].value_counts().iloc[0] == 199  # synonymous variants


def test_the_part_of_deeploc_has_the_rows_of_its_readme():
    path = shared("scl_deeploc_part/test_as_train.csv.gz")
    counts = counts_of(read_split(path, task_type="classification"))
    assert (counts["train"] + counts["validation"], counts["test"]) == (2768, 1655)
    assert (counts["leakage"], counts["longest"]) == (0, 13_100)
    assert counts["balance"].count(",") + 1 == 10


def drawn(table, longest, counts):
    """Return the ids of an extract: distinct sequences, the first in the order of a hash."""
    short = table[table["sequence"].str.len() <= longest].drop_duplicates("sequence")
    return {
        name
        for subset, count in counts.items()
        for name in ranked(short["name"][short["subset"] == subset], 0)[:count]
    }


def extract(dataset, **more):
    """Return the shipped extract of a data set; more: instead of what its entry says."""
    source = STUDY.source(dataset, "extract")
    files = {name: ROOT / source[name] for name in STUDY.files(dataset, "extract")}
    return read_split(**with_files(STUDY.reading(dataset, "extract") | more, files)).set_index(
        "name"
    )


def test_the_extract_of_secondary_structure_is_drawn_as_its_readme_says():
    table = read("secondary_structure", "sampled", FILES["secondary_structure"])
    small = extract("secondary_structure_small", sample=None)
    assert set(small.index) == drawn(table, 400, {"train": 200, "validation": 50, "test": 120})
    whole = table.set_index("name").loc[small.index]
    for column in ("sequence", "target", "mask", "subset"):
        assert whole[column].tolist() == small[column].tolist()


def test_the_reference_of_secondary_structure_is_drawn_as_its_readme_says():
    table = read("secondary_structure", "sampled", FILES["secondary_structure"]).set_index("name")
    small, drawn_from = extract("secondary_structure_reference"), np.random.default_rng(0)
    of_length = table[table["sequence"].str.len().between(50, 300)]
    for subset, count in (("train", 150), ("test", 80)):
        names = of_length.index[of_length["subset"] == subset]
        chosen = names[drawn_from.permutation(len(names))[:count]]
        assert chosen.tolist() == small.index[small["subset"] == subset].tolist()
    for column in ("sequence", "target", "mask", "subset"):
        assert table.loc[small.index, column].tolist() == small[column].tolist()
    assert sum(mask.count("1") for mask in small["mask"][small["subset"] == "test"]) == 11_566


def test_the_extract_of_localisation_is_drawn_as_its_readme_says():
    table = read_split(shared("scl_deeploc_part/test_as_train.csv.gz"), task_type="classification")
    small = extract("localisation_small")
    assert set(small.index) == drawn(table, 500, {"train": 700, "validation": 100, "test": 500})
    whole = table.set_index("name").loc[small.index]
    for column in ("sequence", "target", "subset"):
        assert whole[column].tolist() == small[column].tolist()


def test_the_short_proteins_of_localisation_are_those_of_its_extract():
    whole, short = extract("localisation_small"), extract("localisation_short")
    fitting = whole[whole["sequence"].str.len() <= 300]
    assert fitting.loc[short.index].equals(short)
    assert (short["subset"].value_counts() <= 150).all()
