#!/bin/sh
# Builds llama.cpp beside the installed one, from the sources that the installed llama-cpp-python was built from, so that
# its bindings fit. For tests and benchmarks only: it is never installed.
#
# usage: make-llama-build.sh KIND [FOLDER]
#
#   rpc      with the RPC backend, a stand-in for a GPU in the tests of placement; it listens on no port by itself
#   server   llama-server, which the benchmarks compare with
#   avx2     llama-server and its libraries as for a processor without AVX-512, which most laptops have
#   cuda     for this machine's NVIDIA GPU, with llama-server; point LLAMA_CPP_LIB_PATH at the folder to use it
#
# FOLDER: where to, .cache/llama-KIND unless given. LLAMA_SOURCES=DIR names unpacked sources of llama.cpp where they
# cannot be fetched. Takes minutes, once for each version. Needs a C++ compiler, CMake and Ninja; the last two are
# fetched where they are missing.
#
# shellcheck disable=SC2086 # `$pip`, `$tools` and `$options` are lists of words
set -eu
cd "$(dirname "$0")/.."
python=${VENV_PYTHON:-.venv/bin/python}

say() { printf '%s\n' "$*" >&2; }

case ${1:-} in
    rpc) options="-DGGML_RPC=ON" targets="llama ggml-rpc-server" programs="ggml-rpc-server" ;;
    server) options="" targets="llama llama-server" programs="llama-server" ;;
    avx2)
        options="-DGGML_NATIVE=OFF -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON"
        targets="llama llama-server" programs="llama-server"
        ;;
    cuda)
        options="-DGGML_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES=native"
        targets="llama llama-server" programs="llama-server"
        ;;
    *)
        say "usage: make-llama-build.sh rpc|server|avx2|cuda [FOLDER]"
        exit 2
        ;;
esac
kind=$1
target=${2:-.cache/llama-$kind}

version=$("$python" -c 'from importlib.metadata import version; print(version("llama-cpp-python"))' 2>/dev/null) || {
    say "llama-cpp-python is not installed in .venv."
    say "Hint: run \`make test\`, which installs it first."
    exit 1
}
[ "$(cat "$target/VERSION" 2>/dev/null)" = "$version" ] && exit 0

command -v c++ >/dev/null 2>&1 || {
    say "There is no C++ compiler: what needs this build will be left out."
    say "Hint: \`sudo apt install g++\`, and run make again."
    exit 1
}

rm -rf "$target"
mkdir -p "$target/work"
target=$(cd "$target" && pwd)
work=$target/work
trap 'rm -rf "$work"' EXIT

# A venv that uv made has no pip of its own.
if "$python" -m pip --version >/dev/null 2>&1; then
    pip="$python -m pip"
elif command -v uv >/dev/null 2>&1; then
    pip="uv tool run pip"
else
    pip=".venv/bin/uv tool run pip"
fi

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

sources=${LLAMA_SOURCES:-}
if [ -z "$sources" ]; then
    say "Fetching the sources of llama-cpp-python $version …"
    $pip download --quiet --disable-pip-version-check --no-deps \
        --no-binary llama-cpp-python --dest "$work" "llama-cpp-python==$version" 2>"$work/pip.log" || {
        cat "$work/pip.log" >&2
        exit 1
    }
    tar -xzf "$work"/llama_cpp_python-*.tar.gz -C "$work"
    sources=$(echo "$work"/llama_cpp_python-*/vendor/llama.cpp)
fi

say "Building llama.cpp, $kind (once, some minutes) …"
case $kind in rpc) server=OFF ;; *) server=ON ;; esac
# Only what is asked for: no examples, no page in the server, nothing that asks the network.
{
    cmake -S "$sources" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON $options \
        -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=$server -DLLAMA_BUILD_TOOLS=ON \
        -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_WEBUI=OFF -DLLAMA_BUILD_UI=OFF \
        -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON "-DCMAKE_INSTALL_RPATH=\$ORIGIN" &&
        cmake --build "$work/build" --target $targets
} >"$target/build.log" 2>&1 || {
    tail -n 30 "$target/build.log" >&2
    say "llama.cpp could not be built. The whole log: $target/build.log"
    exit 1
}
cp -P "$work"/build/bin/*.so* "$target/"
for program in $programs; do cp "$work/build/bin/$program" "$target/"; done
echo "$version" >"$target/VERSION"
