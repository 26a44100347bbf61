"""What The Littlest JupyterHub tells the students' servers; tljh.sh installs it."""

c = get_config()  # type: ignore[name-defined]  # JupyterHub provides it

c.Spawner.environment.update(
    {
        "SEVENTEEN_NOTES_CACHE": "/srv/seventeen-notes/cache",
        "TORCH_HOME": "/srv/seventeen-notes/torch",
        "OMP_NUM_THREADS": "2",  # the CPU limit; PyTorch would take every core
    }
)
