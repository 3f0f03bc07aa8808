"""What can be wrong with a study: each function spoils a finished one."""

import os
from argparse import Namespace

import torch

from helpers.studies import WILD_TYPE

EMBEDDINGS = "results/embeddings/toy/tiny_carp/pretrained.h5"
PREDICTIONS = "results/predictions/toy/first/tiny_carp/pretrained/ridge.h5"


def change_letter(study):
    study.append("resources/datasets/toy/first.csv", "last,MKVLAJ,3,train,\n")


def truncate_checkpoint(study):
    path = study.root / "resources/weights/carp.pt"
    os.truncate(path, path.stat().st_size // 2)


def mistake_layers(study):
    study.edit("models", lambda models: models["tiny_carp"].update(num_layers=7))


def mistake_family(study):
    study.edit("models", lambda models: models["tiny_carp"].update(family="esm2"))


def overflow(study):
    path = study.root / "resources/weights/carp.pt"
    with torch.serialization.safe_globals([Namespace]):
        data = torch.load(path, weights_only=True)
    data["model_state_dict"]["embedder.up_embedder.conv.weight"] *= 1e38
    torch.save(data, path)


def limit_length(study):
    study.edit("models", lambda models: models["tiny_carp"].update(max_length=10))


def mistake_wild_type(study):
    study.write(WILD_TYPE, ">wild type\nMKVLA\n")


def mistake_rows(study):
    def say_rows(datasets):
        datasets["toy"]["splits"]["first"]["rows"] = {"train": 34, "test": 21}

    study.edit("datasets", say_rows)


def mistake_ablation(study):
    study.edit("families/carp", lambda family: family["parameters"].pop())


def truncate_embeddings(study):
    path = study.root / EMBEDDINGS
    os.truncate(path, path.stat().st_size // 2)


def truncate_predictions(study):
    path = study.root / PREDICTIONS
    os.truncate(path, path.stat().st_size // 2)
