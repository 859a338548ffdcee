// For setenv.
#define _POSIX_C_SOURCE 200809L
#include "library.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "swiftlet_loader.h"

struct swiftlet_hdf5_library swiftlet_hdf5;

// The variables that hold the library's identifiers, which are set when it starts.
static struct {
#define F(name) const hid_t *name;
    SWIFTLET_HDF5_IDENTIFIERS(F)
#undef F
} identifiers;

static const swiftlet_symbol symbols[] = {
#define F(name_, result, parameters) {.name = #name_, .place = &swiftlet_hdf5.name_},
    SWIFTLET_HDF5_FUNCTIONS(F)
#undef F
#define F(name_) {.name = #name_ "_g", .place = &identifiers.name_},
    SWIFTLET_HDF5_IDENTIFIERS(F)
#undef F
    {.name = "H5Lget_info1", .other_name = "H5Lget_info", .place = &swiftlet_hdf5.link_info},
    {.name = "H5Pset_file_locking",
     .place = &swiftlet_hdf5.H5Pset_file_locking,
     .is_optional = true},
};

int swiftlet_hdf5_fail(swiftlet_hdf5_message *message, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message->text, sizeof message->text, format, arguments);
    va_end(arguments);
    return -1;
}

static bool start(swiftlet_load_failure *failure) {
    // The callers lock the files themselves, and the library's locks would wait for theirs forever.
    if (!swiftlet_hdf5.H5Pset_file_locking || getenv("HDF5_USE_FILE_LOCKING"))
        setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
    unsigned major = 0, minor = 0, release = 0;
    // At exit, the library would crash on files that a full disk left partially closed.
    swiftlet_hdf5.H5dont_atexit();
    if (swiftlet_hdf5.H5open() < 0
        || swiftlet_hdf5.H5get_libversion(&major, &minor, &release) < 0)
        return swiftlet_load_fail(failure, "libhdf5 cannot be initialized");
    if (major == 1 && minor < 10)
        return swiftlet_load_fail(failure, "libhdf5 %u.%u is older than 1.10", major, minor);
#define F(name) swiftlet_hdf5.name = *identifiers.name;
    SWIFTLET_HDF5_IDENTIFIERS(F)
#undef F
    return true;
}

int swiftlet_hdf5_load(swiftlet_hdf5_message *message) {
    static swiftlet_library library = {
        .name = SWIFTLET_LIBHDF5,
        .symbols = symbols,
        .symbol_count = sizeof symbols / sizeof *symbols,
        .start = start,
    };
    swiftlet_load_failure failure;
    if (!swiftlet_library_load(&library, &failure))
        return swiftlet_hdf5_fail(message, "%s", failure.text);
    // Errors are returned, so the library must not print them. This setting is per thread.
    swiftlet_hdf5.H5Eset_auto2(0, NULL, NULL);
    return 0;
}
