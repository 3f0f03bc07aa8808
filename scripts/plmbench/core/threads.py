"""How many threads a job computes with: as many as its rule says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from plmbench.core.logs import log

# Read by a library when it is loaded, so for those that a job loads late.
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


@contextmanager
def limited_threads(threads: int) -> Iterator[None]:
    """Compute with so many threads while the context lasts, in the libraries of linear algebra that
    are loaded and in those to come; the log says which.

    Results do not depend on it but for the last digits: threads share out sums in another order.
    """
    import scipy.linalg.blas  # noqa: F401  scipy brings a library of its own, which must be there
    from threadpoolctl import threadpool_info, threadpool_limits

    os.environ.update(dict.fromkeys(VARIABLES, str(threads)))
    with threadpool_limits(threads):
        found = sorted(
            {f"{each['internal_api']} {each['num_threads']}" for each in threadpool_info()}
        )
        log.info("computing with %d thread(s): %s", threads, ", ".join(found) or "no library found")
        yield
