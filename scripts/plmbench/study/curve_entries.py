"""config/config.yaml: learning_curve, what pretraining is worth in labels."""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_core import core_schema

from plmbench.study.fields import Count, Listed, Pattern, Settings, unfit

TaskName = Annotated[str, Pattern("[A-Za-z0-9_]+(/[A-Za-z0-9_]+(@[A-Za-z0-9_]+)?)?")]
FRACTION = r"\d{1,9}(/\d{1,9}|\.\d{1,9})?"
SIZE = "a size is a share of the training examples above 0 and at most 1, such as 1/16 or 0.25"


class Share:
    """A share above 0 and at most 1, a number or a fraction as text; kept as the shortest fraction,
    so that 0.25 and 1/4 are one size."""

    def check(self, value: Any) -> str:
        """Return the fraction as text; raises the error that says what it should be."""
        text = str(value)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        try:
            # repr of a float may have an exponent, which Fraction reads
            share = Fraction(text) if is_number or Pattern(FRACTION).check(value) else Fraction(0)
        except (ValueError, ZeroDivisionError):
            raise unfit(f"is no share; {SIZE}") from None
        if not 0 < share <= 1:
            raise unfit(f"is not above 0 and at most 1; {SIZE}")
        return str(share)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        number = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
        return {"anyOf": [number, {"type": "string", "pattern": f"^({FRACTION})$"}]}


class LearningCurve(Settings):
    """How many labels each arm is given, to say what pretraining is worth in labels."""

    sizes: Annotated[list[Annotated[str, Share()]], Listed(least=2, unique=True)] = Field(
        default=["1/64", "1/16", "1/4", "1"],
        description="shares of the training examples to learn from, such as [1/64, 1/16, 1/4, 1]; "
        "each is a subset of the next, the same one for every arm",
    )
    draws: Count = Field(
        default=5, description="how often each size below 1 is drawn; three or more are better"
    )
    tasks: Annotated[list[TaskName], Listed(least=0, unique=True)] | None = Field(
        default=None,
        description="the tasks to do it for, of those in `tasks`; all if absent, none if empty",
    )
    probes: Annotated[list[str], Listed(unique=True)] | None = Field(
        default=None,
        description="of `probes`, those to do it with; all that run if absent, or if none of these "
        "runs on a task",
    )
    validation: Literal["grows", "stays"] = Field(
        default="grows",
        description="whether the validation subset has the same share as train, as one would have "
        "it with so few labels, or is whole at every size",
    )
