"""Renderer of the shipped diagnostic image set ("solids"), in numpy and Pillow.

`shapes` and `textures` say what can be seen, `scene` draws one scene at random,
`render` turns it into pixels, `faults` and `dataset` decide which images a folder
holds, and `report` measures how hard the set is and whether a shortcut solves it.
"""
