// For setenv.
#define _POSIX_C_SOURCE 200809L
#include "swiftlet_blas.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if defined(__APPLE__)
#define THREADS_VARIABLE "VECLIB_MAXIMUM_THREADS"
#else
#define THREADS_VARIABLE "OPENBLAS_NUM_THREADS"
#endif

static struct {
    swiftlet_blas_sgemm sgemm;
    void (*set_thread_count)(int);
    // OpenBLAS's own: memory for one call, taken from the system once and kept for later calls. Its
    // headers do not declare them; all its builds export them.
    void *(*take_memory)(int place);
    void (*give_memory_back)(void *);
} blas;

static const swiftlet_symbol symbols[] = {
    {.name = "cblas_sgemm", .place = &blas.sgemm},
    {.name = "openblas_set_num_threads", .place = &blas.set_thread_count, .is_optional = true},
    {.name = "blas_memory_alloc", .place = &blas.take_memory, .is_optional = true},
    {.name = "blas_memory_free", .place = &blas.give_memory_back, .is_optional = true},
};

static bool start(swiftlet_load_failure *failure) {
    (void)failure;
    // A product is one single-threaded call: the library's own threads would change the bits. This
    // is for a library that the program had opened before, with threads.
    if (blas.set_thread_count) blas.set_thread_count(1);
    return true;
}

static swiftlet_library library = {
    .name = SWIFTLET_BLAS,
    .symbols = symbols,
    .symbol_count = sizeof symbols / sizeof *symbols,
    .start = start,
};
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

// Opens the library with its threads variable set to 1. Threads that it starts while it is opened
// would cost memory, and at exit OpenBLAS waits for them, without end if one of them has found no
// memory.
static bool load_without_threads(swiftlet_load_failure *failure) {
    const char *value = getenv(THREADS_VARIABLE);
    char *before = value ? strdup(value) : NULL;
    if (value && !before) return swiftlet_load_fail(failure, "out of memory");
    bool is_loaded = setenv(THREADS_VARIABLE, "1", 1) == 0
                         ? swiftlet_library_load(&library, failure)
                         : swiftlet_load_fail(failure, "out of memory");
#if !defined(__APPLE__)
    // OpenBLAS has read it by now; programs that this one starts must not. Accelerate may read it
    // at the first product only.
    if (before) {
        setenv(THREADS_VARIABLE, before, 1);
    } else {
        unsetenv(THREADS_VARIABLE);
    }
#endif
    free(before);
    return is_loaded;
}

swiftlet_blas_sgemm swiftlet_blas_load(swiftlet_load_failure *failure) {
    pthread_mutex_lock(&turn);
    const bool is_loaded = library.is_loaded || load_without_threads(failure);
    pthread_mutex_unlock(&turn);
    return is_loaded ? blas.sgemm : NULL;
}

bool swiftlet_blas_is_loaded(void) {
    pthread_mutex_lock(&turn);
    const bool is_loaded = library.is_loaded;
    pthread_mutex_unlock(&turn);
    return is_loaded;
}

void swiftlet_blas_reserve(size_t count) {
    if (!blas.take_memory || !blas.give_memory_back) return;
    void **taken = calloc(count, sizeof *taken);
    if (!taken) return;
    for (size_t i = 0; i < count; i++) taken[i] = blas.take_memory(0);
    for (size_t i = 0; i < count; i++)
        if (taken[i]) blas.give_memory_back(taken[i]);
    free(taken);
}
