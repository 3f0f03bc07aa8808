"""The limit of small steps: the derivative itself, by forward automatic differentiation.

Exact and several times slower than differences. It needs weights that are not packed: a packed
product raises, because its tangents would be zeros.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.linalg import vector_norm
from torch.nn.attention import SDPBackend, sdpa_kernel

from plmbench.models.families import Resumable
from plmbench.perturb.kinds import Noise, Settings, written
from plmbench.perturb.passes import plain_pass
from plmbench.perturb.responses import Place, Responses, where_of


def derivative(
    network: Resumable,
    sequence: str,
    layer: int = 0,
    positions: Sequence[Place] | None = None,
    seed: int = 0,
) -> Responses:
    """Return what `responses` of kind noise tends to for small steps of one draw; all positions
    side by side. Raises RuntimeError where a network is packed."""
    with torch.no_grad():
        plain = plain_pass(network, sequence)
        where = where_of(positions, len(plain.places)).to(plain.tokens.device)
        step = Noise(network, plain, Settings(seed=seed)).step(layer, 0)
        states = plain.states[layer].expand(len(where), -1, -1).contiguous()
        tangents = written(torch.zeros_like(plain.states[layer]), where, step, plain.places)

    def later(x: Tensor) -> tuple[Tensor, ...]:
        found: list[Tensor] = []
        tokens = plain.tokens.expand(len(x), -1)
        network.embed_from(layer, [x], [tokens], lambda _, groups: found.append(groups[0]))
        return tuple(found)

    # torch has no tangents for a CPU's fused kernel of attention
    with sdpa_kernel(SDPBackend.MATH):
        moved: tuple[Tensor, ...] = torch.func.jvp(later, (states,), (tangents,))[1]
    layers = list(range(layer, network.num_layers + 1))
    change = torch.stack([vector_norm(each[:, plain.places], dim=2) for each in moved])
    norms = torch.stack([vector_norm(plain.at_residues(j), dim=1) for j in layers])
    return Responses(layers, change.numpy(), norms.numpy())
