// The f32 products come from OpenBLAS through the CBLAS interface.
#pragma once
#include <cblas.h>

// OpenBLAS's own: memory for one call, taken from the system once and kept for later calls. Its
// headers do not declare them; all its builds export them.
void *blas_memory_alloc(int place);
void blas_memory_free(void *memory);
