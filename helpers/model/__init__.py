"""The network: built, trained, saved, explained in shapes, compiled and exported.

Part II: chapters 3 and 4; also 11 (checkpoint), 12 (ImageNet), 16 and 17 (compiling)
and *Export to ONNX*. The other chapters take the trained network from ``reference``.
"""
