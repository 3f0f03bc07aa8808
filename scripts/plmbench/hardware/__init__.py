"""The machine: devices, memory, matrix products, versions.

In: what torch finds. Out: a device to compute on, the fastest exact product. Next room: `models`.
"""
