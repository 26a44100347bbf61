"""A hub on one machine, to try the recipe before a server is rented.

    pip install -r tools/hub/requirements.txt -c constraints.txt
    HUB_PASSWORD=eight-letters-or-more jupyterhub -f tools/hub/jupyterhub_config.py

Everything that it writes lies in the folder where it is started. All students are
the same user of the system and share one password: this is for trying, not for a
class. The test of this recipe uses this file.
"""

import os
import sys
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # JupyterHub provides it

HERE = Path(__file__).resolve().parent
COMMANDS = Path(sys.executable).parent
HUB = Path.cwd()
if "HUB_PASSWORD" not in os.environ:
    sys.exit("Set HUB_PASSWORD to a password of eight letters or more.")

# Only this machine can reach it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# Any name may log in, with the one password.
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["HUB_PASSWORD"]
c.Authenticator.allow_all = True

# The servers are plain processes, each in a folder of its own.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(HUB / "homes" / "{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]  # of this Python
c.Spawner.start_timeout = c.Spawner.http_timeout = 600  # seconds, if it is busy
if hasattr(os, "geteuid") and os.geteuid() == 0:
    c.Spawner.args = ["--allow-root"]  # in a container

# The proxy of PyPI, which needs no Node.
c.ConfigurableHTTPProxy.command = [str(COMMANDS / "configurable-http-proxy")]

c.Spawner.environment = {
    "JUPYTER_CONFIG_PATH": str(HERE),  # jupyter_server_config.py, see there
    # One unpacked copy of the data sets for all; see helpers/data/cache.py.
    "SEVENTEEN_NOTES_CACHE": os.environ.get(
        "SEVENTEEN_NOTES_CACHE", str(HUB / "shared" / "cache")
    ),
    "OMP_NUM_THREADS": "2",  # cores a student; PyTorch would take all it sees
}
