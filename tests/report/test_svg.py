"""Figures within the page: what they must not hold."""

import pytest

from plmbench.core.errors import InputError
from plmbench.report.svg import inline_figure


@pytest.mark.parametrize(
    "part",
    [
        "<script>alert(1)</script>",
        '<image href="https://example.org/x.png"/>',
        '<g onclick="alert(1)"/>',
        '<g style="fill: url(https://example.org/x)"/>',
        "<style>@import 'x.css'</style>",
        "<foreignObject/>",
    ],
)
def test_a_figure_that_could_run_or_ask_for_a_file_is_refused(tmp_path, part):
    path = tmp_path / "figure.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{part}</svg>')
    with pytest.raises(InputError, match=r"figure.svg: .* which no figure of this project"):
        inline_figure(path, "words", "x-")
