"""Small networks by scikit-learn, one after the other: the reference of `mlp_stack`."""

from collections.abc import Sequence

import numpy as np

from plmbench.probe.arrays import Array, host
from plmbench.probe.mlp_heads import Head
from plmbench.probe.mlp_stack import Weights


class ReferenceStack:
    """What a Stack is, trained by scikit-learn."""

    def __init__(
        self,
        X: Array,
        y: np.ndarray,
        head: Head,
        hidden: Sequence[int],
        alphas: Sequence[float],
        seed: int,
        batch_size: int,
        learning_rate: float,
    ) -> None:
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        X = host(X)
        self.head, self.X = head, X
        settings = {
            "hidden_layer_sizes": hidden,
            "batch_size": min(batch_size, len(X)),
            "learning_rate_init": learning_rate,
        }
        self.y, kind, self.known = y, MLPClassifier, {"classes": np.arange(head.classes)}
        if not head.classes:
            self.y, kind, self.known = head.encoded(y)[:, 0].astype(X.dtype), MLPRegressor, {}
        # A generator and not a number, which would give every epoch the same order of examples.
        self.networks = [
            kind(alpha=alpha, random_state=np.random.RandomState(seed), **settings)
            for alpha in alphas
        ]

    def train_epoch(self) -> None:
        """See every training example once."""
        for network in self.networks:
            network.partial_fit(self.X, self.y, **self.known)

    def weights(self, index: int) -> Weights:
        """Copy the weights that a network has now."""
        network = self.networks[index]
        coefficients = [each.copy() for each in network.coefs_]
        return Weights(coefficients, [each[None].copy() for each in network.intercepts_])

    def predictions(self, X: Array) -> list[np.ndarray]:
        """Return each network's predictions for standardised features [example, feature]."""
        weights = (self.weights(i) for i in range(len(self.networks)))
        return [self.head.decoded(each.outputs(X, self.head)) for each in weights]

    def keep(self, indices: Sequence[int]) -> None:
        """Go on with some of the networks."""
        self.networks = [self.networks[i] for i in indices]
