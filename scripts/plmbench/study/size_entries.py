"""config/datasets.yaml: how much a split holds, for who asks before it is downloaded."""

from pydantic import Field

from plmbench.study.fields import Count, Natural, Settings


class Size(Settings):
    """About how much a split holds. `cost` reads it while the files are not there."""

    sequences: Count = Field(description="distinct sequences of all subsets")
    residues: Count = Field(description="residues of these sequences")
    train: Count = Field(
        description="labelled examples of train, which are residues where a task labels residues"
    )
    validation: Natural = Field(description="the same of validation; 0: choices are made in folds")
    test: Count = Field(description="the same of test")
    classes: Count = Field(default=1, description="classes; 1 where the target is a number")
