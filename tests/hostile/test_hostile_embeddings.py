"""Embedding files with anything in them: what was stored, or a sentence that names the file. No
other file is read, and none of any size is believed to be there."""

import faulthandler
import shutil
from contextlib import suppress

import h5py
import numpy as np
import pytest
from hypothesis import strategies as st

from helpers.fuzzing import COUNTS, answer, cut_short, for_all, spoiled
from plmbench.core.errors import InputError
from plmbench.core.poolings import RESIDUES
from plmbench.probe.predictions import read_predictions, read_test_set
from plmbench.store.embeddings import SCHEMA, new_embeddings, open_embeddings, read_ledger

IDS, LENGTHS, WIDTHS = ["a", "b", "c"], [3, 2, 2], {"mean": 4, RESIDUES: 5}
MEAN = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
STATES = np.arange(1 * 7 * 5, dtype=np.float32).reshape(1, 7, 5)
LONGEST = 1000  # characters of a message
SECRET = 42.0


def everything(path):
    """Return all that a probe reads of a file."""
    with open_embeddings(path) as embeddings:
        spans = embeddings.spans(embeddings.ids)
        return {
            "ids": embeddings.ids.tolist(),
            "layers": embeddings.layers_of(RESIDUES),
            "mean": np.stack([embeddings.layer("mean", i) for i in range(embeddings.num_layers)]),
            RESIDUES: embeddings.residues(1, spans),
            "dropped": embeddings.dropped,
        }


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return the path of a sound file, to copy."""
    path = tmp_path_factory.mktemp("sound") / "x.h5"
    with new_embeddings(path, IDS, LENGTHS, 2, WIDTHS, {"max_length": 0}, [1]) as writer:
        writer.write("mean", 0, MEAN)
        writer.write(RESIDUES, 0, STATES)
    return path


@pytest.fixture
def secret(tmp_path):
    """Return the path of a file in another folder, which nothing here may read."""
    path = tmp_path / "elsewhere" / "secret.h5"
    path.parent.mkdir()
    with h5py.File(path, "w") as file:
        file["mean"] = np.full((2, 3, 4), SECRET, np.float32)
        file["ids"] = IDS
    (path.parent / "secret.bin").write_bytes(np.full(24, SECRET, np.float32).tobytes())
    return path


@pytest.fixture
def path(sound, tmp_path):
    """Return a copy of the sound file, in a folder of its own, to spoil."""
    (tmp_path / "mine").mkdir()
    return shutil.copy(sound, tmp_path / "mine" / "x.h5")


def refused(path, pattern):
    """Check that a file is refused by name, in words that match, whatever is asked of it."""
    with pytest.raises(InputError, match=pattern) as caught:
        everything(path)
    assert str(caught.value).startswith(str(path))
    assert len(str(caught.value)) < LONGEST


def test_a_sound_file_is_read(path):
    found = everything(path)
    assert (found["ids"], found["layers"], found["dropped"]) == (IDS, [1], set())
    np.testing.assert_array_equal(found["mean"], MEAN)
    np.testing.assert_array_equal(found[RESIDUES], STATES[0])


def external_link(file, secret):
    file["mean"] = h5py.ExternalLink(str(secret), "/mean")


def external_link_beside(file, secret):
    shutil.copy(secret, secret.parents[1] / "mine")
    file["mean"] = h5py.ExternalLink(secret.name, "/mean")


def soft_link_through_an_external_one(file, secret):
    file["hidden"] = h5py.ExternalLink(str(secret), "/")
    file["mean"] = h5py.SoftLink("/hidden/mean")


def soft_link(file, secret):
    file["kept"] = MEAN
    file["mean"] = h5py.SoftLink("/kept")


def link_in_a_group(file, secret):
    file["mean"] = MEAN
    file["deep/er/ledger"] = h5py.ExternalLink(str(secret), "/mean")


def external_storage(file, secret):
    place = (str(secret.with_suffix(".bin")), 0, h5py.h5f.UNLIMITED)
    file.create_dataset("mean", (2, 3, 4), "f4", external=[place])


def virtual_dataset(file, secret):
    layout = h5py.VirtualLayout((2, 3, 4), "f4")
    layout[:] = h5py.VirtualSource(str(secret), "mean", (2, 3, 4))
    file.create_virtual_dataset("mean", layout)


def virtual_dataset_by_a_way_up(file, secret):
    layout = h5py.VirtualLayout((2, 3, 4), "f4")
    layout[1] = h5py.VirtualSource("../elsewhere/secret.h5", "mean", (2, 3, 4))[1]
    file.create_virtual_dataset("mean", layout)


def group_in_itself(file, secret):
    file["mean"] = MEAN
    file["loop"] = file["/"]


LEADING = [
    external_link,
    external_link_beside,
    soft_link_through_an_external_one,
    soft_link,
    link_in_a_group,
    external_storage,
    virtual_dataset,
    virtual_dataset_by_a_way_up,
    group_in_itself,
]


@pytest.mark.parametrize("lead", LEADING, ids=lambda lead: lead.__name__)
def test_what_leads_elsewhere_is_refused_without_a_look_at_the_other_file(lead, path, secret):
    with h5py.File(path, "r+") as file:
        del file["mean"]
        lead(file, secret)
    shutil.rmtree(secret.parent)  # one who opened it would say that it is not there
    refused(path, "which is not followed|holds itself")
    for read in (read_ledger, read_test_set, lambda p: read_predictions(p, "mean", 0)):
        with pytest.raises(InputError, match=r"which is not followed|holds itself"):
            read(path)


def test_without_the_check_the_other_file_would_be_read(path, secret):
    for lead in (external_link, virtual_dataset, soft_link_through_an_external_one):
        with h5py.File(path, "r+") as file:
            del file["mean"]
            lead(file, secret)
        with h5py.File(path) as file:
            assert (file["mean"][:] == SECRET).all()


@pytest.mark.parametrize(
    "lead", [external_storage, virtual_dataset], ids=lambda lead: lead.__name__
)
def test_a_shard_that_leads_elsewhere_is_refused(lead, path, secret):
    with h5py.File(path.parent / "part.h5", "w") as file:
        lead(file, secret)
    with h5py.File(path, "r+") as file:
        del file["mean"]
        layout = h5py.VirtualLayout((2, 3, 4), "f4")
        layout[:] = h5py.VirtualSource("part.h5", "mean", (2, 3, 4))
        file.create_virtual_dataset("mean", layout)
    with pytest.raises(InputError, match="which is not followed"):
        everything(path)


def test_a_virtual_dataset_over_a_file_beside_it_is_read(path, secret):
    shutil.copy(secret, path.parent / "part.h5")
    with h5py.File(path, "r+") as file:
        del file["mean"]
        layout = h5py.VirtualLayout((2, 3, 4), "f4")
        layout[:] = h5py.VirtualSource("part.h5", "mean", (2, 3, 4))
        file.create_virtual_dataset("mean", layout)
    assert (everything(path)["mean"] == SECRET).all()


HUGE = 1 << 40
WRONG = {
    "no layer declared": ("mean", (3, 3, 4), "f4", r"mean is float32 \(3, 3, 4\), not \[2, 3, any"),
    "a sequence more": ("mean", (2, 4, 4), "f4", "mean is"),
    "two axes": ("mean", (2, 3), "f4", "mean is"),
    "whole numbers": ("mean", (2, 3, 4), "i4", "mean is int32"),
    "text": ("mean", (2, 3, 4), h5py.string_dtype(), "mean is object"),
    "not stored": ("mean", (2, 3, 4), "f4", "mean declares 96 bytes and has 0"),
    "huge width": ("mean", (2, 3, HUGE), "f4", "mean declares"),
    "huge ids": ("ids", (HUGE,), h5py.string_dtype(), "ids is"),
    "ids of numbers": ("ids", (3,), "i4", "ids is no text"),
    "huge lengths": ("lengths", (HUGE,), "i4", "ids is|declares"),
    "lengths of text": ("lengths", (3,), h5py.string_dtype(), "lengths is object"),
    "huge residues": (f"{RESIDUES}/values", (1, HUGE, 5), "f4", "residues/values is"),
    "no offsets": (f"{RESIDUES}/offsets", (0,), "i8", "residues/offsets is"),
    "huge layers": (f"{RESIDUES}/layers", (HUGE,), "i4", "residues/layers declares"),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_shapes_and_kinds_and_what_is_not_stored_are_refused(name, path):
    dataset, shape, dtype, words = WRONG[name]
    with h5py.File(path, "r+") as file:
        del file[dataset]
        file.create_dataset(dataset, shape, dtype)
    refused(path, words)


@pytest.mark.parametrize("missing", ["ids", "lengths", "mean", RESIDUES, f"{RESIDUES}/values"])
def test_a_file_without_one_of_its_datasets_is_refused(missing, path):
    with h5py.File(path, "r+") as file:
        del file[missing]
    refused(path, "not a complete HDF5 file")


ATTRIBUTES = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text("a\u00e9 /.", max_size=9)
)
VALUES = ATTRIBUTES | st.lists(st.integers(-9, 9), max_size=4).map(np.array)


@COUNTS
def test_odd_attributes_are_refused_or_change_nothing(count, sound, path):
    names = st.sampled_from(["schema", "poolings", "num_layers", "dtype", "max_length"])

    def check(case):
        name, value = case
        shutil.copy(sound, path)
        with h5py.File(path, "r+") as file:
            del file.attrs[name]
            with suppress(TypeError, ValueError):  # h5py stores no such value
                if value is not None:
                    file.attrs[name] = value
        found, refusal = answer(everything, path)
        if refusal:
            assert refusal.startswith(str(path))
            assert len(refusal) < LONGEST
        else:
            np.testing.assert_array_equal(found["mean"], MEAN)

    for_all(count, st.tuples(names, VALUES), check)


@COUNTS
def test_a_file_cut_short_or_of_other_bytes_is_refused(count, sound, path):
    """Of what is cut short nothing is read; libhdf5 looks at each byte of what is no HDF5."""
    content = sound.read_bytes()
    faulthandler.enable()  # a crash of libhdf5 shall name its test

    def check(spoilt):
        path.write_bytes(spoilt)
        found, refusal = answer(everything, path)
        assert spoilt == content or refusal, found
        assert refusal is None or refusal.startswith(str(path))

    garbage = st.binary(max_size=200) | spoiled(b"\x89HDF\r\n\x1a\n" + bytes(64))
    for_all(count, cut_short(content) | garbage, check)


def test_a_file_written_halfway_by_hand_is_refused_and_named(path):
    with h5py.File(path, "w") as file:
        file.attrs["schema"] = SCHEMA
        file.create_dataset("ids", data=IDS)
    refused(path, "not a complete HDF5 file .*delete it and run again")
