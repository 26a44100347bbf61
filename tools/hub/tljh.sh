#!/usr/bin/env bash
# The Littlest JupyterHub with the book's packages and data, on a fresh Ubuntu server.
# In a clone of the repository there:
#
#     sudo tools/hub/tljh.sh NAME      # of the administrator
set -euo pipefail
admin="${1:?Name the administrator: sudo tools/hub/tljh.sh NAME}"
cd "$(dirname "$0")/../.."

# The hub; it brings nbgitpuller. A second run updates it.
curl --fail --silent --show-error --location https://tljh.jupyter.org/bootstrap.py \
  | python3 - --admin "$admin"

# What all students import. JupyterHub is in none of these files: TLJH has its own.
apt-get install --yes g++  # torch.compile (chapters 16 and 17)
user=/opt/tljh/user/bin
"$user/pip" install -r requirements.txt -c constraints.txt '.[real,pretrained]'

# One copy of data and weights for all, which they can read only.
shared=/srv/seventeen-notes
mkdir -p "$shared"
SEVENTEEN_NOTES_CACHE="$shared/cache" TORCH_HOME="$shared/torch" \
  "$user/python" tools/hub/fill_cache.py
chmod -R u=rwX,go=rX "$shared"

# What their servers are told.
install -D -m 644 tools/hub/tljh_config.py \
  /opt/tljh/config/jupyterhub_config.d/seventeen_notes.py
install -D -m 644 tools/hub/jupyter_server_config.py \
  /opt/tljh/user/etc/jupyter/jupyter_server_config.py

# See the page "A hub for a class" for where these are from.
tljh=/opt/tljh/hub/bin/tljh-config
"$tljh" set user_environment.default_app jupyterlab
"$tljh" set limits.memory 3G
"$tljh" set limits.cpu 2
"$tljh" reload
