"""The key `cost` of config/config.yaml: the machine that `snakemake cost` reckons with."""

from pydantic import Field

from plmbench.study.fields import Count, Positive, Settings


class Cost(Settings):
    """What `snakemake cost` is to reckon with instead of the machine at hand."""

    cores: Count | None = Field(
        default=None, description="cores that jobs are spread over; those at hand if absent"
    )
    card_tflops: Positive | None = Field(
        default=None,
        description="what a GPU does in a plain matrix product at this `precision`, in 10^12 "
        "operations per second; embeddings are then counted in GPU-hours. Measured where there is "
        "a GPU",
    )
