// Character classes and canonical normalization of Unicode 16.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The bits of a class, named after their counterparts in the tokenizers' regular expressions.
enum {
    SWIFTLET_UNICODE_LETTER = 1,  // \p{L}
    SWIFTLET_UNICODE_NUMBER = 2,  // \p{N}
    SWIFTLET_UNICODE_SPACE = 4,   // \s: White_Space
    SWIFTLET_UNICODE_WORD = 8,    // \w as in Rust's regex crate
    SWIFTLET_UNICODE_SUSPECT = 16,  // NFC may change, compose or move it
    SWIFTLET_UNICODE_INNER = 32,    // no segment of NFC begins with it (see tools/unicode)
    SWIFTLET_UNICODE_UNSTABLE = 64,  // NFC may change or compose it
};

extern const uint8_t swiftlet_unicode_index[];
extern const uint8_t swiftlet_unicode_blocks[][128];

// The class of a code point; 0 past U+10FFFF.
static inline uint8_t swiftlet_unicode_class(uint32_t code) {
    return code < 0x110000 ? swiftlet_unicode_blocks[swiftlet_unicode_index[code >> 7]][code & 127]
                           : 0;
}

// The bits of a category; those of letters, numbers and white space are the same as of a class.
enum {
    SWIFTLET_CATEGORY_MARK = 8,          // \p{M}
    SWIFTLET_CATEGORY_UPPER = 16,        // \p{Lu}, \p{Lt}
    SWIFTLET_CATEGORY_LOWER = 32,        // \p{Ll}
    SWIFTLET_CATEGORY_PUNCTUATION = 64,  // \p{P}
    SWIFTLET_CATEGORY_SYMBOL = 128,      // \p{S}
};

extern const uint8_t swiftlet_category_index[];
extern const uint8_t swiftlet_category_blocks[][128];

// The category of a code point; 0 past U+10FFFF.
static inline uint8_t swiftlet_unicode_category(uint32_t code) {
    return code < 0x110000 ? swiftlet_category_blocks[swiftlet_category_index[code >> 7]][code & 127]
                           : 0;
}

// Tables of canonical normalization, sorted for binary search.
extern const uint8_t swiftlet_combining_index[];
extern const uint8_t swiftlet_combining_blocks[][128];
extern const size_t swiftlet_decomposition_count;
extern const uint32_t swiftlet_decompositions[][3];  // code point, offset, number of characters
extern const uint32_t swiftlet_decomposed[];
extern const size_t swiftlet_composition_count;
extern const uint32_t swiftlet_compositions[][3];  // first, second, composed

// The canonical combining class of a code point; 0 past U+10FFFF.
static inline uint8_t swiftlet_combining_class(uint32_t code) {
    return code < 0x110000
               ? swiftlet_combining_blocks[swiftlet_combining_index[code >> 7]][code & 127]
               : 0;
}

// The characters of the canonical decomposition of a code point that is not a Hangul syllable, and their
// number in `count`; NULL if it has none.
static inline const uint32_t *swiftlet_decomposition(uint32_t code, size_t *count) {
    size_t low = 0, high = swiftlet_decomposition_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const uint32_t *row = swiftlet_decompositions[middle];
        if (row[0] == code) {
            *count = row[2];
            return swiftlet_decomposed + row[1];
        }
        if (row[0] < code) low = middle + 1;
        else high = middle;
    }
    return NULL;
}

// The composition of two characters, except for Hangul; 0 if there is none.
static inline uint32_t swiftlet_composition(uint32_t first, uint32_t second) {
    size_t low = 0, high = swiftlet_composition_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const uint32_t *row = swiftlet_compositions[middle];
        if (row[0] == first && row[1] == second) return row[2];
        if (row[0] < first || (row[0] == first && row[1] < second)) low = middle + 1;
        else high = middle;
    }
    return 0;
}

// The offset of the first `byte` among `count` bytes; `count` if there is none.
static inline size_t swiftlet_find_byte(const uint8_t *bytes, size_t count, uint8_t byte) {
    const void *found = count ? memchr(bytes, byte, count) : NULL;
    return found ? (size_t)((const uint8_t *)found - bytes) : count;
}

// The offset of the first byte that is at least `least`; `count` if there is none.
static inline size_t swiftlet_find_at_least(const uint8_t *bytes, size_t count, uint8_t least) {
    size_t index = 0;
    // Sixteen at a time, which the compiler vectorizes.
    while (count - index >= 16) {
        uint8_t highest = 0;
        for (size_t lane = 0; lane < 16; lane++)
            highest = bytes[index + lane] > highest ? bytes[index + lane] : highest;
        if (highest >= least) break;
        index += 16;
    }
    while (index < count && bytes[index] < least) index++;
    return index;
}
