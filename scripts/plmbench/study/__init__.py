"""The configuration, typed and checked; what jobs need and what they depend on.

In: YAML files. Out: parameters of rules. For rules alone: no room imports it.
"""
