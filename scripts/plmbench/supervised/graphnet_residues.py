"""What graphnet knows of residues: their heavy atoms by name, and four numbers for each letter."""

import numpy as np

from plmbench.core.alphabet import STANDARD

ATOM_NAMES = """
C CA CB CD CD1 CD2 CE CE1 CE2 CE3 CG CG1 CG2 CH2 CZ CZ2 CZ3 N ND1 ND2 NE NE1 NE2 NH1 NH2 NZ O OD1
OD2 OE1 OE2 OG OG1 OH OXT SD SE SG
"""
ATOMS = ATOM_NAMES.split()
BACKBONE = "N CA C O"
SIDE_CHAINS = {
    "A": "CB",
    "C": "CB SG",
    "D": "CB CG OD1 OD2",
    "E": "CB CG CD OE1 OE2",
    "F": "CB CG CD1 CD2 CE1 CE2 CZ",
    "G": "",
    "H": "CB CG ND1 CD2 CE1 NE2",
    "I": "CB CG1 CG2 CD1",
    "K": "CB CG CD CE NZ",
    "L": "CB CG CD1 CD2",
    "M": "CB CG SD CE",
    "N": "CB CG OD1 ND2",
    "P": "CB CG CD",
    "Q": "CB CG CD OE1 NE2",
    "R": "CB CG CD NE CZ NH1 NH2",
    "S": "CB OG",
    "T": "CB OG1 CG2",
    "V": "CB CG1 CG2",
    "W": "CB CG CD1 CD2 NE1 CE2 CE3 CZ2 CZ3 CH2",
    "Y": "CB CG CD1 CD2 CE1 CE2 CZ OH",
}
# Kyte & Doolittle 1982; Zamyatnin 1972, cubic Angstrom.
HYDROPATHY = {
    **{"A": 1.8, "C": 2.5, "D": -3.5, "E": -3.5, "F": 2.8, "G": -0.4, "H": -3.2, "I": 4.5},
    **{"K": -3.9, "L": 3.8, "M": 1.9, "N": -3.5, "P": -1.6, "Q": -3.5, "R": -4.5, "S": -0.8},
    **{"T": -0.7, "V": 4.2, "W": -0.9, "Y": -1.3},
}
VOLUME = {
    **{"A": 88.6, "C": 108.5, "D": 111.1, "E": 138.4, "F": 189.9, "G": 60.1, "H": 153.2},
    **{"I": 166.7, "K": 168.6, "L": 166.7, "M": 162.9, "N": 114.1, "P": 112.7, "Q": 143.8},
    **{"R": 173.4, "S": 89.0, "T": 116.1, "V": 140.0, "W": 227.8, "Y": 193.6},
}
CHARGE = {"K": 1.0, "R": 1.0, "H": 0.5, "D": -1.0, "E": -1.0}
AROMATIC = "FWYH"


def templates() -> np.ndarray:
    """Return the atoms of each letter, int64 [letter, atom], by their places in ATOMS, filled up
    with len(ATOMS). The last row is for letters beyond the twenty: a backbone alone."""
    names = [f"{BACKBONE} {SIDE_CHAINS[letter]}".split() for letter in STANDARD]
    names.append(BACKBONE.split())
    table = np.full((len(names), max(map(len, names))), len(ATOMS), np.int64)
    for row, own in enumerate(names):
        table[row, : len(own)] = [ATOMS.index(name) for name in own]
    return table


def descriptors() -> np.ndarray:
    """Return hydropathy, volume, charge and aromaticity of each letter, float32 [letter, 4], each
    about 1 in size. The last row, for letters beyond the twenty, is 0."""
    rows = [
        [HYDROPATHY[a] / 4.5, VOLUME[a] / 150 - 1, CHARGE.get(a, 0.0), float(a in AROMATIC)]
        for a in STANDARD
    ]
    return np.array([*rows, [0.0] * 4], np.float32)
