// For pthread_mutex_lock.
#define _POSIX_C_SOURCE 200809L
#include "swiftlet_loader.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_FILES = 10 };

// How a library is called in messages, and its file names in the order in which they are tried.
// Names carry the version of the binary interface that the faces are written for.
static const struct {
    const char *title;
    const char *files[MOST_FILES];
} table[SWIFTLET_LIBRARY_COUNT] = {
#if defined(__APPLE__)
    [SWIFTLET_LIBCURL] = {"libcurl", {"/usr/lib/libcurl.4.dylib"}},
    [SWIFTLET_LIBONIG] = {"libonig", {"libonig.5.dylib"}},
    [SWIFTLET_LIBHDF5] = {"libhdf5", {"libhdf5.dylib"}},
    // Never without a version: that one is Apple's, and ends the process that opens it.
    [SWIFTLET_LIBCRYPTO] = {"libcrypto", {"libcrypto.3.dylib", "libcrypto.1.1.dylib"}},
    [SWIFTLET_BLAS] =
        {"Accelerate", {"/System/Library/Frameworks/Accelerate.framework/Accelerate"}},
#else
    [SWIFTLET_LIBCURL] = {"libcurl", {"libcurl.so.4", "libcurl-gnutls.so.4"}},
    [SWIFTLET_LIBONIG] = {"libonig", {"libonig.so.5"}},
    // The names of releases, then those of development files; Debian's serial build first.
    [SWIFTLET_LIBHDF5] =
        {"libhdf5",
         {"libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5_serial.so.200",
          "libhdf5_serial.so", "libhdf5.so.103", "libhdf5.so.200", "libhdf5.so.310",
          "libhdf5.so.320", "libhdf5.so"}},
    [SWIFTLET_LIBCRYPTO] = {"libcrypto", {"libcrypto.so.3", "libcrypto.so.1.1"}},
    [SWIFTLET_BLAS] = {"OpenBLAS", {"libopenblas.so.0", "libopenblas.so"}},
#endif
};

// Where files are looked for: where the system looks, and on macOS in Homebrew's folders too.
static const char *const folders[] = {
    "",
#if defined(__APPLE__)
    "/opt/homebrew/lib/",
    "/opt/homebrew/opt/openssl@3/lib/",
    "/usr/local/lib/",
    "/usr/local/opt/openssl@3/lib/",
#endif
};

bool swiftlet_load_fail(swiftlet_load_failure *failure, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->text, sizeof failure->text, format, arguments);
    va_end(arguments);
    return false;
}

// Whether dlopen's words mean that the file itself does not exist, rather than that it is damaged
// or lacks a library that it needs.
static bool is_missing(const char *path, const char *words) {
    return strstr(words, path) && !strstr(words, "needed by") && !strstr(words, "not loaded")
           && (strstr(words, "No such file") || strstr(words, "no such file"));
}

static bool bind(
    const swiftlet_library *library, void *handle, const char *path,
    swiftlet_load_failure *failure) {
    for (size_t i = 0; i < library->symbol_count; i++) {
        const swiftlet_symbol *symbol = &library->symbols[i];
        void *address = dlsym(handle, symbol->name);
        if (!address && symbol->other_name) address = dlsym(handle, symbol->other_name);
        if (!address && !symbol->is_optional)
            return swiftlet_load_fail(failure, "%s lacks %s", path, symbol->name);
        // POSIX guarantees that a function's address survives in an object pointer.
        memcpy(symbol->place, &address, sizeof address);
    }
    return !library->start || library->start(failure);
}

static bool load(swiftlet_library *library, swiftlet_load_failure *failure) {
    const char *title = table[library->name].title;
    const char *const *files = table[library->name].files;
    // The first file that exists explains a failure best.
    bool is_explained = false;
    swiftlet_load_fail(failure, "%s is not installed", title);
    for (size_t i = 0; i < MOST_FILES && files[i]; i++) {
        for (size_t j = 0; j < sizeof folders / sizeof *folders; j++) {
            char path[256];
            if (files[i][0] == '/' && j > 0) break;
            snprintf(path, sizeof path, "%s%s", folders[j], files[i]);
            // Lazily, as linked libraries are: most of their functions are never called.
            void *handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
            swiftlet_load_failure reason;
            if (handle) {
                if (bind(library, handle, path, &reason)) return true;
                dlclose(handle);
            } else {
                const char *words = dlerror();
                if (!words) words = path;
                if (is_missing(path, words)) continue;
                swiftlet_load_fail(&reason, "%s cannot be opened: %s", title, words);
            }
            if (!is_explained) *failure = reason;
            is_explained = true;
        }
    }
    return false;
}

bool swiftlet_library_load(swiftlet_library *library, swiftlet_load_failure *failure) {
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&turn);
    if (!library->is_loaded) library->is_loaded = load(library, failure);
    const bool is_loaded = library->is_loaded;
    pthread_mutex_unlock(&turn);
    return is_loaded;
}
