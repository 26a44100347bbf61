"""How long anything may take before it is said to hang.

No result depends on speed: whatever is waited for takes seconds on a quiet machine,
and a slow one with other work to do may take fifty times as long.
"""

HANGS = 1800  # seconds
HANGS_MS = 1000 * HANGS  # for Playwright, which counts milliseconds
