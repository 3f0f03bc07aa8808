"""Classes of subsets are compared: what no probe could learn stops, what looks odd is counted."""

import pytest

from plmbench.core.errors import InputError
from plmbench.core.notices import notices_of
from plmbench.data.classes import likeness
from plmbench.data.counts import counts_of
from plmbench.data.splits import read_split

LETTERS = "ACDEFGHIKLMNPQRSTVWY"
KIND = {"task_type": "classification"}
RESIDUES = {"task_type": "residue_classification"}


def peptides(count):
    """Return so many different peptides of four residues."""
    return [f"M{LETTERS[i % 20]}{LETTERS[i // 20]}K" for i in range(count)]


@pytest.fixture
def csv(tmp_path):
    """Return a function that writes targets of subsets as a CSV and returns its path."""

    def write(name="x.csv", **targets):
        """targets: {subset: targets}; a validation subset is part of train."""
        pairs = [(subset, target) for subset, found in targets.items() for target in found]
        rows = [
            f'{sequence},"{target}",{"test" if subset == "test" else "train"},'
            f"{subset == 'validation'}"
            for sequence, (subset, target) in zip(peptides(len(pairs)), pairs, strict=True)
        ]
        path = tmp_path / name
        path.write_text("\n".join(["sequence,target,set,validation", *rows, ""]), "utf-8")
        return path

    return write


def refusal(path, **settings):
    """Return what is said where a table is refused, in at most four lines."""
    with pytest.raises(InputError) as caught:
        read_split(path, **settings)
    assert str(caught.value).count("\n") < 4
    return str(caught.value)


# what train and test call the same class
RESPELT = [
    ("1", "1.0"),
    ("0", "00"),
    ("7", "7."),
    ("Membrane", "membrane"),
    ("Cell membrane", "Cell  membrane"),
    ("Cytoplasm-Nucleus", "Cytoplasm_Nucleus"),
    ("Cytoplasm-Nucleus", "CytoplasmNucleus"),
    ("cluster 1", "cluster1"),
    ("Mitochondrion", "mitochondrion."),
    ("Golgi", "'Golgi'"),
    ("caf\u00e9", "cafe\u0301"),  # one letter, or a letter and its accent
    ("Golgi", "Golgi\u200b"),  # a zero-width space
    ("A\u00a0b", "A b"),
    ("1-2", "1\u20132"),
    ("NaN", "nan"),
]


@pytest.mark.parametrize("subset", ["validation", "test"])
@pytest.mark.parametrize(("ours", "theirs"), RESPELT)
def test_a_class_of_train_in_another_spelling_is_refused_with_both(csv, ours, theirs, subset):
    rest = {"validation": ["zinc"], "test": ["zinc"]}
    rest[subset] = ["zinc", theirs, theirs]
    path = csv(train=[ours, "zinc", "x"], **rest)
    text = refusal(path, **KIND)
    line = 6 if subset == "validation" else 7
    assert text == (
        f"{path}: class(es) {theirs!r} (2 row(s), the first line {line}) of {subset} stand in no "
        f"training row; near: {ours!r}; spell a class alike in all subsets"
    )


OTHERS = [("1.1", "1.10"), ("-1", "1"), ("1-2", "12"), ("1_0", "10"), ("1e1", "10"), ("A+", "A-")]
OTHERS += [("+", "-"), ("5'", "5")]


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_names_that_mean_different_classes_are_no_twins(csv, one, other):
    assert likeness(one) != likeness(other)
    table = read_split(csv(train=[one, "x", "y"], test=["x", other]), **KIND)
    counts = counts_of(table)
    assert (counts["unseen_test"], counts["twin_classes"]) == (1, 0)


@pytest.mark.parametrize(
    ("train", "test", "found"),
    [
        ("ab", ("cytosol", "zinc"), "'cytosol' (1 row(s), the first line 4)"),
        (("Cytosolic", "b"), ("Cytosol", "zinc"), "training row; near: 'Cytosolic'; "),
        ("ab", "cdefg", "'e' (1 row(s), the first line 6) and 2 more of test stand in no training"),
        ("ab", "cd", "train has 'a', 'b'; "),
        (("0.5", "0.7"), ("0.6", "0.9"), "measured numbers have task_type: regression"),
    ],
)
def test_a_subset_of_classes_that_train_lacks_is_refused_with_what_is_near(csv, train, test, found):
    path = csv(train=train, test=test)
    text = refusal(path, **KIND)
    assert text.startswith(f"{path}: class(es) ")
    assert found in text
    assert "; test has no other class: give train examples of these" in text


def test_a_test_file_of_its_own_is_named(csv):
    own = csv("own.csv", train=["Helix", "strand"])
    text = refusal(csv(train=["helix", "strand"], test=["helix"]), test={"path": own}, **KIND)
    assert text.startswith(f"{own}: class(es) 'Helix' (1 row(s), the first line 2) of test")


