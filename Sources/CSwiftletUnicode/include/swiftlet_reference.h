// Properties of characters as Hugging Face's tokenizers has them, each of another version of Unicode: see
// tools/unicode/reference.py.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
    SWIFTLET_REFERENCE_NUMERIC = 1,      // Digits cuts it off
    SWIFTLET_REFERENCE_PUNCTUATION = 2,  // Punctuation cuts it off
    SWIFTLET_REFERENCE_MARK = 4,         // StripAccents removes it
    SWIFTLET_REFERENCE_NEW = 8,          // normalization does not know it
    SWIFTLET_REFERENCE_EXTEND = 16,      // it continues a grapheme cluster
    SWIFTLET_REFERENCE_PICTOGRAPH = 32,  // it continues one after a pictograph and a joiner
};

extern const uint16_t swiftlet_reference_index[];
extern const uint8_t swiftlet_reference_blocks[][128];
extern const uint16_t swiftlet_script_index[];
extern const uint8_t swiftlet_script_blocks[][128];
extern const size_t swiftlet_compatibility_count;
extern const uint32_t swiftlet_compatibility[][3];  // code point, offset, number of characters
extern const uint32_t swiftlet_compatible[];
extern const size_t swiftlet_lowercase_count;
extern const uint32_t swiftlet_lowercase[][3];  // code point, first character, second or 0

// The properties of a code point; 0 past U+10FFFF.
static inline uint8_t swiftlet_reference_class(uint32_t code) {
    return code < 0x110000
               ? swiftlet_reference_blocks[swiftlet_reference_index[code >> 7]][code & 127]
               : 0;
}

// The group of scripts of a code point; 0 if it belongs to any.
static inline uint8_t swiftlet_script(uint32_t code) {
    return code < 0x110000 ? swiftlet_script_blocks[swiftlet_script_index[code >> 7]][code & 127] : 0;
}

// The row of a code point in a table sorted by its first column; NULL if it has none.
static inline const uint32_t *swiftlet_row(const uint32_t (*rows)[3], size_t count, uint32_t code) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rows[middle][0] == code) return rows[middle];
        if (rows[middle][0] < code) low = middle + 1;
        else high = middle;
    }
    return NULL;
}

// The characters of the compatibility decomposition of a code point, and their number in `count`; NULL if
// it has none but a canonical one.
static inline const uint32_t *swiftlet_compatibility_decomposition(uint32_t code, size_t *count) {
    const uint32_t *row = swiftlet_row(swiftlet_compatibility, swiftlet_compatibility_count, code);
    if (!row) return NULL;
    *count = row[2];
    return swiftlet_compatible + row[1];
}

// A code point in lower case, and in `second` the character after it, or 0.
static inline uint32_t swiftlet_lower(uint32_t code, uint32_t *second) {
    *second = 0;
    const uint32_t *row = swiftlet_row(swiftlet_lowercase, swiftlet_lowercase_count, code);
    if (!row) return code;
    *second = row[2];
    return row[1];
}
