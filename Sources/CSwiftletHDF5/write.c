#include "library.h"

#include <stdlib.h>
#include <string.h>

#define H5 swiftlet_hdf5

// The identifiers of a layout that must be closed.
struct layout {
    hid_t file, access, links, datasets, groups;
    hid_t half, bfloat, boolean;
};

hid_t swiftlet_hdf5_half_type(void) {
    hid_t type = H5.H5Tcopy(H5.H5T_IEEE_F32LE);
    // Fields before the size, or they would not fit.
    if (type >= 0
        && (H5.H5Tset_fields(type, 15, 10, 5, 0, 10) < 0 || H5.H5Tset_size(type, 2) < 0
            || H5.H5Tset_ebias(type, 15) < 0)) {
        H5.H5Tclose(type);
        return -1;
    }
    return type;
}

static hid_t boolean_type(void) {
    hid_t type = H5.H5Tenum_create(H5.H5T_STD_I8LE);
    const int8_t no = 0, yes = 1;
    if (type >= 0
        && (H5.H5Tenum_insert(type, "FALSE", &no) < 0
            || H5.H5Tenum_insert(type, "TRUE", &yes) < 0)) {
        H5.H5Tclose(type);
        return -1;
    }
    return type;
}

static hid_t element_type(const struct layout *layout, enum swiftlet_hdf5_type type) {
    switch (type) {
    case SWIFTLET_HDF5_F16: return layout->half;
    case SWIFTLET_HDF5_F32: return H5.H5T_IEEE_F32LE;
    case SWIFTLET_HDF5_F64: return H5.H5T_IEEE_F64LE;
    case SWIFTLET_HDF5_BF16: return layout->bfloat;
    case SWIFTLET_HDF5_I8: return H5.H5T_STD_I8LE;
    case SWIFTLET_HDF5_I16: return H5.H5T_STD_I16LE;
    case SWIFTLET_HDF5_I32: return H5.H5T_STD_I32LE;
    case SWIFTLET_HDF5_I64: return H5.H5T_STD_I64LE;
    case SWIFTLET_HDF5_U8: return H5.H5T_STD_U8LE;
    case SWIFTLET_HDF5_U16: return H5.H5T_STD_U16LE;
    case SWIFTLET_HDF5_U32: return H5.H5T_STD_U32LE;
    case SWIFTLET_HDF5_U64: return H5.H5T_STD_U64LE;
    case SWIFTLET_HDF5_BOOL: return layout->boolean;
    case SWIFTLET_HDF5_NO_NUMBERS: break;
    }
    return -1;
}

// Adds an attribute of fixed-length strings with zero padding, as Keras and h5py do for bytes.
static int add_texts(
    hid_t object, const char *name, int is_list, size_t count, const char *const *texts) {
    size_t longest = 1;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(texts[i]);
        if (length > longest) longest = length;
    }
    char *joined = calloc(count ? count : 1, longest);
    if (!joined) return -1;
    for (size_t i = 0; i < count; i++) memcpy(joined + i * longest, texts[i], strlen(texts[i]));
    const hsize_t length = count;
    hid_t type = H5.H5Tcopy(H5.H5T_C_S1);
    hid_t space =
        is_list ? H5.H5Screate_simple(1, &length, NULL) : H5.H5Screate(SPACE_SCALAR);
    hid_t attribute = -1;
    int status = -1;
    if (type >= 0 && space >= 0 && H5.H5Tset_size(type, longest) >= 0
        && H5.H5Tset_strpad(type, STR_NULLPAD) >= 0 && H5.H5Tset_cset(type, CSET_UTF8) >= 0)
        attribute = H5.H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) {
        status = count == 0 || H5.H5Awrite(attribute, type, joined) >= 0 ? 0 : -1;
        if (H5.H5Aclose(attribute) < 0) status = -1;
    }
    if (space >= 0) H5.H5Sclose(space);
    if (type >= 0) H5.H5Tclose(type);
    free(joined);
    return status;
}

static int add_dataset(
    const struct layout *layout, swiftlet_hdf5_dataset *dataset, swiftlet_hdf5_message *message) {
    hid_t space = dataset->rank > 0
                      ? H5.H5Screate_simple(dataset->rank, dataset->shape, NULL)
                      : H5.H5Screate(SPACE_SCALAR);
    if (space < 0)
        return swiftlet_hdf5_fail(message, "cannot create the shape of \"%s\"", dataset->path);
    hid_t made = H5.H5Dcreate2(
        layout->file, dataset->path, element_type(layout, dataset->type), space, layout->links,
        layout->datasets, H5P_DEFAULT);
    H5.H5Sclose(space);
    if (made < 0)
        return swiftlet_hdf5_fail(message, "cannot create the array \"%s\"", dataset->path);
    int status = 0;
    if (dataset->type == SWIFTLET_HDF5_BF16) {
        const char *mark = "bfloat16";
        status = add_texts(made, "dtype", 0, 1, &mark);
    }
    dataset->offset = H5.H5Dget_offset(made);
    if (H5.H5Dclose(made) < 0 || status < 0)
        return swiftlet_hdf5_fail(message, "cannot close the array \"%s\"", dataset->path);
    return 0;
}

