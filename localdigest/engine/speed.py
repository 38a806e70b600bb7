"""How fast a device multiplies quantised weights, measured by multiplying some: no model needed, a second or two.

    one row of numbers      what decoding one sequence does: bound by reading the weights
    eight rows              what decoding eight sequences does
    512 rows                what a prompt does: bound by multiplying

each with one matrix, as in attention and dense models, and with eight of which every row uses two, as in a mixture of
experts. Weights are Q4_K, so large that no cache keeps them. A rate is in bytes of weights times rows a second: a
model's active bytes divided by it are the seconds of one token.
"""

from __future__ import annotations

import ctypes
from contextlib import ExitStack
from time import perf_counter
from typing import TYPE_CHECKING, Self

from localdigest.engine.devices import BATCHES, DeviceKind, Rates, Speed
from localdigest.engine.ggml import POINTER, function

if TYPE_CHECKING:
    from collections.abc import Callable

    from localdigest.engine.devices import Device

__all__ = ["measure"]

F32, I32, Q4_K = 0, 26, 12  # numbers of ggml's types
ROW_VALUES = 4096
ROW_BYTES = ROW_VALUES // 256 * 144
#: 144 MiB and 126 MiB: larger than what a core has to itself of any cache, small enough for any machine.
MATRIX_ROWS = 65_536
#: A prompt's product is bound by arithmetic: a smaller matrix says the same, sooner.
PROMPT_ROWS = 8_192
NUM_EXPERTS, NUM_USED, EXPERT_ROWS = 8, 2, 7_168
PROMPT_EXPERT_ROWS = 2_048
LEAST_SECONDS = 0.1
#: Gives every block a scale of 0.065: neither zeros, which some devices multiply faster, nor numbers that overflow.
FILLING = 0x2C


def measure(device: Device, *, num_threads: int) -> Speed:
    """Takes about a second, 150 MiB of the device's memory and half as much of RAM."""
    with _Bench(device, num_threads=num_threads) as bench:
        dense = [bench.dense(PROMPT_ROWS if rows > BATCHES[1] else MATRIX_ROWS, rows) for rows in BATCHES]
        experts = [bench.experts(PROMPT_EXPERT_ROWS if rows > BATCHES[1] else EXPERT_ROWS, rows) for rows in BATCHES]
        return Speed(device.name, Rates(*dense), Rates(*experts), bench.fetching())


