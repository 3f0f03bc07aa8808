"""The columns of the tables of any study, as docs/columns.md has them."""

import pandas as pd

from plmbench.compare.tables import read_table

COLUMNS = {
    "parameters": "model family role block tensors parameters times_applied share_reinit "
    "share_resample bytes_float32 bytes_16_bits source",
    "embedding_sizes": "dataset model poolings layers width sequences residues dtype "
    "bytes_per_file files bytes",
    "scores": "dataset split model weights probe pooling layer seed subset n metric value reason",
    "summary": "dataset split model ablation pooling probe metric layer_selection layer "
    "mean sd seeds n",
    "datasets": "dataset split long_sequences max_length nonstandard_residues task_type "
    "rows missing_split dropped not_sampled "
    "masked_residues unique_sequences duplicates leakage train validation test test_units folds "
    "residues shortest median_length longest balance mostly_masked blanks_removed "
    "suspected_nucleotides "
    "unseen_validation unseen_test twin_classes numeric_classes lone_classes few_to_choose_on "
    "test_not_sampled test_families few_families test_within_30 test_within_50 test_within_90 "
    "test_mutations units_are families_by family_settings families unclustered above_max_length",
    "pretraining_overlap": "dataset split model test_sequences seen_in_pretraining within_30 "
    "within_50 within_90",
    "identity_bins": "dataset split bin_of bin probe pooling model ablation metric layer value low "
    "high seeds n units icc reason gain_over_ablation gain_over_ablation_by gain_over_ablation_low "
    "gain_over_ablation_high gain_over_ablation_reason gain_over_baseline gain_over_baseline_by "
    "gain_over_baseline_low gain_over_baseline_high gain_over_baseline_reason",
    "runs": "dataset model weights ablation seed poolings num_layers dtype above_max_length "
    "backend checkpoint_sha256 code device long_sequences masked_residues matmul max_length "
    "nonstandard_residues precision schema sequences_sha256 versions sequences",
}


def unsure(path, emptied):
    """Return the columns of words of a table that are read as numbers once no row fills them.

    emptied: the file to write the table to, without its words.
    """
    table = read_table(path)
    words = [name for name in table if pd.api.types.is_string_dtype(table[name])]
    table.assign(**dict.fromkeys(words, "")).to_csv(emptied, sep="\t", index=False, na_rep="NaN")
    again = read_table(emptied)
    return [name for name in words if (again[name] != "").any()]
