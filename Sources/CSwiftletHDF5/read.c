#include "library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define H5 swiftlet_hdf5

// Limits that no file of weights exceeds.
enum { DEEPEST = 64, LONGEST_PATH = 4096, MOST_LINKS = 1 << 20 };

struct swiftlet_hdf5_file {
    hid_t id;
    // Refuses links out of the file.
    hid_t links;
};

static int refuse_link(
    const char *parent_file, const char *parent_group, const char *file, const char *object,
    unsigned *flags, hid_t access, void *data) {
    (void)parent_file, (void)parent_group, (void)file, (void)object, (void)flags, (void)access,
        (void)data;
    return -1;
}

int swiftlet_hdf5_open(
    const char *path, swiftlet_hdf5_file **file, swiftlet_hdf5_message *message) {
    hid_t access = H5.H5Pcreate(H5.H5P_CLS_FILE_ACCESS_ID);
    if (access >= 0 && H5.H5Pset_file_locking) H5.H5Pset_file_locking(access, 0, 1);
    hid_t id = H5.H5Fopen(path, ACC_RDONLY, access >= 0 ? access : H5P_DEFAULT);
    if (access >= 0) H5.H5Pclose(access);
    if (id < 0) return swiftlet_hdf5_fail(message, "libhdf5 cannot open the file");
    hid_t links = H5.H5Pcreate(H5.H5P_CLS_LINK_ACCESS_ID);
    *file = malloc(sizeof **file);
    if (!*file || links < 0 || H5.H5Pset_elink_cb(links, refuse_link, NULL) < 0) {
        if (links >= 0) H5.H5Pclose(links);
        free(*file);
        H5.H5Fclose(id);
        return swiftlet_hdf5_fail(message, "libhdf5 is out of memory");
    }
    (*file)->id = id;
    (*file)->links = links;
    return 0;
}

void swiftlet_hdf5_close(swiftlet_hdf5_file *file) {
    H5.H5Pclose(file->links);
    H5.H5Fclose(file->id);
    free(file);
}

// The length of a fixed-length string in `size` bytes at `bytes`.
static size_t text_length(const char *bytes, size_t size) {
    size_t length = 0;
    while (length < size && bytes[length]) length++;
    return length;
}

static int read_texts(
    hid_t attribute, swiftlet_hdf5_text_visitor visitor, void *context,
    swiftlet_hdf5_message *message) {
    hid_t type = H5.H5Aget_type(attribute), space = H5.H5Aget_space(attribute);
    int status = -1;
    char *memory = NULL;
    const int64_t count = space < 0 ? -1 : H5.H5Sget_simple_extent_npoints(space);
    if (type < 0 || count < 0) goto done;
    // An empty list may have any type.
    if (count == 0) {
        status = 0;
        goto done;
    }
    if (H5.H5Tget_class(type) != CLASS_STRING) goto done;
    const int varies = H5.H5Tis_variable_str(type) > 0;
    const size_t size = varies ? sizeof(char *) : H5.H5Tget_size(type);
    if (size == 0 || (uint64_t)count > SIZE_MAX / size) goto done;
    memory = calloc((size_t)count, size);
    if (!memory || H5.H5Aread(attribute, type, memory) < 0) goto done;
    for (size_t i = 0; i < (size_t)count; i++) {
        if (varies) {
            const char *text;
            memcpy(&text, memory + i * size, sizeof text);
            if (text) visitor(context, text, strlen(text));
        } else {
            visitor(context, memory + i * size, text_length(memory + i * size, size));
        }
    }
    if (varies) H5.H5Dvlen_reclaim(type, space, H5P_DEFAULT, memory);
    status = 0;
done:
    free(memory);
    if (space >= 0) H5.H5Sclose(space);
    if (type >= 0) H5.H5Tclose(type);
    return status < 0 ? swiftlet_hdf5_fail(message, "an attribute is not a list of strings") : 0;
}