class _Bench:
    """One backend of ggml, and small graphs on it."""

    def __init__(self, device: Device, *, num_threads: int) -> None:
        self._is_cpu = device.kind is DeviceKind.CPU
        self._device = function("ggml_backend_dev_by_name", POINTER, ctypes.c_char_p)(device.name.encode())
        self._backend = function("ggml_backend_dev_init", POINTER, POINTER, ctypes.c_char_p)(self._device, None)
        if not self._backend:
            raise OSError(f"ggml cannot use {device.name}")
        if self._is_cpu:
            function("ggml_backend_cpu_set_n_threads", None, POINTER, ctypes.c_int)(self._backend, num_threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        function("ggml_backend_free", None, POINTER)(self._backend)

    def dense(self, matrix_rows: int, rows: int) -> float:
        with _Graph() as graph:
            weights = graph.tensor(Q4_K, ROW_VALUES, matrix_rows)
            numbers = graph.tensor(F32, ROW_VALUES, rows)
            product = graph.product("ggml_mul_mat", weights, numbers)
            seconds = self._time(graph, product, filled=(weights, numbers))
        return matrix_rows * ROW_BYTES * rows / seconds

    def experts(self, matrix_rows: int, rows: int) -> float:
        with _Graph() as graph:
            weights = graph.tensor(Q4_K, ROW_VALUES, matrix_rows, NUM_EXPERTS)
            numbers = graph.tensor(F32, ROW_VALUES, 1, rows)
            chosen = graph.tensor(I32, NUM_USED, rows)
            product = graph.product("ggml_mul_mat_id", weights, numbers, chosen)
            seconds = self._time(graph, product, filled=(weights, numbers), choices=(chosen, rows))
        return NUM_USED * matrix_rows * ROW_BYTES * rows / seconds

    def fetching(self) -> float:
        """Bytes a second from RAM that the device can read by itself, as weights left there are fetched."""
        host = function("ggml_backend_dev_host_buffer_type", POINTER, POINTER)(self._device)
        if self._is_cpu or not host:
            return 0.0
        with _Graph() as here, _Graph() as there:
            source, target = (graph.tensor(Q4_K, ROW_VALUES, MATRIX_ROWS) for graph in (here, there))
            here.allocate_in(host)
            there.allocate(self._backend)
            copy = function("ggml_backend_tensor_copy", None, POINTER, POINTER)
            return MATRIX_ROWS * ROW_BYTES / self._repeat(lambda: copy(source, target))

    def _time(
        self,
        graph: _Graph,
        product: int,
        *,
        filled: tuple[int, ...],
        choices: tuple[int, int] | None = None,
    ) -> float:
        plan = graph.plan(product)
        graph.allocate(self._backend)
        for tensor in filled:
            _fill(tensor)
        if choices is not None:
            _choose(*choices)
        compute = function("ggml_backend_graph_compute", ctypes.c_int, POINTER, POINTER)

        def work() -> None:
            if status := compute(self._backend, plan):
                raise OSError(f"ggml could not multiply (status {status})")

        return self._repeat(work)

    def _repeat(self, work: Callable[[], object]) -> float:
        """Seconds of one piece of work; the first, which also allocates, is not counted."""
        synchronize = function("ggml_backend_synchronize", None, POINTER)
        work()
        synchronize(self._backend)
        started, count = perf_counter(), 0
        while (passed := perf_counter() - started) < LEAST_SECONDS or not count:
            work()
            synchronize(self._backend)
            count += 1
        return passed / count


class _InitParams(ctypes.Structure):
    """`ggml_init_params`."""

    _fields_ = (("mem_size", ctypes.c_size_t), ("mem_buffer", POINTER), ("no_alloc", ctypes.c_bool))


class _Graph:
    """Some tensors, one product of them, and the memory that they lie in; all freed at the end."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        room = 16 * function("ggml_tensor_overhead", ctypes.c_size_t)()
        room += function("ggml_graph_overhead", ctypes.c_size_t)()
        self._context = function("ggml_init", POINTER, _InitParams)(_InitParams(room, None, True))  # noqa: FBT003 - C struct
        self._stack.callback(function("ggml_free", None, POINTER), self._context)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def tensor(self, kind: int, *sizes: int) -> int:
        create = function(
            "ggml_new_tensor", POINTER, POINTER, ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.c_int64)
        )
        return int(create(self._context, kind, len(sizes), (ctypes.c_int64 * len(sizes))(*sizes)))

    def product(self, name: str, *factors: int) -> int:
        return int(function(name, POINTER, POINTER, *[POINTER] * len(factors))(self._context, *factors))

    def plan(self, result: int) -> int:
        plan = function("ggml_new_graph", POINTER, POINTER)(self._context)
        function("ggml_build_forward_expand", None, POINTER, POINTER)(plan, result)
        return int(plan)

    def allocate(self, backend: int) -> None:
        self._keep(function("ggml_backend_alloc_ctx_tensors", POINTER, POINTER, POINTER)(self._context, backend))

    def allocate_in(self, buffer_type: int) -> None:
        allocate = function("ggml_backend_alloc_ctx_tensors_from_buft", POINTER, POINTER, POINTER)
        self._keep(allocate(self._context, buffer_type))

    def _keep(self, buffer: int | None) -> None:
        if not buffer:
            raise MemoryError("ggml could not allocate 150 MiB")
        self._stack.callback(function("ggml_backend_buffer_free", None, POINTER), buffer)


def _fill(tensor: int) -> None:
    size = function("ggml_nbytes", ctypes.c_size_t, POINTER)(tensor)
    function("ggml_backend_tensor_memset", None, POINTER, ctypes.c_uint8, ctypes.c_size_t, ctypes.c_size_t)(
        tensor, FILLING, 0, size
    )


def _choose(tensor: int, rows: int) -> None:
    """Each row uses two different experts, all of them equally often: as a trained router spreads them."""
    numbers = [
        (row * NUM_USED + place * 3 + row // 4) % NUM_EXPERTS for row in range(rows) for place in range(NUM_USED)
    ]
    data = (ctypes.c_int32 * len(numbers))(*numbers)
    function("ggml_backend_tensor_set", None, POINTER, POINTER, ctypes.c_size_t, ctypes.c_size_t)(
        tensor, data, 0, ctypes.sizeof(data)
    )
