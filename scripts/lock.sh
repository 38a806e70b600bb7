#!/bin/sh
# Writes requirements/*.lock: every package with its version and hashes, for all platforms.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-$(command -v uv || echo .venv/bin/uv)}
compile() {
    output=$1; shift
    "$uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command 'make lock' --python-version 3.11 "$@" --output-file "$output" pyproject.toml
}
compile requirements/run.lock --group build
compile requirements/test.lock --extra llama --group build --group test --group lint
