#!/bin/sh
# Write both locks anew from pyproject.toml: run from the repository root with pip-tools installed.
#   serve.txt  what `hocket serve`, `talk` and `show` install
#   dev.txt    the same versions, and what the tests and the evaluation need besides
# torch is in neither: its builds (CPU, CUDA) have hashes of their own. Training installs it apart:
#   pip install torch==2.13.0
set -eu
export CUSTOM_COMPILE_COMMAND="requirements/lock.sh"

lock() {
    pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
        --no-emit-index-url --no-emit-find-links "$@"
}

# pip-compile reads no dependency groups: hand it the group, and the training extra less torch.
development() {
    python - <<'PY'
import tomllib

with open("pyproject.toml", "rb") as stream:
    project = tomllib.load(stream)
extra = project["project"]["optional-dependencies"]["train"]
print(*project["dependency-groups"]["dev"], sep="\n")
print(*(line for line in extra if not line.startswith("torch")), sep="\n")
PY
}

lock "$@" --extra serve --extra show -o requirements/serve.txt pyproject.toml
development | lock "$@" --extra serve --extra show --extra evaluate \
    -c requirements/serve.txt -o requirements/dev.txt pyproject.toml -
