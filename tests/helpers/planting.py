"""Sequences made up to be found, or not."""

import random

from plmbench.core.alphabet import STANDARD


def mutant(sequence, identity, seed=0):
    """Return the sequence with other letters at all but a part `identity` of its positions."""
    draw = random.Random(seed)
    letters = list(sequence)
    for place in draw.sample(range(len(letters)), round((1 - identity) * len(letters))):
        letters[place] = draw.choice(sorted(set(STANDARD) - {letters[place]}))
    return "".join(letters)


def made_up(length, seed):
    """Return a random sequence, which resembles no other."""
    return "".join(random.Random(seed).choices(STANDARD, k=length))
