// The f32 product of OpenBLAS, or on macOS of Accelerate, which is opened by name when something
// first computes: other commands start without it, and building needs no headers.
#pragma once
#include <stddef.h>

#include "swiftlet_loader.h"

// The numbers of the CBLAS interface.
enum {
    SWIFTLET_BLAS_ROW_MAJOR = 101,
    SWIFTLET_BLAS_AS_STORED = 111,
    SWIFTLET_BLAS_TRANSPOSED = 112,
};

// cblas_sgemm: c = alpha · op(a) · op(b) + beta · c, with op(a) of m × k and op(b) of k × n.
typedef void (*swiftlet_blas_sgemm)(
    int order, int a_form, int b_form, int m, int n, int k, float alpha, const float *a,
    int a_stride, const float *b, int b_stride, float beta, float *c, int c_stride);

// Opens the library unless it is open, without starting its threads, and returns its product, or
// NULL with a reason if it cannot be used. Any thread may call this. While the library is opened,
// the environment variable that sets the number of its threads is 1.
swiftlet_blas_sgemm swiftlet_blas_load(swiftlet_load_failure *failure);

// Whether the library is open.
bool swiftlet_blas_is_loaded(void);

// Makes the open library allocate the memory that `count` simultaneous products need. OpenBLAS keeps
// it for later products. If the system refuses, this never returns.
void swiftlet_blas_reserve(size_t count);