int swiftlet_hdf5_texts(
    swiftlet_hdf5_file *file, const char *object, const char *name,
    swiftlet_hdf5_text_visitor visitor, void *context, swiftlet_hdf5_message *message) {
    hid_t id = H5.H5Oopen(file->id, object, file->links);
    if (id < 0) return swiftlet_hdf5_fail(message, "libhdf5 cannot open \"%s\"", object);
    int status = 1;
    if (H5.H5Aexists(id, name) > 0) {
        hid_t attribute = H5.H5Aopen(id, name, H5P_DEFAULT);
        status = attribute < 0
                     ? swiftlet_hdf5_fail(message, "cannot read the attribute \"%s\"", name)
                     : read_texts(attribute, visitor, context, message);
        if (attribute >= 0) H5.H5Aclose(attribute);
    }
    H5.H5Oclose(id);
    return status;
}

static void note_mark(void *context, const char *text, size_t length) {
    if (length == 8 && memcmp(text, "bfloat16", 8) == 0) *(int *)context = 1;
}

// Whether Keras marks two-byte opaque elements as bfloat16.
static int is_marked(hid_t dataset) {
    int marked = 0;
    swiftlet_hdf5_message ignored;
    if (H5.H5Aexists(dataset, "dtype") <= 0) return 0;
    hid_t attribute = H5.H5Aopen(dataset, "dtype", H5P_DEFAULT);
    if (attribute < 0) return 0;
    read_texts(attribute, note_mark, &marked, &ignored);
    H5.H5Aclose(attribute);
    return marked;
}

static int integer_type(size_t size, int is_signed, enum swiftlet_hdf5_type *type) {
    int step = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : size == 8 ? 3 : -1;
    if (step < 0) return -1;
    *type = (enum swiftlet_hdf5_type)((is_signed ? SWIFTLET_HDF5_I8 : SWIFTLET_HDF5_U8) + step);
    return 0;
}

// The type of an enumeration: boolean for the FALSE and TRUE of h5py, otherwise integer.
static int enumeration_type(hid_t stored, enum swiftlet_hdf5_type *type) {
    int8_t no = 0, yes = 0;
    hid_t base = H5.H5Tget_super(stored);
    if (base < 0) return -1;
    const size_t size = H5.H5Tget_size(base);
    // Enumerations are read without conversion.
    int status = size > 1 && H5.H5Tget_order(base) != 0
                     ? -1
                     : integer_type(size, H5.H5Tget_sign(base) == 1, type);
    H5.H5Tclose(base);
    if (status == 0 && size == 1 && H5.H5Tget_nmembers(stored) == 2
        && H5.H5Tenum_valueof(stored, "FALSE", &no) >= 0
        && H5.H5Tenum_valueof(stored, "TRUE", &yes) >= 0 && no == 0 && yes == 1)
        *type = SWIFTLET_HDF5_BOOL;
    return status;
}

// The type of a float: one that the library converts to IEEE, or bfloat16 without conversion.
static int float_type(hid_t stored, enum swiftlet_hdf5_type *type) {
    size_t sign = 0, exponent = 0, exponent_bits = 0, mantissa = 0, mantissa_bits = 0;
    if (H5.H5Tget_fields(stored, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) < 0)
        return -1;
    switch (H5.H5Tget_size(stored)) {
    case 8: *type = SWIFTLET_HDF5_F64; return 0;
    case 4: *type = SWIFTLET_HDF5_F32; return 0;
    case 2: break;
    default: return -1;
    }
    if (exponent_bits == 5) {
        *type = SWIFTLET_HDF5_F16;
        return 0;
    }
    *type = SWIFTLET_HDF5_BF16;
    return sign == 15 && exponent == 7 && exponent_bits == 8 && mantissa == 0 && mantissa_bits == 7
                   && H5.H5Tget_ebias(stored) == 127
               ? 0
               : -1;
}

