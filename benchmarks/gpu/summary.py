"""The summary of a run: at most MOST lines, made of the rows alone."""

from benchmarks.gpu.records import FAILED, RIGHT, SKIPPED, WRONG

MOST, WIDEST = 40, 200  # lines, letters
TROUBLES, KERNELS = 3, 4  # that are named
SHORT = {"bfloat16": "bf16", "float16": "fp16", "float32": "fp32"}
GOAL_SHARE, GOAL_RATIO = 0.4, 2.0  # of the bf16 product by a 650M network; times transformers


def number(value, form="{:.2g}"):
    """Return a number, or a dash where there is none."""
    return "-" if value is None else form.format(value)


def precisions(record, **wanted):
    """Return the precisions of some rows, in their order."""
    return list(dict.fromkeys(row.precision for row in record.of(**wanted) if row.precision))


def networks(record, part):
    """Return the networks of a part, in their order."""
    return list(dict.fromkeys(row.network for row in record.of(part=part) if row.network))


def ceiling_line(record):
    """Return what the card gives at most."""
    rates = [
        f"{SHORT[row.precision]} {row.value:.1f}"
        for row in record.of(part="ceilings", quantity="TFLOP/s")
    ]
    copy = record.value(part="ceilings", quantity="copy, GB/s")
    rates = ", ".join(rates) or "-"
    return f"ceilings: products {rates} TFLOP/s, copy {number(copy, '{:.0f}')} GB/s"


def correctness_line(record, network):
    """Return how far a network is from the CPU, and a batch of 1 from its batch."""
    parts, who = [], {"part": "correctness", "network": network}
    for precision in precisions(record, **who):
        found, ones = (
            record.of(**who, precision=precision, quantity=quantity)
            for quantity in ("difference", "batch of 1")
        )
        kinds = record.of(**who, precision=precision, quantity="attention")
        if found and ones:
            verdicts = {found[0].verdict, ones[0].verdict} - {""}
            verdict = WRONG if WRONG in verdicts else "".join(verdicts)
            parts.append(
                f"{SHORT[precision]} {found[0].value:.1e}, batch of 1 {ones[0].value:.1e} "
                f"({' '.join(filter(None, [kinds[0].note, verdict]))})"
            )
    return f"  {network}: {'; '.join(parts) or 'no number'}"


def sharing_lines(record):
    """Return what became of a batch that was too large, and of two jobs on one card."""
    return [
        f"  {row.quantity}: {row.verdict}, {row.note}"
        for row in record.of(part="sharing")
        if row.verdict in (RIGHT, WRONG)
    ]


def probe_line(record):
    """Return how far probes on the card are from those on the CPU, and how many times as fast."""
    parts = []
    for row in record.of(part="probes", quantity="difference"):
        ratio = record.value(part="probes", quantity="times the CPU", network=row.network)
        parts.append(f"{row.network} {row.value:.1e} {row.verdict}, {number(ratio)}x the CPU")
    return f"probes on the card: {'; '.join(parts) or 'no number'}"


def speed_line(record, network, data):
    """Return our speed in each precision, and how many times that of each peer it is."""
    who, parts = {"part": "speed", "network": network, "data": data}, []
    for precision in precisions(record, **who):
        own = {**who, "precision": precision, "contender": "plmbench"}
        rate = record.value(**own, quantity="residues/s")
        if rate is None:
            continue
        share = record.value(**own, quantity="share of product")
        peak = record.value(**own, quantity="GB beside the weights")
        text = f"{SHORT[precision]} {rate:,.0f}, {number(share)} of product, {number(peak)} GB"
        for peer in ("transformers", "library"):
            ratio = ratio_to(record, peer, **who, precision=precision)
            text += f", {ratio:.1f}x {peer}" if ratio else ""
        parts.append(text)
    return f"  {network} {data}: {'; '.join(parts)}" if parts else None


def ratio_to(record, peer, **who):
    """Return how many times the residues a second of a peer ours are, or None."""
    ours, theirs = (
        record.value(**who, contender=name, quantity="residues/s") for name in ("plmbench", peer)
    )
    return ours / theirs if ours and theirs else None


def profile_lines(record):
    """Return where the time of one batch goes, and its longest kernels."""
    shares = {
        row.quantity.removeprefix("share in "): row.value
        for row in record.of(part="profile")
        if row.quantity.startswith("share in ")
    }
    if not shares:
        return ["profile: none"]
    row = record.of(part="profile", quantity="share in gaps")[0]
    words = ", ".join(f"{kind} {share:.2f}" for kind, share in shares.items())
    lines = [f"profile of one batch, {row.network} {SHORT[row.precision]}: {words} ({row.note})"]
    kernels = record.of(part="profile", quantity="share of a kernel")
    return lines + [f"  {row.value:.3f} {row.note}" for row in kernels[:KERNELS]]


def trouble_lines(record):
    """Return what failed, was wrong or was skipped: the worst first, and how many more."""
    rows = [row for verdict in (FAILED, WRONG, SKIPPED) for row in record.of(verdict=verdict)]
    lines = [
        "  " + " ".join(filter(None, [row.verdict, row.part, *row[1:6], row.note])) for row in rows
    ]
    return [f"failed, wrong or skipped: {len(lines)}", *lines[:TROUBLES]]


def goal_line(record):
    """Return whether the goals are met by the first network in bf16 on mixed lengths."""
    names = networks(record, "speed")
    who = {"part": "speed", "data": "mixed", "precision": "bfloat16"}
    who["network"] = names[0] if names else ""
    share = record.value(**who, contender="plmbench", quantity="share of product")
    ratio = ratio_to(record, "transformers", **who)
    met = [
        "not measured" if found is None else "met" if found >= goal else "NOT met"
        for found, goal in ((share, GOAL_SHARE), (ratio, GOAL_RATIO))
    ]
    return (
        f"goals, {who['network'] or 'no network'} bf16 mixed: share of product {number(share)} "
        f"(>= {GOAL_SHARE}: {met[0]}); times transformers {number(ratio)} "
        f"(>= {GOAL_RATIO:.0f}: {met[1]})"
    )


def summary(record, seconds):
    """Return the lines, the verdict last."""
    pairs = [(n, d) for n in networks(record, "speed") for d in ("mixed", "GB1", "long")]
    speeds = [line for line in (speed_line(record, *pair) for pair in pairs) if line]
    lines = [
        f"{record.rows[0].note}; {seconds:.0f} s",
        ceiling_line(record),
        "differences from the CPU's float32, of the mean magnitude of a layer:",
        *[correctness_line(record, name) for name in networks(record, "correctness")],
        *sharing_lines(record),
        probe_line(record),
        "speed, residues/s:",
        *speeds,
        *profile_lines(record),
        *trouble_lines(record),
    ]
    bad = len(record.of(verdict=WRONG)) + len(record.of(verdict=FAILED))
    right = len(record.of(verdict=RIGHT))
    last = (
        f"{bad} wrong or failed, {right} right" if bad else f"all {right} checks that ran are right"
    )
    return [line[:WIDEST] for line in [*lines[: MOST - 2], goal_line(record), last]]
