"""Networks of transformers: each class learns by its objective, goes on where it was killed, and
leaves a folder that the family transformers reads."""

from pathlib import Path

import pytest
import torch

from helpers.networks import load_encoder
from plmbench.core.errors import InputError
from plmbench.pretrain import training
from plmbench.pretrain.folders import FOLDERS, write_folder
from plmbench.pretrain.hub_classes import CLASSES
from plmbench.pretrain.networks import build, checkpoint_of
from plmbench.pretrain.recipes import MARKS, Recipe, identity_of
from plmbench.pretrain.records import digest_of, entries_of, parameters_of
from plmbench.pretrain.training import Training, pretrain
from plmbench.study.entries import checked

SIZE = {"num_layers": 2, "hidden_size": 16, "num_heads": 2, "intermediate_size": 32}
OWN = {
    "albert": {"embedding_size": 8, "positions": 64},
    "bart": {"decoder_layers": 1, "positions": 64},
    "bert": {"positions": 64},
    "gpt2": {"positions": 64},
    "t5": {"decoder_layers": 1},
}
OBJECTIVE = {"albert": "masked", "bart": "spans", "bert": "masked", "gpt2": "next", "t5": "spans"}
RULE = {"steps": 48, "tokens": 512, "max_length": 64, "learning_rate": 1e-2, "warmup": 4}
RULE |= {"weight_decay": 0.01, "max_grad_norm": 1.0, "precision": "float32", "seed": 0}
CPU, SEQUENCE = torch.device("cpu"), "MKVLAYTGEEWWHHACDEFGH"
SHIPPED = Path(__file__).resolve().parents[2] / "resources/weights"


def recipe_of(kind, **changes):
    architecture = {"model_type": kind, **SIZE, **OWN[kind]}
    own = {"family": "transformers", "architecture": architecture, "objective": OBJECTIVE[kind]}
    return Recipe(**own | RULE | changes)


def trained(kind, files, folder):
    recipe = recipe_of(kind)
    return pretrain(recipe, *files, folder, identity_of(recipe, files, "code"), CPU)


@pytest.fixture(scope="module", params=sorted(CLASSES))
def outcome(request, files, tmp_path_factory):
    """Return a class, the losses of its training, its last checkpoint, and the folder of that."""
    folder = tmp_path_factory.mktemp(request.param)
    losses = trained(request.param, files, folder)
    write_folder("transformers", folder / "100.pt", folder / "network")
    return request.param, losses, folder / "100.pt", folder / "network"


def states_of(encoder):
    """Return {layer: states [sequence, token, dim]}."""
    found = {}
    with torch.inference_mode():
        encoder.embed([encoder.tokenize([SEQUENCE])], lambda i, s: found.setdefault(i, s[0]))
    return found


def test_its_loss_falls(outcome):
    _, losses, *_ = outcome
    assert list(losses) == list(MARKS)
    assert losses["100"] < losses["12"]
    assert losses["100"] < 2.0  # log 20 = 3.0 without learning, log 3 = 1.1 at best


def test_the_family_transformers_reads_its_folder_and_gives_its_states(outcome):
    kind, _, checkpoint, folder = outcome
    encoder, _ = load_encoder(kind, "transformers", folder)
    assert (encoder.num_layers, encoder.hidden_size) == (SIZE["num_layers"], SIZE["hidden_size"])
    trainee = build("transformers", recipe_of(kind).architecture, 0)
    module = trainee.encoder.module.eval()
    module.load_state_dict(torch.load(checkpoint, weights_only=True)["model"])
    tokens = trainee.encoder.tokenize([SEQUENCE])
    assert torch.equal(tokens, encoder.tokenize([SEQUENCE]))
    side = module.get_encoder() if OBJECTIVE[kind] == "spans" else module.base_model
    with torch.inference_mode():
        expected = side(input_ids=tokens).last_hidden_state
    assert torch.allclose(states_of(encoder)[SIZE["num_layers"]], expected, atol=1e-5)


def test_an_entry_says_what_its_folder_holds(outcome):
    kind, losses, _, folder = outcome
    (entry,) = entries_of("net", recipe_of(kind), {}, {"100": folder}, losses).values()
    settings = {key: entry[key] for key in ("num_layers", "hidden_size", "sha256")}
    load_encoder(kind, "transformers", folder, **settings)  # raises if it is another
    assert entry.get("max_length") == OWN[kind].get("positions")
    network = build("transformers", recipe_of(kind).architecture, 0).encoder.module
    assert entry["about"]["parameters"] == sum(p.numel() for p in network.parameters())
    assert parameters_of(folder) == entry["about"]["parameters"]
    checked({"net": entry}, "models", "models.yaml")


