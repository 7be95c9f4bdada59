"""Vectors as a store wants them: of length one."""

import numpy as np
from numpy.typing import NDArray

SMALLEST = np.float32(1e-30)
"""Below the length of any vector but the empty one."""


def of_unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same directions, one a row."""
    lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(lengths, SMALLEST)).astype(np.float32)
    return unit
