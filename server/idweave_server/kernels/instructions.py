# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""What the kernels ask of the compiler beyond the usual: prefetch, and helpers that only borrow their arrays."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

# For functions that only borrow their arrays and allocate none: njit would count references, atomically, to every array of every
# argument at every call of a helper, which made agglomeration four times slower (benchmarks/bench_kernels.py).
BORROWING: Any = {"cache": True, "nogil": True, "_nrt": False}

# For functions that only other kernels call, which are compiled into these: nothing of them is kept, and no code made with which Python
# calls them, which is longer than most of them. Called from Python all the same, they end the process; tests/kernels/test_inner.py sees to
# it that nothing does.
INNER: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
INNER_BORROWING: Any = {**INNER, "_nrt": False}

# For those of them that take many arrays: at a call each array is seven words to copy, which made a condition of a segment ten times slower
# (benchmarks/bench_segments.py). What is inlined is compiled anew for every type and literal that it is called with: int64(0) is none.
INLINED: Any = {**INNER_BORROWING, "forceinline": True}


@intrinsic
def _prefetch(typingctx, array, index):
    """Ask for the cache line of flat element `index` (unsigned) of `array`; never faults, so an index past the end does no harm."""
    signature = types.void(array, types.uintp)

    def codegen(context, builder, signature, args):
        pointer = builder.gep(make_array(signature.args[0])(context, builder, args[0]).data, [args[1]])
        pointer = builder.bitcast(pointer, ir.IntType(8).as_pointer())
        int32 = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, int32, int32, int32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [pointer, int32(1), int32(3), int32(1)])  # for writing, kept in all caches, data
        return context.get_dummy_value()

    return signature, codegen


prefetch: Any = _prefetch  # called without the typing context, which the annotation of an intrinsic cannot say