def test_a_killed_training_ends_in_the_same_network(outcome, files, tmp_path, monkeypatch):
    kind, losses, checkpoint, _ = outcome
    monkeypatch.setattr(training, "SAVE_EVERY", 0.0)
    learn = Training.learn

    def killed(self, sequences):
        if self.step == 20:
            raise KeyboardInterrupt
        return learn(self, sequences)

    monkeypatch.setattr(Training, "learn", killed)
    with pytest.raises(KeyboardInterrupt):
        trained(kind, files, tmp_path)
    monkeypatch.setattr(Training, "learn", learn)
    assert trained(kind, files, tmp_path) == losses
    paths = (checkpoint, tmp_path / "100.pt")
    first, second = (torch.load(path, weights_only=True)["model"] for path in paths)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_padding_bears_on_no_logit(outcome):
    kind, *_ = outcome
    trainee = build("transformers", recipe_of(kind).architecture, 0)
    trainee.encoder.module.eval()
    alone, beside = (trainee.encoder.tokenize(s) for s in ([SEQUENCE], [SEQUENCE, 2 * SEQUENCE]))
    answers = ([tokens[:, :9]] if OBJECTIVE[kind] == "spans" else [] for tokens in (alone, beside))
    with torch.inference_mode():
        first, second = (
            trainee.logits(tokens, *more)
            for tokens, more in zip((alone, beside), answers, strict=True)
        )
    assert torch.allclose(first[0], second[0, : first.shape[1]], atol=1e-5)


def test_the_shipped_esm2_is_the_same_network_as_a_folder(tmp_path):
    path = SHIPPED / "mini_esm2_100k/mini_esm2_100k.pt"
    write_folder("esm2", path, tmp_path / "folder")
    pair = (("esm2", path), ("transformers", tmp_path / "folder"))
    ours, theirs = (states_of(load_encoder("net", family, file)[0]) for family, file in pair)
    assert set(ours) == set(theirs)
    for layer, states in ours.items():
        assert (states - theirs[layer]).abs().max() < 1e-5 * states.abs().mean()
    assert parameters_of(path) == parameters_of(tmp_path / "folder")
    assert digest_of(tmp_path / "folder") == digest_of(SHIPPED / "mini_esm2_100k_hub")


def test_a_family_that_transformers_has_no_class_for_is_refused(tmp_path):
    architecture = {"num_layers": 2, "hidden_size": 16, "embedding_size": 8, "dilation": 2}
    trainee = build("carp", architecture | {"slim": True}, 0)
    data = checkpoint_of("carp", architecture | {"slim": True}, trainee)
    torch.save(data, tmp_path / "carp.pt")
    with pytest.raises(InputError, match=f"carp; those of {', '.join(FOLDERS)} can"):
        write_folder("carp", tmp_path / "carp.pt", tmp_path / "folder")


ENTRY = {
    **{"family": "transformers", "architecture": {"model_type": "bert", **SIZE, "positions": 64}},
    **{"data": "a.fasta", "held_out": "b.fasta", "steps": 16, "learning_rate": 0.01},
    "max_length": 64,
}
WRONG = [
    ({"objective": "spans"}, "'spans' is for a network that has an encoder and a decoder; bert"),
    (
        {"objective": "next"},
        "'next' is for a network that reads what stands before a residue",
    ),
    ({"objective": "denoise"}, "objective: 'denoise' is not allowed; known: masked, next, spans"),
    ({"max_length": 65}, "max_length 65 is more than the 64 positions"),
]
WRONG_SIZES = [
    ({"model_type": "brt"}, "'brt' is not allowed; did you mean 'bert'"),
    ({"decoder_layers": 2}, "decoder_layers is not for model_type bert"),
    ({"num_heads": 3}, "hidden_size 16 is no multiple of num_heads 3"),
    ({"model_type": "t5", "decoder_layers": 1}, "positions is not for model_type t5"),
]


@pytest.mark.parametrize(
    ("changes", "message"),
    WRONG + [({"architecture": ENTRY["architecture"] | c}, m) for c, m in WRONG_SIZES],
)
def test_a_recipe_that_does_not_fit_together_is_refused_in_words(changes, message):
    with pytest.raises(InputError, match=message):
        checked({"net": ENTRY | changes}, "recipes", "config/recipes.yaml")


@pytest.mark.parametrize("kind", CLASSES)
def test_a_recipe_without_an_objective_has_that_of_its_class(kind):
    entry = ENTRY | {"architecture": {"model_type": kind, **SIZE, **OWN[kind]}}
    found = checked({"net": entry}, "recipes", "config/recipes.yaml")["net"]
    assert found.objective == OBJECTIVE[kind]
