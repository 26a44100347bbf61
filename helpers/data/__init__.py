"""From a folder of images to batches of tensors.

Part I: chapters 1 and 2, *Normalisation*, *Random crops*; also 10 (sampling), 14
(fingerprint) and 15 (DALI). Every chapter with pictures takes them from here.
"""
