"""Checkpoints with anything in them: the network of finite numbers that the entry describes, or a
sentence that names the file. No code in them is run, no file written."""

import io
import pickle
import zipfile
from argparse import Namespace

import pytest
import torch
from hypothesis import strategies as st

from helpers import networks
from helpers.extraction import embed, nothing_left
from helpers.fuzzing import COUNTS, SPLINTERS, answer, cut_short, for_all, spoiled
from helpers.networks import load_encoder
from plmbench.core.errors import InputError
from plmbench.models.checkpoints import load_checkpoint

CALLS = (
    "os system",
    "posix system",
    "subprocess check_output",
    "subprocess Popen",
    "builtins exec",
    "builtins eval",
    "builtins open",
    "builtins __import__",
    "builtins getattr",
    "shutil rmtree",
    "pathlib Path.touch",
    "runpy run_path",
    "pickle loads",
    "torch load",
    "torch.hub load",
    "torch.utils.cpp_extension load",
    "torch.serialization load",
    "numpy load",
    "code InteractiveInterpreter.runsource",
    "webbrowser open",
    "argparse FileType",
    "argparse ArgumentParser",
    "collections OrderedDict.fromkeys",
    "torch._utils _rebuild_wrapper_subclass",
    "_io FileIO",
)
LONGEST = 20_000  # bytes: torch takes minutes to word its refusal of a class whose name has 280,000
NAMES = {"esm2": "model", "carp": "model_state_dict"}


def content(data):
    """Return what the bytes of a sound checkpoint hold, its tensors in memory of their own."""
    with torch.serialization.safe_globals([Namespace]):
        return torch.load(io.BytesIO(data), weights_only=True)


class Opcodes:
    """Pickles as a call of `module name` with a text."""

    def __init__(self, call, text):
        self.module, self.name = call.split(" ")
        self.text = text

    def stream(self):
        """Return the pickle alone (protocol 0)."""
        call = f"c{self.module}\n{self.name}\n".encode()
        return call + b"(V" + self.text.encode("raw-unicode-escape") + b"\ntR."


def hidden(inner, place):
    """Return a pickle (protocol 0) of a checkpoint that holds the pickle `inner` somewhere."""
    before, after = {
        "alone": (b"", b""),
        "value": (b"(dV" + b"args\n", b"s"),
        "key": (b"(d", b"I1\ns"),
        "state": (b"(dVmodel\n(dVencoder.layers.0.weight\n", b"ss"),
        "list": (b"(dVargs\n(l", b"as"),
        "popped": (b"", b"0(d"),
    }[place]
    return before + inner[:-1] + after + b"."


def in_zip(stream):
    """Return a pickle in the archive that torch writes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x/data.pkl", stream)
        archive.writestr("x/byteorder", "little")
        archive.writestr("x/version", "3\n")
    return file.getvalue()


def in_legacy(stream):
    """Return a pickle in the layout that torch wrote before there were archives."""
    magic, protocol = torch.serialization.MAGIC_NUMBER, torch.serialization.PROTOCOL_VERSION
    head = b"".join(pickle.dumps(part, 2) for part in (magic, protocol, {"little_endian": True}))
    return head + stream + pickle.dumps([], 2)


FORMS = {"pickle": bytes, "archive": in_zip, "legacy": in_legacy}
PLACES = ("alone", "value", "key", "state", "list", "popped")


@pytest.fixture
def canary(tmp_path, monkeypatch):
    """Work in a folder of its own; whatever is run makes a file there."""
    folder = tmp_path / "cage"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield folder
    assert list(folder.iterdir()) == []


@COUNTS
def test_code_is_refused_wherever_it_hides_and_is_not_run(count, tmp_path, canary):
    path = tmp_path / "x.pt"
    texts = ("touch canary", "open('canary', 'w')", "canary", "__import__('os').mkdir('canary')")

    def check(case):
        call, text, place, form = case
        path.write_bytes(FORMS[form](hidden(Opcodes(call, text).stream(), place)))
        data, refusal = answer(load_checkpoint, path)
        assert refusal, data
        assert refusal.startswith(f"checkpoint {path}: ")
        assert list(canary.iterdir()) == []

    parts = (st.sampled_from(options) for options in (CALLS, texts, PLACES, sorted(FORMS)))
    for_all(count, st.tuples(*parts), check)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", PLACES)
def test_the_same_pickles_run_where_pickles_are_trusted(form, place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stream = hidden(Opcodes("os mkdir", "canary").stream(), place)
    path = tmp_path / "x.pt"
    path.write_bytes(FORMS[form](stream))
    assert answer(load_checkpoint, path)[1]
    assert not (tmp_path / "canary").exists()
    pickle.loads(stream)  # noqa: S301 - our own
    assert (tmp_path / "canary").exists()


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return what sound checkpoints hold, {family: bytes}."""
    folder = tmp_path_factory.mktemp("sound")
    for family in NAMES:
        networks.save_tiny(family, folder / family)
    return {family: (folder / family).read_bytes() for family in NAMES}


def check_network(path, family):
    """Check that a file is refused by name, or is the network that the entry describes."""
    found, refusal = answer(load_encoder, "tiny", family, path, **networks.TINY[family])
    if refusal:
        assert str(path) in refusal
        return
    expected = dict(networks.random_network(family).named_parameters())
    for name, parameter in found[0].module.named_parameters():
        assert parameter.shape == expected[name].shape
        assert parameter.isfinite().all()