@pytest.mark.parametrize(
    ("train", "test", "start"),
    [
        (["HHEC", "CCEE"], ["hhEE"], "class(es) 'h' (1 row(s), the first line 4) of test stand in"),
        (
            ["HHEC", "CCEE"],
            ["XXXX", "XXYY"],
            "class(es) 'X' (2 row(s), the first line 4), 'Y' (1 row(s), ",
        ),
        (["HHHH", "HHHH"], ["HHHH"], "train holds 8 example(s), all of class 'H'"),
    ],
)
def test_classes_of_residues_are_compared_likewise(csv, train, test, start):
    path = csv(train=train, test=test)
    assert refusal(path, **RESIDUES).startswith(f"{path}: {start}")


def test_residues_that_do_not_count_are_not_compared(tmp_path):
    rows = ["MKV,HEC,train,111", "MKA,CEH,train,111", "MKL,hEC,test,011", "MKI,XCE,test,011"]
    (tmp_path / "x.csv").write_text("\n".join(["sequence,target,set,mask", *rows, ""]))
    assert counts_of(read_split(tmp_path / "x.csv", **RESIDUES))["unseen_test"] == 0


MEASURED = [
    [f"{i / 7:.3f}" for i in range(24)],
    [str(i // 2) for i in range(24)],  # melting temperatures
    [f"{i},{i}" for i in range(24)],
    [f"{i}e-3" for i in range(24)],
    [*map(str, range(-12, 12)), "n.d.", "NaN"],
]


@pytest.mark.parametrize("numbers", MEASURED, ids=lambda numbers: numbers[-1])
def test_measured_numbers_are_refused_as_classes(csv, numbers):
    path = csv(train=numbers, test=numbers[:3])
    text = refusal(path, **KIND)
    assert text.startswith(f"{path}: the classes are numbers, ")
    assert "task_type: regression in the data set's entry" in text


def test_codes_of_classes_may_be_numbers(csv):
    codes = [f"{i % 12}" for i in range(60)]
    counts = counts_of(read_split(csv(train=codes, test=codes), **KIND))
    assert counts["numeric_classes"] == 12
    assert not any("numbers" in words for words in notices_of(counts))


def test_one_class_in_train_is_refused(csv):
    path = csv(train="aaa", validation="ab", test="ab")
    text = refusal(path, **KIND)
    assert text.startswith(f"{path}: train holds 3 example(s), all of class 'a', and a probe needs")
    assert text.endswith("give the table training rows (set: train) of another class")


def test_what_is_odd_is_counted_and_said(csv):
    path = csv(train=["a", "A", "b", "b", "c"], validation="abd", test="bdd")
    counts = counts_of(read_split(path, **KIND))
    assert (counts["unseen_validation"], counts["unseen_test"]) == (1, 2)
    assert (counts["twin_classes"], counts["few_to_choose_on"]) == (2, 3)
    assert (counts["lone_classes"], counts["numeric_classes"]) == (0, 0)
    assert [words.split()[0] for words in notices_of(counts)] == ["1", "2", "2", "layers", "3"]


def test_classes_of_one_training_sequence_are_counted_where_folds_choose(csv):
    counts = counts_of(read_split(csv(train=[*"aabbc"], test="abc"), **KIND))
    assert (counts["lone_classes"], counts["few_to_choose_on"]) == (1, 5)
    counts = counts_of(read_split(csv(train=[*"ab"] * 15, test="ab"), **KIND))
    assert (counts["lone_classes"], counts["few_to_choose_on"]) == (0, 0)


def test_test_rows_that_the_sample_leaves_out_are_counted(csv):
    path = csv(train=[*"ab"] * 15, test=[*"ab"] * 5)
    counts = counts_of(read_split(path, sample={"sequences": 8}, **KIND))
    assert (counts["test_not_sampled"], counts["not_sampled"]) == (2, 24)
    counts = counts_of(read_split(path, sample={"sequences": 8, "test": 10}, **KIND))
    assert (counts["test_not_sampled"], counts["train"], counts["test"]) == (0, 8, 10)


def test_numbers_are_no_classes(csv):
    table = read_split(csv(train=["1", "1.0"], test=["2", "2.0"]))
    names = ("unseen_validation", "unseen_test", "twin_classes", "numeric_classes", "lone_classes")
    assert [counts_of(table)[name] for name in names] == [0] * 5


def test_the_balance_of_numbers_with_an_offset_tells_them_apart(csv):
    table = read_split(csv(train=["1000000001", "1000000002"], test=["1000000004"]))
    assert counts_of(table)["balance"] == "1000000001 to 1000000004, median 1000000002"
