"""Nudges in a study: the tables, figures and the section of the page, run as a user runs it."""

import csv
import random
from xml.etree import ElementTree

import pytest

from helpers.studies import Study, new_study, write_catalogues
from plmbench.compare.contact_tables import CONTACTS
from plmbench.compare.spread_tables import INFLUENCE, SPREAD

SETS = {
    "toy_chains": {"kinds": ["noise", "erase", "substitute"], "observe": ["through", "blocks"]},
    "mine": {"sequences": {"one": "MKTAYIAKQRQISFVKSHFSRQ", "two": "ACDEFGHIKLMNPQRSTVWY"}},
}
MODELS, WEIGHTS = ("tiny_esm2", "tiny_carp"), ("pretrained", "reinit-0")
FIGURES = ("spread", "profile", "response_map", "contact_map")
COLUMNS = {"spread": SPREAD, "influence": INFLUENCE, "contacts": CONTACTS}


def write_chains(root, count=4, length=26):
    """Write a set of made-up chains with made-up contacts."""
    draw = random.Random(0)
    with (root / "chains.tsv").open("w") as chains, (root / "pairs.tsv").open("w") as pairs:
        chains.write("id\tsequence\tmask\n")
        pairs.write("id\ti\tj\n")
        for n in range(count):
            text = "".join(draw.choices("ACDEFGHIKLMNPQRSTVWY", k=length))
            chains.write(f"chain{n}\t{text}\t{'0' * n}{'1' * (length - n)}\n")
            pairs.writelines(f"chain{n}\t{i}\t{i + 9}\n" for i in draw.sample(range(1, 15), 5))


pytestmark = pytest.mark.slow  # a whole study of two networks


@pytest.fixture(scope="module")
def nudged(once, tmp_path_factory):
    """Return the Study after its tables and page were made."""

    def make(folder):
        config = {"models": ["onehot", *MODELS], "weights": [*WEIGHTS], "tasks": ["toy/first"]}
        config |= {"probes": ["ridge"], "controls": []}
        study = new_study(folder, families=("esm2", "carp"), **config, perturb={"sets": SETS})
        write_chains(folder)
        entry = {"chains": "chains.tsv", "contacts": "pairs.tsv"}
        write_catalogues(folder, contacts={"toy_chains": entry})
        done = study.snakemake(timeout=1200)
        assert done.code == 0, done.output

    return Study(once("nudged", make))


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_have_their_columns_and_every_network_under_every_weights(nudged, name):
    rows = nudged.table(name)
    assert list(rows[0]) == COLUMNS[name]
    found = {(row["model"], row["weights"]) for row in rows}
    assert {(model, weights) for model in MODELS for weights in WEIGHTS} <= found


def test_spread_has_a_row_per_layer_and_way_to_observe(nudged):
    rows = nudged.table("spread")
    own = [row for row in rows if (row["dataset"], row["model"]) == ("toy_chains", "tiny_esm2")]
    assert len(own) == len(WEIGHTS) * 2 * 3
    assert {row["chains"] for row in own} == {"4"}
    assert {row["reason"] for row in own} == {"4 chains are too few: an interval needs 20"}
    assert {row["chains"] for row in rows if row["dataset"] == "mine"} == {"2"}


def test_contacts_have_every_map_separation_and_what_needs_no_network(nudged):
    rows = nudged.table("contacts")
    keys = {(row["model"], row["map"], row["separation"]) for row in rows}
    kinds = ("noise", "erase", "substitute")
    assert keys == {
        *((model, kind, s) for model in MODELS for kind in kinds for s in ("6", "12", "24")),
        *(
            (name, "none", s)
            for name in ("base rate", "separation alone")
            for s in ("6", "12", "24")
        ),
    }


def test_figures_are_svg_and_stand_on_the_page_with_words_of_the_numbers(nudged):
    page = nudged.read("results/study.html")
    for name in FIGURES:
        text = nudged.read(f"results/figures/nudges.{name}.svg")
        assert ElementTree.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own file
    assert "What a nudge of one residue does" in page
    assert "the erase map of pretrained tiny_esm2 cannot be judged: 4 chains have no" in page
    assert page.count("<svg") == 1 + 3 + len(FIGURES)


def test_another_title_or_chain_to_show_nudges_nothing_anew(nudged, tmp_path):
    study = nudged.copy(tmp_path / "copy")
    study.edit("config", lambda c: c["perturb"].update(shown="chain2"))
    assert set(study.counts()) <= {"spread", "contacts", "figures", "page"}
    study.edit("config", lambda c: c["perturb"].update(eps=0.02))
    assert study.counts()["perturb"] == 2 * len(MODELS) * len(WEIGHTS)


def test_a_chain_that_is_wrong_stops_with_its_line(nudged, tmp_path):
    study = nudged.copy(tmp_path / "copy")
    study.append("pairs.tsv", "chain0\t3\t99\n")
    words = "these are no pairs of residues: line 22 ('chain0: 3, 99')"
    assert words in study.fail("results/tables/contacts.tsv")
    with (study.root / "results/chains/mine.tsv").open() as file:
        assert [row["id"] for row in csv.DictReader(file, delimiter="\t")] == ["one", "two"]