// The type to which the library converts elements, which the caller must close.
static hid_t memory_type(hid_t stored, enum swiftlet_hdf5_type type) {
    hid_t memory = -1;
    if (H5.H5Tget_class(stored) == CLASS_ENUM) return H5.H5Tcopy(stored);
    switch (type) {
    case SWIFTLET_HDF5_F16: return swiftlet_hdf5_half_type();
    case SWIFTLET_HDF5_F32: return H5.H5Tcopy(H5.H5T_IEEE_F32LE);
    case SWIFTLET_HDF5_F64: return H5.H5Tcopy(H5.H5T_IEEE_F64LE);
    case SWIFTLET_HDF5_BF16:
        memory = H5.H5Tcopy(stored);
        if (memory >= 0 && H5.H5Tget_class(stored) == CLASS_FLOAT) H5.H5Tset_order(memory, 0);
        return memory;
    case SWIFTLET_HDF5_I8: return H5.H5Tcopy(H5.H5T_STD_I8LE);
    case SWIFTLET_HDF5_I16: return H5.H5Tcopy(H5.H5T_STD_I16LE);
    case SWIFTLET_HDF5_I32: return H5.H5Tcopy(H5.H5T_STD_I32LE);
    case SWIFTLET_HDF5_I64: return H5.H5Tcopy(H5.H5T_STD_I64LE);
    case SWIFTLET_HDF5_U8: return H5.H5Tcopy(H5.H5T_STD_U8LE);
    case SWIFTLET_HDF5_U16: return H5.H5Tcopy(H5.H5T_STD_U16LE);
    case SWIFTLET_HDF5_U32: return H5.H5Tcopy(H5.H5T_STD_U32LE);
    case SWIFTLET_HDF5_U64: return H5.H5Tcopy(H5.H5T_STD_U64LE);
    case SWIFTLET_HDF5_BOOL: break;
    case SWIFTLET_HDF5_NO_NUMBERS: break;
    }
    return -1;
}

// The type of a dataset's elements and, in `*memory` unless that is null, the type to read them as.
static int element_type(hid_t dataset, enum swiftlet_hdf5_type *type, hid_t *memory) {
    hid_t stored = H5.H5Dget_type(dataset);
    if (stored < 0) return -1;
    int status = -1;
    switch (H5.H5Tget_class(stored)) {
    case CLASS_INTEGER:
        status = integer_type(H5.H5Tget_size(stored), H5.H5Tget_sign(stored) == 1, type);
        break;
    case CLASS_FLOAT: status = float_type(stored, type); break;
    case CLASS_ENUM: status = enumeration_type(stored, type); break;
    case CLASS_OPAQUE:
        *type = SWIFTLET_HDF5_BF16;
        status = H5.H5Tget_size(stored) == 2 && is_marked(dataset) ? 0 : -1;
        break;
    default: break;
    }
    if (status == 0 && memory) {
        *memory = memory_type(stored, *type);
        if (*memory < 0) status = -1;
    }
    H5.H5Tclose(stored);
    return status;
}

// Whether the elements are numbers by their class, whether or not there is a type for them.
static int holds_numbers(hid_t dataset) {
    hid_t stored = H5.H5Dget_type(dataset);
    if (stored < 0) return 1;
    int numbers = 0;
    switch (H5.H5Tget_class(stored)) {
    case CLASS_INTEGER:
    case CLASS_FLOAT:
    case CLASS_ENUM: numbers = 1; break;
    case CLASS_OPAQUE: numbers = H5.H5Tget_size(stored) == 2 && is_marked(dataset); break;
    default: break;
    }
    H5.H5Tclose(stored);
    return numbers;
}

struct walk {
    swiftlet_hdf5_visitor visitor;
    void *context;
    swiftlet_hdf5_message *message;
    hid_t links_access;
    char path[LONGEST_PATH];
    int links;
};

static int visit_dataset(struct walk *walk, hid_t dataset) {
    enum swiftlet_hdf5_type type;
    hsize_t shape[32];
    hid_t list = H5.H5Dget_create_plist(dataset);
    const int layout = list < 0 ? -1 : H5.H5Pget_layout(list);
    const int external = list < 0 ? -1 : H5.H5Pget_external_count(list);
    if (list >= 0) H5.H5Pclose(list);
    if (layout < 0 || external != 0 || layout == LAYOUT_VIRTUAL)
        return swiftlet_hdf5_fail(
            walk->message, "the data of \"%s\" are stored elsewhere, which is refused", walk->path);
    if (!holds_numbers(dataset))
        return walk->visitor(walk->context, walk->path, SWIFTLET_HDF5_NO_NUMBERS, 0, shape, 0) == 0
                   ? 0
                   : -1;
    if (element_type(dataset, &type, NULL) < 0)
        return swiftlet_hdf5_fail(walk->message, "\"%s\" does not hold plain numbers", walk->path);
    hid_t space = H5.H5Dget_space(dataset);
    int rank = space < 0 ? -1 : H5.H5Sget_simple_extent_ndims(space);
    const int fits = rank >= 0 && rank <= 32
                     && (rank == 0 || H5.H5Sget_simple_extent_dims(space, shape, NULL) >= 0);
    // A null dataspace is read as an empty list.
    if (fits && H5.H5Sget_simple_extent_type(space) == SPACE_NULL) {
        rank = 1;
        shape[0] = 0;
    }
    if (space >= 0) H5.H5Sclose(space);
    if (!fits) return swiftlet_hdf5_fail(walk->message, "\"%s\" has no shape", walk->path);
    const uint64_t stored = H5.H5Dget_storage_size(dataset);
    return walk->visitor(walk->context, walk->path, type, rank, shape, stored) == 0 ? 0 : -1;
}