static int add_attribute(
    const struct layout *layout, const swiftlet_hdf5_attribute *attribute,
    swiftlet_hdf5_message *message) {
    // Callers only use the root and groups in it.
    int is_root = strcmp(attribute->group, "/") == 0;
    int is_there = is_root || H5.H5Lexists(layout->file, attribute->group, H5P_DEFAULT) > 0;
    hid_t group = is_there ? H5.H5Oopen(layout->file, attribute->group, H5P_DEFAULT)
                           : H5.H5Gcreate2(
                                 layout->file, attribute->group, layout->links, layout->groups,
                                 H5P_DEFAULT);
    if (group < 0)
        return swiftlet_hdf5_fail(message, "cannot create the group \"%s\"", attribute->group);
    int status = add_texts(
        group, attribute->name, attribute->is_list, attribute->count, attribute->texts);
    if (H5.H5Oclose(group) < 0 || status < 0)
        return swiftlet_hdf5_fail(
            message, "cannot create the attribute \"%s\" of \"%s\"", attribute->name,
            attribute->group);
    return 0;
}

static int prepare(struct layout *layout) {
    layout->access = H5.H5Pcreate(H5.H5P_CLS_FILE_ACCESS_ID);
    layout->links = H5.H5Pcreate(H5.H5P_CLS_LINK_CREATE_ID);
    layout->datasets = H5.H5Pcreate(H5.H5P_CLS_DATASET_CREATE_ID);
    layout->groups = H5.H5Pcreate(H5.H5P_CLS_GROUP_CREATE_ID);
    layout->half = swiftlet_hdf5_half_type();
    layout->boolean = boolean_type();
    layout->bfloat = H5.H5Tcreate(CLASS_OPAQUE, 2);
    if (layout->access < 0 || layout->links < 0 || layout->datasets < 0 || layout->groups < 0
        || layout->half < 0 || layout->boolean < 0 || layout->bfloat < 0)
        return -1;
    // The caller has already locked the file.
    if (H5.H5Pset_file_locking && H5.H5Pset_file_locking(layout->access, 0, 1) < 0) return -1;
    return H5.H5Pset_alignment(layout->access, 64, 64) < 0
                   || H5.H5Pset_create_intermediate_group(layout->links, 1) < 0
                   || H5.H5Pset_char_encoding(layout->links, CSET_UTF8) < 0
                   || H5.H5Pset_layout(layout->datasets, LAYOUT_CONTIGUOUS) < 0
                   || H5.H5Pset_alloc_time(layout->datasets, ALLOC_EARLY) < 0
                   || H5.H5Pset_fill_time(layout->datasets, FILL_NEVER) < 0
                   || H5.H5Pset_obj_track_times(layout->datasets, 0) < 0
                   || H5.H5Pset_obj_track_times(layout->groups, 0) < 0
                   || H5.H5Tset_tag(layout->bfloat, "bfloat16") < 0
               ? -1
               : 0;
}

int swiftlet_hdf5_lay_out(
    const char *path, swiftlet_hdf5_dataset *datasets, size_t dataset_count,
    const swiftlet_hdf5_attribute *attributes, size_t attribute_count,
    swiftlet_hdf5_message *message) {
    struct layout layout = {-1, -1, -1, -1, -1, -1, -1, -1};
    int status = prepare(&layout);
    if (status < 0) swiftlet_hdf5_fail(message, "libhdf5 cannot create the types");
    if (status == 0) {
        layout.file = H5.H5Fcreate(path, ACC_TRUNC, H5P_DEFAULT, layout.access);
        if (layout.file < 0) {
            swiftlet_hdf5_fail(message, "libhdf5 cannot create the file");
            status = SWIFTLET_HDF5_DISK;
        }
    }
    for (size_t i = 0; status == 0 && i < dataset_count; i++)
        status = add_dataset(&layout, &datasets[i], message);
    for (size_t i = 0; status == 0 && i < attribute_count; i++)
        status = add_attribute(&layout, &attributes[i], message);
    if (layout.file >= 0 && H5.H5Fclose(layout.file) < 0 && status == 0) {
        swiftlet_hdf5_fail(message, "libhdf5 cannot close the file");
        status = SWIFTLET_HDF5_DISK;
    }
    const hid_t lists[] = {layout.access, layout.links, layout.datasets, layout.groups};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i] >= 0) H5.H5Pclose(lists[i]);
    const hid_t types[] = {layout.half, layout.boolean, layout.bfloat};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i] >= 0) H5.H5Tclose(types[i]);
    return status;
}
