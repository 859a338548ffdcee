// The functions of the library that are called. The types are those of its ABI since 1.10.
#ifndef SWIFTLET_HDF5_LIBRARY_H
#define SWIFTLET_HDF5_LIBRARY_H

#include "swiftlet_hdf5.h"

typedef int64_t hid_t;
typedef uint64_t hsize_t;

enum { H5P_DEFAULT = 0, H5S_ALL = 0 };
// Constants of the library.
enum { ACC_RDONLY = 0, ACC_TRUNC = 2 };
enum { SPACE_SCALAR = 0, SPACE_NULL = 2 };
enum { ALLOC_EARLY = 1, FILL_NEVER = 1, LAYOUT_CONTIGUOUS = 1, LAYOUT_VIRTUAL = 3 };
enum { CLASS_INTEGER = 0, CLASS_FLOAT = 1, CLASS_STRING = 3, CLASS_OPAQUE = 5, CLASS_ENUM = 8 };
enum { CSET_UTF8 = 1, STR_NULLTERM = 0, STR_NULLPAD = 1 };
enum { ID_GROUP = 2, ID_DATASET = 5 };
enum { LINK_EXTERNAL = 64, LINK_SOFT = 1, LINK_HARD = 0 };

typedef struct {
    int storage_type;
    hsize_t link_count;
    int64_t max_corder;
    _Bool mounted;
} group_info;

/// Called before a link out of the file is followed; a negative result refuses it.
typedef int (*link_callback)(
    const char *parent_file, const char *parent_group, const char *file, const char *object,
    unsigned *flags, hid_t access, void *data);

// name, result, parameters
#define SWIFTLET_HDF5_FUNCTIONS(F) \
    F(H5dont_atexit, int, (void)) \
    F(H5open, int, (void)) \
    F(H5get_libversion, int, (unsigned *, unsigned *, unsigned *)) \
    F(H5Eset_auto2, int, (hid_t, void *, void *)) \
    F(H5Fcreate, hid_t, (const char *, unsigned, hid_t, hid_t)) \
    F(H5Fopen, hid_t, (const char *, unsigned, hid_t)) \
    F(H5Fclose, int, (hid_t)) \
    F(H5Pcreate, hid_t, (hid_t)) \
    F(H5Pclose, int, (hid_t)) \
    F(H5Pset_alignment, int, (hid_t, hsize_t, hsize_t)) \
    F(H5Pset_create_intermediate_group, int, (hid_t, unsigned)) \
    F(H5Pset_char_encoding, int, (hid_t, int)) \
    F(H5Pset_alloc_time, int, (hid_t, int)) \
    F(H5Pset_fill_time, int, (hid_t, int)) \
    F(H5Pset_layout, int, (hid_t, int)) \
    F(H5Pset_obj_track_times, int, (hid_t, _Bool)) \
    F(H5Pset_elink_cb, int, (hid_t, link_callback, void *)) \
    F(H5Pget_layout, int, (hid_t)) \
    F(H5Pget_external_count, int, (hid_t)) \
    F(H5Screate, hid_t, (int)) \
    F(H5Screate_simple, hid_t, (int, const hsize_t *, const hsize_t *)) \
    F(H5Sget_simple_extent_type, int, (hid_t)) \
    F(H5Sget_simple_extent_ndims, int, (hid_t)) \
    F(H5Sget_simple_extent_dims, int, (hid_t, hsize_t *, hsize_t *)) \
    F(H5Sget_simple_extent_npoints, int64_t, (hid_t)) \
    F(H5Sclose, int, (hid_t)) \
    F(H5Tcopy, hid_t, (hid_t)) \
    F(H5Tcreate, hid_t, (int, size_t)) \
    F(H5Tenum_create, hid_t, (hid_t)) \
    F(H5Tenum_insert, int, (hid_t, const char *, const void *)) \
    F(H5Tset_size, int, (hid_t, size_t)) \
    F(H5Tset_order, int, (hid_t, int)) \
    F(H5Tset_cset, int, (hid_t, int)) \
    F(H5Tset_strpad, int, (hid_t, int)) \
    F(H5Tset_fields, int, (hid_t, size_t, size_t, size_t, size_t, size_t)) \
    F(H5Tset_ebias, int, (hid_t, size_t)) \
    F(H5Tset_tag, int, (hid_t, const char *)) \
    F(H5Tget_class, int, (hid_t)) \
    F(H5Tget_size, size_t, (hid_t)) \
    F(H5Tget_sign, int, (hid_t)) \
    F(H5Tget_fields, int, (hid_t, size_t *, size_t *, size_t *, size_t *, size_t *)) \
    F(H5Tget_order, int, (hid_t)) \
    F(H5Tget_ebias, size_t, (hid_t)) \
    F(H5Tget_super, hid_t, (hid_t)) \
    F(H5Tget_nmembers, int, (hid_t)) \
    F(H5Tenum_valueof, int, (hid_t, const char *, void *)) \
    F(H5Tis_variable_str, int, (hid_t)) \
    F(H5Tclose, int, (hid_t)) \
    F(H5Gcreate2, hid_t, (hid_t, const char *, hid_t, hid_t, hid_t)) \
    F(H5Gget_info, int, (hid_t, group_info *)) \
    F(H5Oopen, hid_t, (hid_t, const char *, hid_t)) \
    F(H5Oclose, int, (hid_t)) \
    F(H5Iget_type, int, (hid_t)) \
    F(H5Lexists, int, (hid_t, const char *, hid_t)) \
    F(H5Lget_name_by_idx, int64_t, \
      (hid_t, const char *, int, int, hsize_t, char *, size_t, hid_t)) \
    F(H5Acreate2, hid_t, (hid_t, const char *, hid_t, hid_t, hid_t, hid_t)) \
    F(H5Aexists, int, (hid_t, const char *)) \
    F(H5Aopen, hid_t, (hid_t, const char *, hid_t)) \
    F(H5Aget_type, hid_t, (hid_t)) \
    F(H5Aget_space, hid_t, (hid_t)) \
    F(H5Aread, int, (hid_t, hid_t, void *)) \
    F(H5Awrite, int, (hid_t, hid_t, const void *)) \
    F(H5Aclose, int, (hid_t)) \
    F(H5Dcreate2, hid_t, (hid_t, const char *, hid_t, hid_t, hid_t, hid_t, hid_t)) \
    F(H5Dget_offset, uint64_t, (hid_t)) \
    F(H5Dget_storage_size, hsize_t, (hid_t)) \
    F(H5Dget_type, hid_t, (hid_t)) \
    F(H5Dget_space, hid_t, (hid_t)) \
    F(H5Dget_create_plist, hid_t, (hid_t)) \
    F(H5Dread, int, (hid_t, hid_t, hid_t, hid_t, hid_t, void *)) \
    F(H5Dvlen_reclaim, int, (hid_t, hid_t, hid_t, void *)) \
    F(H5Dclose, int, (hid_t))

