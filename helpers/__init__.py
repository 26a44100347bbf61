"""The annotated program behind *Seventeen Notes on an Image Classifier*.

One module per subject, in the order in which they build on each other; none
imports from a later one:

``errors`` · ``magic`` · ``claims`` · ``progress`` · ``writing`` · ``cache`` ·
``folders`` · ``fingerprint`` · ``image_files`` · ``audit`` · ``images`` ·
``distributed`` · ``randomness`` · ``sampling`` · ``data`` · ``halves`` · ``model`` ·
``checkpoint`` · ``trained`` · ``solids`` · ``elpv`` · ``imagenet`` ·
``evaluation`` · ``gradcam`` · ``export`` · ``compiling`` · ``evidence`` ·
``dali`` · ``steps`` · ``runs`` · ``callbacks`` · ``training`` · ``plots`` ·
``examine`` · ``report`` · ``program`` · ``commands`` · ``grading`` ·
``doctor`` · ``__main__``

This file imports nothing, so ``import helpers`` costs next to nothing: each
module loads what it needs when it is itself imported.
"""

__version__ = "0.1.0"
