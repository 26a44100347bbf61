"""Unpack the data sets and fetch the weights, once, into folders that all share.

Run by whoever sets up a hub, with ``SEVENTEEN_NOTES_CACHE`` and ``TORCH_HOME`` naming
the folders; the students can read them and need not write them.
"""

from helpers.data import elpv, solids
from helpers.model import imagenet

print(solids.solids_root())
print(elpv.elpv_root())
print(imagenet.imagenet_network().name)
