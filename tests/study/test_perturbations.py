"""The key `perturb`: nothing without it, checked against the catalogues, and handed to jobs."""

import pytest

from helpers.configurations import study
from plmbench.core.errors import InputError
from plmbench.study import perturbations
from plmbench.study.files import Files

NETWORK = "mini_carp_600k"
OWN = {"sets": {"mine": {"sequences": {"a": "MKTAYIAK"}}}}
KNOWN = {"sets": {"pdb_chains": {"chains": 3, "kinds": ["erase", "noise"]}}}


def with_perturb(perturb, **changes):
    """Return the Study of the shipped configuration that nudges."""
    return study(perturb=perturb, **changes)


def test_without_the_key_there_is_no_job_and_no_table():
    made = study()
    for files in (perturbations.tables(made), perturbations.figures(made)):
        assert files == []
    assert perturbations.responses(made) == []
    assert not [path for where, path in Files(made, ".").given() if "contacts" in where]


def test_every_set_is_nudged_in_every_network_under_every_weights():
    made = with_perturb(KNOWN | OWN | {"sets": OWN["sets"] | KNOWN["sets"]})
    found = perturbations.responses(made)
    networks = [m for m in made.run.models if made.has_weights(m)]
    assert len(found) == 2 * len(networks) * len(made.run.weights)
    assert f"results/responses/mine/{NETWORK}/reinit-1.h5" in found
    assert perturbations.noise_sets(made) == ["mine", "pdb_chains"]
    assert perturbations.contact_sets(made) == ["pdb_chains"]


def test_models_and_weights_can_be_fewer():
    made = with_perturb(OWN | {"models": [NETWORK], "weights": ["pretrained"]})
    assert perturbations.responses(made) == [f"results/responses/mine/{NETWORK}/pretrained.h5"]


def test_a_job_is_handed_what_decides_its_numbers():
    made = with_perturb(KNOWN | {"eps": 0.02, "shown": "2n2u_A"})
    assert perturbations.nudging(made, "pdb_chains") == {
        **{"layers": "all", "eps": 0.02, "draws": 1, "seed": 0, "contact_head": True},
        "maps": [("erase", "through"), ("noise", "through")],
    }
    choice = perturbations.choice(made, "pdb_chains")
    assert (choice["chains"], choice["most_identity"]) == (3, 0.5)
    assert perturbations.shown(made) == "2n2u_A"
    both = {"sets": {"mine": OWN["sets"]["mine"] | {"observe": ["through", "blocks"]}}}
    maps = perturbations.nudging(with_perturb(both), "mine")["maps"]
    assert maps == [("noise", "through"), ("noise", "blocks")]


WRONG = {
    "set": ({"sets": {"pdb_chain": {}}}, "did you mean 'pdb_chains'"),
    "both": ({"sets": {"gb1": OWN["sets"]["mine"]}}, "give it another name"),
    "model": (OWN | {"models": ["mini_carp_6k"]}, "mini_carp_600k"),
    "baseline": (OWN | {"models": ["onehot"]}, "'onehot' is no network that runs"),
    "weights": (OWN | {"weights": ["reinint-0"]}, "did you mean 'reinit'"),
    "no weights": (OWN | {"weights": ["reinit"]}, "perturb"),
    "kind": ({"sets": {"mine": OWN["sets"]["mine"] | {"kinds": ["nois"]}}}, "noise"),
    "letters": ({"sets": {"mine": {"sequences": {"a": "MKJ"}}}}, "one-letter codes"),
    "eps": (OWN | {"eps": 0}, "eps: 0 is not above 0"),
    "empty": ({"sets": {}}, "non-empty"),
}


@pytest.mark.parametrize(("perturb", "words"), WRONG.values(), ids=WRONG)
def test_what_is_not_there_is_refused_with_the_nearest_name(perturb, words):
    with pytest.raises(InputError) as caught:
        with_perturb(perturb)
    assert words in str(caught.value)


def test_a_study_without_a_network_cannot_nudge():
    with pytest.raises(InputError, match="no network runs that could be nudged"):
        with_perturb(OWN, models=["onehot"], checkpoints=[])
