"""Integrated gradients: what each input of a smooth function adds on the way from a baseline to a point.

Refuses to lose anything: what numerical integration leaves over is shared out in proportion.
Source: Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", 2017.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from perito.models.interface import FloatArray

Points = npt.NDArray[np.float32]

NODES = 32


def integrated_gradients(slopes: Callable[[Points], Points], points: Points, baseline: Points) -> FloatArray:
    """What each input adds between `baseline` and each row of `points`.

    `slopes` gives the gradient at every row it is given. The path is straight; the
    integral is Gauss-Legendre's with `NODES` nodes, exact enough where the function is smooth.
    """
    place, weight = np.polynomial.legendre.leggauss(NODES)
    way = points - baseline
    path = baseline + ((place + 1) / 2).astype(np.float32)[:, None, None] * way
    gradients = slopes(path.reshape(-1, points.shape[1])).reshape(path.shape)
    mean = np.tensordot(weight / 2, gradients.astype(np.float64), axes=1)
    parts: FloatArray = mean * way
    return parts


def closed(parts: FloatArray, total: FloatArray) -> FloatArray:
    """The parts with what they lack to `total` shared out by row, in proportion to their size."""
    size = np.abs(parts)
    whole = size.sum(axis=1)
    lacking = np.divide(total - parts.sum(axis=1), whole, out=np.zeros_like(whole), where=whole > 0)
    shared: FloatArray = parts + lacking[:, None] * size
    return shared
