#!/bin/sh
# Builds llama.cpp with its RPC backend, as a stand-in for a GPU in the tests of placement. For tests only: it is never
# installed, never offered to users, and listens on no port by itself.
#
# usage: make-rpc-build.sh [FOLDER]        FOLDER: where to, .cache/llama-rpc unless given
#
# The sources are those that the installed llama-cpp-python was built from, so that its bindings fit. Takes minutes, once
# for each version. Needs a C++ compiler, CMake and Ninja; the last two are fetched into the folder where they are
# missing.
#
# shellcheck disable=SC2086 # `$pip` and `$tools` are lists of words
set -eu
cd "$(dirname "$0")/.."
target=${1:-.cache/llama-rpc}
python=${VENV_PYTHON:-.venv/bin/python}

say() { printf '%s\n' "$*" >&2; }

version=$("$python" -c 'from importlib.metadata import version; print(version("llama-cpp-python"))' 2>/dev/null) || {
    say "llama-cpp-python is not installed in .venv."
    say "Hint: run \`make test\`, which installs it first."
    exit 1
}
[ "$(cat "$target/VERSION" 2>/dev/null)" = "$version" ] && exit 0

command -v c++ >/dev/null 2>&1 || {
    say "There is no C++ compiler: the tests of placement on a stand-in device will be left out."
    say "Hint: \`sudo apt install g++\`, and run make again."
    exit 1
}

# A venv that uv made has no pip of its own.
if "$python" -m pip --version >/dev/null 2>&1; then
    pip="$python -m pip"
elif command -v uv >/dev/null 2>&1; then
    pip="uv tool run pip"
else
    pip=".venv/bin/uv tool run pip"
fi

rm -rf "$target"
mkdir -p "$target/work"
target=$(cd "$target" && pwd)
work=$target/work
trap 'rm -rf "$work"' EXIT

tools=
command -v cmake >/dev/null 2>&1 || tools="cmake"
command -v ninja >/dev/null 2>&1 || tools="$tools ninja"
if [ -n "$tools" ]; then
    say "Fetching $tools …"
    $pip install --quiet --disable-pip-version-check --target "$work/tools" $tools
    PATH=$work/tools/bin:$PATH
    PYTHONPATH=$work/tools
    export PATH PYTHONPATH
fi

say "Fetching the sources of llama-cpp-python $version …"
$pip download --quiet --disable-pip-version-check --no-deps \
    --no-binary llama-cpp-python --dest "$work" "llama-cpp-python==$version" 2>"$work/pip.log" || {
    cat "$work/pip.log" >&2
    exit 1
}
tar -xzf "$work"/llama_cpp_python-*.tar.gz -C "$work"
sources=$(echo "$work"/llama_cpp_python-*/vendor/llama.cpp)

say "Building llama.cpp with the RPC backend (once, some minutes) …"
# Only what the tests load: no server, no examples, nothing that asks the network.
{
    cmake -S "$sources" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON -DGGML_RPC=ON \
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_TOOLS=ON \
        -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_WEBUI=OFF -DLLAMA_BUILD_UI=OFF \
        -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON "-DCMAKE_INSTALL_RPATH=\$ORIGIN" &&
        cmake --build "$work/build" --target llama ggml-rpc-server
} >"$target/build.log" 2>&1 || {
    tail -n 30 "$target/build.log" >&2
    say "llama.cpp could not be built. The whole log: $target/build.log"
    exit 1
}
cp -P "$work"/build/bin/*.so* "$work/build/bin/ggml-rpc-server" "$target/"
echo "$version" >"$target/VERSION"