static int visit_group(struct walk *walk, hid_t group, int depth) {
    group_info info;
    if (depth > DEEPEST || H5.H5Gget_info(group, &info) < 0)
        return swiftlet_hdf5_fail(walk->message, "cannot list \"%s\"", walk->path);
    const size_t start = strlen(walk->path);
    for (hsize_t i = 0; i < info.link_count; i++) {
        char *name = walk->path + start;
        if (start) *name++ = '/';
        const int64_t room = walk->path + LONGEST_PATH - name;
        const int64_t length = H5.H5Lget_name_by_idx(
            group, ".", 0, 0, i, name, (size_t)room, H5P_DEFAULT);
        if (length < 0 || length >= room || ++walk->links > MOST_LINKS)
            return swiftlet_hdf5_fail(walk->message, "the file has too many or too long names");
        // Room for the older and the newer structure, both of which begin with the kind.
        int64_t link[16] = {0};
        int kind;
        if (H5.link_info(group, name, link, H5P_DEFAULT) < 0)
            return swiftlet_hdf5_fail(walk->message, "cannot read link \"%s\"", walk->path);
        memcpy(&kind, link, sizeof kind);
        if (kind != LINK_HARD && kind != LINK_SOFT)
            return swiftlet_hdf5_fail(
                walk->message, "\"%s\" is a link out of the file, which is refused", walk->path);
        hid_t object = H5.H5Oopen(group, name, walk->links_access);
        if (object < 0)
            return swiftlet_hdf5_fail(walk->message, "cannot open \"%s\"", walk->path);
        const int what = H5.H5Iget_type(object);
        int status = 0;
        if (what == ID_DATASET) status = visit_dataset(walk, object);
        if (what == ID_GROUP) status = visit_group(walk, object, depth + 1);
        H5.H5Oclose(object);
        if (status < 0) return -1;
        walk->path[start] = 0;
    }
    return 0;
}

int swiftlet_hdf5_visit(
    swiftlet_hdf5_file *file, swiftlet_hdf5_visitor visitor, void *context,
    swiftlet_hdf5_message *message) {
    struct walk walk = {visitor, context, message, file->links, "", 0};
    hid_t root = H5.H5Oopen(file->id, "/", file->links);
    if (root < 0) return swiftlet_hdf5_fail(message, "libhdf5 cannot open the root");
    message->text[0] = 0;
    const int status = visit_group(&walk, root, 0);
    H5.H5Oclose(root);
    return status;
}

int swiftlet_hdf5_read(
    swiftlet_hdf5_file *file, const char *path, void *target, size_t count,
    swiftlet_hdf5_message *message) {
    hid_t dataset = H5.H5Oopen(file->id, path, file->links);
    if (dataset < 0) return swiftlet_hdf5_fail(message, "cannot open \"%s\"", path);
    enum swiftlet_hdf5_type type;
    hid_t memory = -1;
    int status = -1;
    if (element_type(dataset, &type, &memory) == 0) {
        hid_t space = H5.H5Dget_space(dataset);
        const int64_t elements = space < 0 ? -1 : H5.H5Sget_simple_extent_npoints(space);
        if (space >= 0) H5.H5Sclose(space);
        const size_t size = H5.H5Tget_size(memory);
        if (elements >= 0 && size > 0 && count % size == 0 && (uint64_t)elements == count / size)
            status = elements == 0
                         ? 0
                         : H5.H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, target);
    }
    if (memory >= 0) H5.H5Tclose(memory);
    H5.H5Oclose(dataset);
    return status < 0 ? swiftlet_hdf5_fail(message, "libhdf5 cannot read \"%s\"", path) : 0;
}