@COUNTS
def test_bytes_of_no_checkpoint_are_refused(count, sound, tmp_path, canary):
    path = tmp_path / "x.pt"
    short = st.sampled_from([content[:-1] for content in sound.values()]).flatmap(cut_short)
    pickled = pickle.dumps({"model": {}, "args": Namespace(arch="x")}, 2)

    def check(content):
        path.write_bytes(content[:LONGEST])
        data, refusal = answer(load_checkpoint, path)
        assert isinstance(data, dict) or str(path) in refusal

    random = st.binary(max_size=300) | st.sampled_from(SPLINTERS)
    for_all(count, random | short | spoiled(pickled), check)


ODD = {
    "another shape": lambda tensor: torch.zeros(*tensor.shape, 2),
    "no axis": lambda tensor: torch.tensor(1.0),
    "nothing": lambda tensor: torch.zeros(0),
    "NaN": lambda tensor: torch.full_like(tensor, torch.nan),
    "one infinity": lambda tensor: tensor.flatten().index_fill(0, torch.tensor(0), -torch.inf),
    "half": lambda tensor: tensor.half(),
    "double": lambda tensor: tensor.double(),
    "whole numbers": lambda tensor: tensor.long(),
    "flags": lambda tensor: tensor > 0,
    "complex": lambda tensor: tensor + 1j,
    "sparse": lambda tensor: tensor.to_sparse(),
    "no values": lambda tensor: tensor.to("meta"),
    "one value for all": lambda tensor: torch.zeros(1).expand(1 << 40),
    "text": lambda tensor: "weights",
    "None": lambda tensor: None,
    "a list": lambda tensor: tensor.tolist(),
    "a mapping": lambda tensor: {"weight": tensor},
}
HARMLESS = {"half", "double"}


@COUNTS
@pytest.mark.parametrize("family", NAMES)
def test_odd_tensors_are_refused_by_name_or_do_no_harm(count, family, sound, tmp_path, canary):
    path, key = tmp_path / "x.pt", NAMES[family]
    names = sorted(content(sound[family])[key])

    def check(case):
        name, kind, dropped, added = case
        data = content(sound[family])
        state = data[key]
        state[name] = ODD[kind](state[name])
        for other in dropped:
            state.pop(other, None)
        for other in added:
            state[other] = torch.zeros(2)
        torch.save(data, path)
        check_network(path, family)

    some = st.lists(st.sampled_from(names), max_size=1)
    new = st.lists(st.text(max_size=5) | st.integers() | st.just("../x"), max_size=1)
    case = st.tuples(st.sampled_from(names), st.sampled_from(sorted(ODD)), some, new)
    for_all(count // 3, case, check)


@pytest.mark.parametrize("kind", sorted(set(ODD) - HARMLESS))
@pytest.mark.parametrize("family", NAMES)
def test_an_odd_weight_is_refused(family, kind, sound, tmp_path):
    data = content(sound[family])
    state = data[NAMES[family]]
    name = next(name for name in state if "layers.1." in name and state[name].dim() > 1)
    state[name] = ODD[kind](state[name])
    torch.save(data, tmp_path / "x.pt")
    with pytest.raises(InputError, match=r"x\.pt"):
        load_encoder("tiny", family, str(tmp_path / "x.pt"))


def test_a_value_that_is_not_finite_is_named_with_its_tensor(sound, tmp_path):
    data = content(sound["carp"])
    name = next(iter(data["model_state_dict"]))
    data["model_state_dict"][name].flatten()[0] = torch.nan
    torch.save(data, tmp_path / "x.pt")
    words = rf"x\.pt: model_state_dict: '{name}' holds a value that is not finite; fetch"
    with pytest.raises(InputError, match=words):
        load_checkpoint(tmp_path / "x.pt")


@pytest.mark.parametrize("state", [5, [torch.zeros(2)], {3: torch.zeros(2)}, None])
@pytest.mark.parametrize("key", ["model", "model_state_dict"])
def test_what_is_no_mapping_of_tensors_is_refused(key, state, tmp_path):
    torch.save({key: state}, tmp_path / "x.pt")
    with pytest.raises(InputError, match=f"{key} is not a mapping from names to tensors"):
        load_checkpoint(tmp_path / "x.pt")


def test_members_of_other_names_are_not_unpacked(sound, tmp_path, canary):
    path = tmp_path / "in" / "x.pt"
    path.parent.mkdir()
    path.write_bytes(sound["carp"])
    with zipfile.ZipFile(path, "a") as archive:
        for name in ("../up", "../../up", str(tmp_path / "absolute"), "x/../../up"):
            archive.writestr(name, "outside")
    answer(load_checkpoint, path)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["cage", "in", "x.pt"]


def test_a_checkpoint_that_is_a_bomb_is_refused_before_it_is_unpacked(sound, tmp_path):
    source, path = zipfile.ZipFile(io.BytesIO(sound["carp"])), tmp_path / "x.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info in source.infolist():
            zeros = info.filename.endswith("/data/0")
            archive.writestr(info.filename, bytes(16 << 20) if zeros else source.read(info))
    with pytest.raises(InputError, match=r"x\.pt: .*its members are packed, and unpack to"):
        load_checkpoint(path)


def test_weights_that_overflow_stop_the_job_by_name_and_store_nothing(tmp_path):
    data = networks.layout("carp", networks.random_network("carp"), **networks.SIZES["carp"])
    state = data["model_state_dict"]
    name = next(n for n in state if "layers.1." in n and n.endswith("conv.weight"))
    state[name] = torch.full_like(state[name], 3e38)  # finite, and above what a sum of two can be
    torch.save(data, tmp_path / "x.pt")
    with pytest.raises(InputError, match=r"layer 2 of sequence P\d is not finite.*nothing was"):
        embed(tmp_path, "carp", checkpoint=str(tmp_path / "x.pt"))
    assert nothing_left(tmp_path)