// Identifiers that the library creates when it starts.
#define SWIFTLET_HDF5_IDENTIFIERS(F) \
    F(H5T_IEEE_F32LE) \
    F(H5T_IEEE_F64LE) \
    F(H5T_STD_I8LE) \
    F(H5T_STD_I16LE) \
    F(H5T_STD_I32LE) \
    F(H5T_STD_I64LE) \
    F(H5T_STD_U8LE) \
    F(H5T_STD_U16LE) \
    F(H5T_STD_U32LE) \
    F(H5T_STD_U64LE) \
    F(H5T_C_S1) \
    F(H5P_CLS_FILE_ACCESS_ID) \
    F(H5P_CLS_LINK_CREATE_ID) \
    F(H5P_CLS_LINK_ACCESS_ID) \
    F(H5P_CLS_DATASET_CREATE_ID) \
    F(H5P_CLS_GROUP_CREATE_ID)

/// The functions and identifiers of the library under their original names.
struct swiftlet_hdf5_library {
#define F(name, result, parameters) result(*name) parameters;
    SWIFTLET_HDF5_FUNCTIONS(F)
#undef F
#define F(name) hid_t name;
    SWIFTLET_HDF5_IDENTIFIERS(F)
#undef F
    // `H5Lget_info` with the older structure, which newer releases name `H5Lget_info1`.
    int (*link_info)(hid_t, const char *, void *, hid_t);
    // Missing before 1.10.7.
    int (*H5Pset_file_locking)(hid_t, _Bool, _Bool);
};

/// Filled by `swiftlet_hdf5_load`.
extern struct swiftlet_hdf5_library swiftlet_hdf5;

/// Returns an IEEE half type, which the caller must close; negative on failure.
hid_t swiftlet_hdf5_half_type(void);

/// Writes the message and returns -1.
int swiftlet_hdf5_fail(swiftlet_hdf5_message *message, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
