// The C library of HDF5, found at run time: nothing links it, so what never writes HDF5 needs none
// installed and starts without it.
//
// Functions return 0, or a negative number with a sentence in `message`: -1, or SWIFTLET_HDF5_DISK
// where the disk may be full. The library is not reentrant: callers see to it
// that one call runs at a time.
#ifndef SWIFTLET_HDF5_H
#define SWIFTLET_HDF5_H

#include <stddef.h>
#include <stdint.h>

enum { SWIFTLET_HDF5_DISK = -2 };

/// Element types as the file has them; all little-endian.
enum swiftlet_hdf5_type {
    SWIFTLET_HDF5_F16,
    SWIFTLET_HDF5_F32,
    SWIFTLET_HDF5_F64,
    /// Two opaque bytes that the attribute `dtype = "bfloat16"` marks, as Keras 3 writes them.
    SWIFTLET_HDF5_BF16,
    SWIFTLET_HDF5_I8,
    SWIFTLET_HDF5_I16,
    SWIFTLET_HDF5_I32,
    SWIFTLET_HDF5_I64,
    SWIFTLET_HDF5_U8,
    SWIFTLET_HDF5_U16,
    SWIFTLET_HDF5_U32,
    SWIFTLET_HDF5_U64,
    /// h5py's enumeration of FALSE and TRUE.
    SWIFTLET_HDF5_BOOL,
};

/// A sentence on what went wrong.
typedef struct {
    char text[512];
} swiftlet_hdf5_message;

/// A dataset to be.
typedef struct {
    /// The path from the root; groups on the way are made.
    const char *path;
    enum swiftlet_hdf5_type type;
    int rank;
    /// `rank` lengths.
    const uint64_t *shape;
    /// Out: where in the file its bytes belong; UINT64_MAX where it has none.
    uint64_t offset;
} swiftlet_hdf5_dataset;

/// An attribute to be, of one text or of a list.
typedef struct {
    /// The path of its group, made if it is not there; "/" for the root.
    const char *group;
    const char *name;
    int is_list;
    size_t count;
    /// `count` texts in UTF-8; 1 if it is no list.
    const char *const *texts;
} swiftlet_hdf5_attribute;

/// Loads the library, 1.10 or later, unless it is there; to be called in each thread that uses it.
int swiftlet_hdf5_load(swiftlet_hdf5_message *message);

/// Writes a file whose datasets have their place but not their bytes: contiguous, 64-aligned, not
/// filled. The file is there already and is emptied first; the same input gives the same bytes.
int swiftlet_hdf5_lay_out(
    const char *path, swiftlet_hdf5_dataset *datasets, size_t dataset_count,
    const swiftlet_hdf5_attribute *attributes, size_t attribute_count,
    swiftlet_hdf5_message *message);

/// An open file that its user trusts: the library reads it, with the library's faults.
typedef struct swiftlet_hdf5_file swiftlet_hdf5_file;

int swiftlet_hdf5_open(const char *path, swiftlet_hdf5_file **file, swiftlet_hdf5_message *message);
void swiftlet_hdf5_close(swiftlet_hdf5_file *file);

/// Hears of one dataset, and of the bytes that it takes in the file; returns 0 to go on.
typedef int (*swiftlet_hdf5_visitor)(
    void *context, const char *path, enum swiftlet_hdf5_type type, int rank, const uint64_t *shape,
    uint64_t stored);

/// Visits the datasets below the root, depth first, by name. Links out of the file, external and virtual
/// storage are refused here too.
int swiftlet_hdf5_visit(
    swiftlet_hdf5_file *file, swiftlet_hdf5_visitor visitor, void *context,
    swiftlet_hdf5_message *message);

/// Hears of one text of an attribute.
typedef void (*swiftlet_hdf5_text_visitor)(void *context, const char *text, size_t length);

/// Visits the texts of an attribute; returns 1 if the object has none of that name.
int swiftlet_hdf5_texts(
    swiftlet_hdf5_file *file, const char *object, const char *name,
    swiftlet_hdf5_text_visitor visitor, void *context, swiftlet_hdf5_message *message);

/// Reads all elements of a dataset into `count` bytes, which must be what they take.
int swiftlet_hdf5_read(
    swiftlet_hdf5_file *file, const char *path, void *target, size_t count,
    swiftlet_hdf5_message *message);

#endif
