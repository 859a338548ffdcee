// For setenv.
#define _POSIX_C_SOURCE 200809L
#include "library.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct swiftlet_hdf5_library swiftlet_hdf5;

// By the name of a release, then by that of development files; Debian's serial build first.
static const char *const names[] = {
#ifdef __APPLE__
    "libhdf5.dylib",
    "/opt/homebrew/lib/libhdf5.dylib",
    "/usr/local/lib/libhdf5.dylib",
#else
    "libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5_serial.so.200", "libhdf5_serial.so",
    "libhdf5.so.103",        "libhdf5.so.200",        "libhdf5.so.310",        "libhdf5.so.320",
    "libhdf5.so",
#endif
};

int swiftlet_hdf5_fail(swiftlet_hdf5_message *message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message->text, sizeof message->text, format, arguments);
    va_end(arguments);
    return -1;
}

static int bind(void *handle, swiftlet_hdf5_message *message) {
    struct swiftlet_hdf5_library library;
    memset(&library, 0, sizeof library);
    void *symbol;
#define F(name, result, parameters) \
    if (!(symbol = dlsym(handle, #name))) \
        return swiftlet_hdf5_fail(message, "libhdf5 lacks %s", #name); \
    memcpy(&library.name, &symbol, sizeof symbol);
    SWIFTLET_HDF5_FUNCTIONS(F)
#undef F
    symbol = dlsym(handle, "H5Pset_file_locking");
    memcpy(&library.H5Pset_file_locking, &symbol, sizeof symbol);
    // The callers hold locks of their own, which the library's would wait for in vain.
    if (!symbol || getenv("HDF5_USE_FILE_LOCKING")) setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
    unsigned major = 0, minor = 0, release = 0;
    // At exit the library would close files that a full disk left half closed, and crash.
    library.H5dont_atexit();
    if (library.H5open() < 0 || library.H5get_libversion(&major, &minor, &release) < 0)
        return swiftlet_hdf5_fail(message, "libhdf5 does not start");
    if (major == 1 && minor < 10)
        return swiftlet_hdf5_fail(message, "libhdf5 %u.%u is older than 1.10", major, minor);
#define F(name) \
    if (!(symbol = dlsym(handle, #name "_g"))) \
        return swiftlet_hdf5_fail(message, "libhdf5 lacks %s", #name); \
    memcpy(&library.name, symbol, sizeof library.name);
    SWIFTLET_HDF5_IDENTIFIERS(F)
#undef F
    if (!(symbol = dlsym(handle, "H5Lget_info1"))) symbol = dlsym(handle, "H5Lget_info");
    if (!symbol) return swiftlet_hdf5_fail(message, "libhdf5 lacks H5Lget_info");
    memcpy(&library.link_info, &symbol, sizeof symbol);
    swiftlet_hdf5 = library;
    return 0;
}

int swiftlet_hdf5_load(swiftlet_hdf5_message *message) {
    swiftlet_hdf5_fail(message, "libhdf5 is not installed");
    for (size_t i = 0; !swiftlet_hdf5.H5open && i < sizeof names / sizeof *names; i++) {
        void *handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (handle && bind(handle, message) < 0) dlclose(handle);
    }
    if (!swiftlet_hdf5.H5open) return -1;
    // Errors come back to us; the library need not print them. It keeps that by thread.
    swiftlet_hdf5.H5Eset_auto2(0, NULL, NULL);
    return 0;
}
