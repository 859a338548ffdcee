// Shared libraries that are opened by name when something first needs them. Nothing links them:
// programs that do not use a library start without it, and nothing of it is needed to build.
#pragma once
#include <stdbool.h>
#include <stddef.h>

// The libraries that can be opened; the table in loader.c has their file names.
typedef enum {
    SWIFTLET_LIBCURL,
    SWIFTLET_LIBONIG,
    SWIFTLET_LIBHDF5,
    SWIFTLET_LIBCRYPTO,
    SWIFTLET_BLAS,
    SWIFTLET_LIBRARY_COUNT,
} swiftlet_library_name;

// Why a library cannot be used, as part of a sentence: "libcurl is not installed".
typedef struct {
    char text[256];
} swiftlet_load_failure;

// The reason's text, which lives as long as `failure`.
static inline const char *swiftlet_load_failure_text(const swiftlet_load_failure *failure) {
    return failure->text;
}

// A function or variable of a library.
typedef struct {
    const char *name;
    // Its name in other releases, tried if the first one is missing; or NULL.
    const char *other_name;
    // Where its address is stored: the address of a pointer to the function or variable.
    void *place;
    // Whether the library can do without it; a missing one is stored as NULL.
    bool is_optional;
} swiftlet_symbol;

// One use of a library: what is called, and how to begin. Static storage, filled by its owner.
typedef struct {
    swiftlet_library_name name;
    const swiftlet_symbol *symbols;
    size_t symbol_count;
    // Called once all symbols are known, to initialize the library; or NULL. Returns false with a
    // reason if the library cannot be used.
    bool (*start)(swiftlet_load_failure *failure);
    // Set by swiftlet_library_load.
    bool is_loaded;
} swiftlet_library;

// Opens a library unless it is open, looks its symbols up and starts it. Any thread may call this;
// one library is opened at a time. Returns false with a reason if no installed file will do; the
// next call then tries again.
bool swiftlet_library_load(swiftlet_library *library, swiftlet_load_failure *failure);

// Writes a reason; returns false.
bool swiftlet_load_fail(swiftlet_load_failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
