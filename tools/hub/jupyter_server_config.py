"""What each student's Jupyter server reads, on every kind of hub."""

c = get_config()  # type: ignore[name-defined]  # Jupyter provides it

# JupyterLab leaves a kernel running when its tab is closed, and a chapter's kernel
# keeps most of its memory. One that has done nothing for 20 minutes is ended; the
# notebook and its outputs stay.
c.MappingKernelManager.cull_idle_timeout = 20 * 60  # seconds
c.MappingKernelManager.cull_connected = True  # or an open tab would keep it
