"""Networks to train: the libraries' own, read back by the libraries from the files we write."""

import argparse

import pytest
import torch
from esm.pretrained import load_model_and_alphabet_core
from sequence_models.pretrained import load_model_and_alphabet

from helpers.networks import load_encoder
from plmbench.pretrain.networks import BUILDERS, build, checkpoint_of
from plmbench.pretrain.records import parameters_of

ARCHITECTURES = {
    "carp": {"num_layers": 3, "hidden_size": 16, "embedding_size": 8, "dilation": 4, "slim": True},
    "esm1b": {"num_layers": 2, "hidden_size": 16, "intermediate_size": 64, "num_heads": 2},
    "esm2": {"num_layers": 2, "hidden_size": 16, "num_heads": 2},
}
SEQUENCES = ["MKVLAYTGEE", "ACDEFGHIKLMNPQRSTVWY"]


@pytest.fixture(scope="module", params=sorted(ARCHITECTURES))
def saved(request, tmp_path_factory):
    """Return family, trainee with float16 values, and the path of its checkpoint."""
    family = request.param
    trainee = build(family, ARCHITECTURES[family], seed=0)
    module = trainee.encoder.module.eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(parameter.half().float())
        if family == "esm1b":  # the library zeroes it on loading
            module.embed_tokens.weight[trainee.mask] = 0
    path = tmp_path_factory.mktemp(family) / f"{family}.pt"
    torch.save(checkpoint_of(family, ARCHITECTURES[family], trainee), path)
    return family, trainee, path


def library_logits(family, path, sequences):
    """Return the logits of the library's own forward pass on its own reading of the file."""
    if family == "carp":
        module, collater = load_model_and_alphabet(str(path))
        tokens = collater([[s] for s in sequences])[0]
        return tokens, module.eval()(tokens, logits=True)["logits"]
    with torch.serialization.safe_globals([argparse.Namespace]):
        data = torch.load(path, weights_only=True)
    module, alphabet = load_model_and_alphabet_core(path.stem, data, None)
    tokens = alphabet.get_batch_converter()([("", s) for s in sequences])[2]
    return tokens, module.eval()(tokens)["logits"]


def test_every_class_to_train_is_tested():
    assert set(BUILDERS) == {*ARCHITECTURES, "transformers"}  # see test_hub_training.py


@torch.no_grad()
def test_the_library_reads_our_checkpoint_and_gives_the_logits_that_we_trained(saved):
    family, trainee, path = saved
    tokens, expected = library_logits(family, path, SEQUENCES)
    found = trainee.logits(trainee.encoder.tokenize(SEQUENCES))
    real = trainee.encoder.residues(tokens)
    assert torch.allclose(found[real], expected[real], atol=1e-5)


@torch.no_grad()
def test_the_library_and_we_agree_on_masked_residues(saved):
    family, trainee, path = saved
    tokens = trainee.encoder.tokenize(SEQUENCES)
    tokens[0, 3] = tokens[1, 5] = trainee.mask
    if family == "carp":
        module = load_model_and_alphabet(str(path))[0].eval()
        expected = module(tokens, logits=True)["logits"]
    else:
        with torch.serialization.safe_globals([argparse.Namespace]):
            data = torch.load(path, weights_only=True)
        expected = load_model_and_alphabet_core(path.stem, data, None)[0].eval()(tokens)["logits"]
    assert torch.allclose(trainee.logits(tokens)[0, 1:9], expected[0, 1:9], atol=1e-5)


def test_the_workflow_reads_our_checkpoint_in_float32(saved):
    family, _, path = saved
    encoder, _ = load_encoder(path.stem, family, str(path))
    assert {p.dtype for p in encoder.module.parameters()} == {torch.float32}
    assert encoder.num_layers == ARCHITECTURES[family]["num_layers"]


def test_parameters_are_counted_as_the_network_has_them(saved):
    _, trainee, path = saved
    counted = sum(
        p.numel()
        for name, p in trainee.encoder.module.named_parameters()
        if not name.startswith("contact_head")
    )
    assert parameters_of(path) == counted


def test_every_weight_but_the_contact_head_is_trained(saved):
    _, trainee, _ = saved
    module = trainee.encoder.module
    chosen = trainee.logits(trainee.encoder.tokenize(SEQUENCES)).square().sum()
    chosen.backward()
    idle = {n for n, p in module.named_parameters() if p.grad is None}
    assert idle == {n for n, _ in module.named_parameters() if n.startswith("contact_head")}


def test_first_weights_follow_from_the_seed():
    first, same, other = (build("esm2", ARCHITECTURES["esm2"], s) for s in (0, 0, 1))
    weight = "layers.0.fc1.weight"
    states = [t.encoder.module.state_dict()[weight] for t in (first, same, other)]
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])
