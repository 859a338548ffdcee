// Character classes of Unicode 16, as the tokenizers' regular expressions name them.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The bits of a class.
enum {
    SWIFTLET_UNICODE_LETTER = 1,  // \p{L}
    SWIFTLET_UNICODE_NUMBER = 2,  // \p{N}
    SWIFTLET_UNICODE_SPACE = 4,   // \s: White_Space
    SWIFTLET_UNICODE_WORD = 8,    // \w as Rust's regex crate has it
};

extern const uint8_t swiftlet_unicode_index[];
extern const uint8_t swiftlet_unicode_blocks[][128];

// The class of a code point; 0 past U+10FFFF.
static inline uint8_t swiftlet_unicode_class(uint32_t code) {
    return code < 0x110000 ? swiftlet_unicode_blocks[swiftlet_unicode_index[code >> 7]][code & 127]
                           : 0;
}

// The offset of the first `byte` among `count` bytes; `count` if there is none.
static inline size_t swiftlet_find_byte(const uint8_t *bytes, size_t count, uint8_t byte) {
    const void *found = count ? memchr(bytes, byte, count) : NULL;
    return found ? (size_t)((const uint8_t *)found - bytes) : count;
}
