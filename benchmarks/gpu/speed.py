"""Part 3: residues a second of all contenders, in turn, and what the card was worth."""

import statistics

import numpy as np

from benchmarks.gpu.contenders import contenders_of
from benchmarks.gpu.networks import encoder_of, on_device
from benchmarks.gpu.records import FAILED
from benchmarks.gpu.scales import LEAST, data
from plmbench.core.errors import first_line
from plmbench.hardware.memory import keep_freed_memory, use_full_precision

PART = "speed"


def residues(sequences):
    """Return how many residues sequences have."""
    return sum(map(len, sequences))


def fitting(bench, kind, work):
    """Return so many sequences of a kind that `work` takes about the seconds of the scale."""
    seconds, most = bench.scale.seconds, bench.scale.most
    count = least = min(LEAST[kind], most)
    work(data(bench.scale, kind, count))  # warm, and its kernels are chosen
    while True:
        sequences = data(bench.scale, kind, count)
        spent = bench.card.seconds(lambda given=sequences: work(given))
        if spent >= seconds / 2 or count >= most or bench.clock.left() < 0:
            break
        count = int(min(count * np.clip(seconds / spent, 2, 8), most))
    return data(bench.scale, kind, int(np.clip(count * seconds / spent, least, count)))


def timed(bench, works, sequences):
    """Return {contender: seconds of each round}, all contenders in turn; the first round warms."""
    spent = {name: [] for name in works}
    for turn in range(bench.scale.rounds + 1):
        for name, work in works.items():
            seconds = bench.card.seconds(lambda w=work, n=name: w(sequences[n]))
            if turn:
                spent[name].append(seconds)
        if turn and bench.clock.left() < 0:
            break
    return spent


def add_rows(bench, network, who, sequences, spent, peak):
    """Add the rows of one contender on one kind of data."""
    lengths = [len(sequence) for sequence in sequences]
    median, rounds = statistics.median(spent), len(spent)
    note = f"{len(lengths)} sequences, {rounds} rounds, {min(spent):.3f} to {max(spent):.3f} s"
    bench.record.add(PART, "residues/s", sum(lengths) / median, note=note, **who)
    ceiling = bench.record.value(part="ceilings", quantity="TFLOP/s", precision=who["precision"])
    if ceiling:
        share = network.work(lengths) / median / (1e12 * ceiling)
        bench.record.add(PART, "share of product", share, **who)
    bench.record.add(PART, "GB beside the weights", peak / 1e9, **who)


def measure(bench, name, network, kind, works):
    """Time all contenders on one kind of data; one that fails is left out."""
    sequences, peaks = {}, {}
    for contender, precision in list(works):
        who = {"network": name, "data": kind, "precision": precision, "contender": contender}
        key, work = (contender, precision), works[contender, precision]
        with bench.step(PART, **who):
            found, before = fitting(bench, kind, work), bench.card.allocated()
            peaks[key] = bench.card.peak(lambda w=work, s=found: w(s)) - before
            sequences[key] = found
    there = {key: works[key] for key in sequences}
    spent = timed(bench, there, sequences)
    for key in there:
        contender, precision = key
        who = {"network": name, "data": kind, "precision": precision, "contender": contender}
        add_rows(bench, network, who, sequences[key], spent[key], peaks[key])


def run(bench):
    """Time all networks on all data, as far as the time goes."""
    use_full_precision()
    keep_freed_memory()
    deadline = bench.clock.deadline
    left = sum(len(network.timed) for network in bench.scale.networks.values())
    for name, network in bench.scale.networks.items():
        if not network.timed:
            continue
        bench.clock.allot(len(network.timed) / left, deadline)
        left -= len(network.timed)
        if not bench.time_for(PART, network=name):
            continue
        with bench.step(PART, network=name):
            encoder = on_device(encoder_of(network), bench.card.device)

            def missing(contender, precision, error, name=name):
                note = f"{type(error).__name__}: {first_line(error)}"[:120]
                who = {"network": name, "precision": precision, "contender": contender}
                bench.record.add(PART, verdict=FAILED, note=note, **who)

            works = contenders_of(bench, encoder, missing)
            for kind in network.timed:
                if bench.time_for(PART, network=name, data=kind):
                    with bench.step(PART, network=name, data=kind):
                        measure(bench, name, network, kind, works)
            del works, encoder
        bench.card.clean()
