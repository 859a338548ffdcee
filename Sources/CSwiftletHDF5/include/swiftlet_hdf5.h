// The C library of HDF5, loaded at run time. It is not linked, so programs that do not use it start
// without it and do not need it installed.
//
// Functions return 0, or a negative number with the reason in `message`: -1, or SWIFTLET_HDF5_DISK
// if the disk may be full. The library is not reentrant: callers must make one call at a time.
#ifndef SWIFTLET_HDF5_H
#define SWIFTLET_HDF5_H

#include <stddef.h>
#include <stdint.h>

enum { SWIFTLET_HDF5_DISK = -2 };

/// Element types in the file, all little-endian.
enum swiftlet_hdf5_type {
    SWIFTLET_HDF5_F16,
    SWIFTLET_HDF5_F32,
    SWIFTLET_HDF5_F64,
    /// Two opaque bytes with the attribute `dtype = "bfloat16"`, as written by Keras 3.
    SWIFTLET_HDF5_BF16,
    SWIFTLET_HDF5_I8,
    SWIFTLET_HDF5_I16,
    SWIFTLET_HDF5_I32,
    SWIFTLET_HDF5_I64,
    SWIFTLET_HDF5_U8,
    SWIFTLET_HDF5_U16,
    SWIFTLET_HDF5_U32,
    SWIFTLET_HDF5_U64,
    /// The enumeration of FALSE and TRUE, as written by h5py.
    SWIFTLET_HDF5_BOOL,
    /// Not numbers: strings, compounds, references and the like. Only visitors see it.
    SWIFTLET_HDF5_NO_NUMBERS,
};

/// The reason of a failure.
typedef struct {
    char text[512];
} swiftlet_hdf5_message;

/// A dataset to be created.
typedef struct {
    /// The path from the root; groups in the path are created.
    const char *path;
    enum swiftlet_hdf5_type type;
    int rank;
    /// `rank` dimensions.
    const uint64_t *shape;
    /// Out: the offset of its elements in the file; UINT64_MAX if it has none.
    uint64_t offset;
} swiftlet_hdf5_dataset;

/// An attribute to be created, with a single string or a list.
typedef struct {
    /// The path of its group, which is created if it does not exist; "/" for the root.
    const char *group;
    const char *name;
    int is_list;
    size_t count;
    /// `count` strings in UTF-8; exactly one if it is not a list.
    const char *const *texts;
} swiftlet_hdf5_attribute;

/// Loads the library, 1.10 or later, if that has not been done. Must be called in each thread that
/// uses it.
int swiftlet_hdf5_load(swiftlet_hdf5_message *message);

/// Writes a file in which space for the datasets is allocated, contiguous and aligned to 64 bytes,
/// but not filled. The file must exist and is truncated first. The same input gives the same bytes.
int swiftlet_hdf5_lay_out(
    const char *path, swiftlet_hdf5_dataset *datasets, size_t dataset_count,
    const swiftlet_hdf5_attribute *attributes, size_t attribute_count,
    swiftlet_hdf5_message *message);

/// An open file, which must be trusted because the library is not safe against hostile files.
typedef struct swiftlet_hdf5_file swiftlet_hdf5_file;

int swiftlet_hdf5_open(const char *path, swiftlet_hdf5_file **file, swiftlet_hdf5_message *message);
void swiftlet_hdf5_close(swiftlet_hdf5_file *file);

/// Called for each dataset with the number of bytes that it takes in the file; returns 0 to go on.
typedef int (*swiftlet_hdf5_visitor)(
    void *context, const char *path, enum swiftlet_hdf5_type type, int rank, const uint64_t *shape,
    uint64_t stored);

/// Visits all datasets, depth first and sorted by name; one that holds no numbers without its shape. Links out of the file, external storage and
/// virtual datasets are refused.
int swiftlet_hdf5_visit(
    swiftlet_hdf5_file *file, swiftlet_hdf5_visitor visitor, void *context,
    swiftlet_hdf5_message *message);

/// Called for each string of an attribute.
typedef void (*swiftlet_hdf5_text_visitor)(void *context, const char *text, size_t length);

/// Visits the strings of an attribute; returns 1 if the object has no attribute of that name.
int swiftlet_hdf5_texts(
    swiftlet_hdf5_file *file, const char *object, const char *name,
    swiftlet_hdf5_text_visitor visitor, void *context, swiftlet_hdf5_message *message);

/// Reads all elements of a dataset, whose size must be `count` bytes.
int swiftlet_hdf5_read(
    swiftlet_hdf5_file *file, const char *path, void *target, size_t count,
    swiftlet_hdf5_message *message);

#endif
