// Classifies 64 bytes at a time, with one bit per byte, for scanners that find words in ASCII text.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

typedef struct {
    uint64_t letters;      // A-Z, a-z
    uint64_t digits;       // 0-9
    uint64_t spaces;       // the space only
    uint64_t controls;     // the other white space: 09-0D
    uint64_t newlines;     // 0A, 0D
    uint64_t apostrophes;  // '
    uint64_t beyond;       // 80-FF; in the other masks, bits after the first of these are meaningless
} swiftlet_ascii_block;

typedef uint8_t swiftlet_bytes16 __attribute__((vector_size(16)));
typedef int8_t swiftlet_lanes16 __attribute__((vector_size(16)));

// One bit per lane; each lane is 0 or -1.
static inline uint64_t swiftlet_lane_bits(swiftlet_lanes16 lanes) {
#if defined(__SSE2__)
    return (uint16_t)_mm_movemask_epi8((__m128i)lanes);
#elif defined(__aarch64__)
    const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t bits = vandq_u8((uint8x16_t)lanes, weights);
    return (uint64_t)vaddv_u8(vget_low_u8(bits)) | (uint64_t)vaddv_u8(vget_high_u8(bits)) << 8;
#else
    uint64_t bits = 0;
    for (int lane = 0; lane < 16; lane++) bits |= (uint64_t)(lanes[lane] & 1) << lane;
    return bits;
#endif
}

// The classes of the 64 bytes at `text`.
static inline swiftlet_ascii_block swiftlet_classify64(const uint8_t *text) {
    swiftlet_ascii_block block = {0};
    for (int part = 0; part < 4; part++) {
        swiftlet_bytes16 bytes;
        __builtin_memcpy(&bytes, text + 16 * part, 16);
        int shift = 16 * part;
        block.letters |= swiftlet_lane_bits((bytes | 0x20) - 'a' < (swiftlet_bytes16){} + 26) << shift;
        block.digits |= swiftlet_lane_bits(bytes - '0' < (swiftlet_bytes16){} + 10) << shift;
        block.spaces |= swiftlet_lane_bits(bytes == ' ') << shift;
        block.controls |= swiftlet_lane_bits(bytes - 9 < (swiftlet_bytes16){} + 5) << shift;
        block.newlines |= swiftlet_lane_bits((bytes == '\n') | (bytes == '\r')) << shift;
        block.apostrophes |= swiftlet_lane_bits(bytes == '\'') << shift;
        block.beyond |= swiftlet_lane_bits((swiftlet_lanes16)bytes < 0) << shift;
    }
    return block;
}

// Further classes, which few patterns distinguish.
typedef struct {
    uint64_t upper;        // A-Z
    uint64_t slashes;      // /
    uint64_t symbols;      // \p{S}: $ + < = > ^ ` | ~
    uint64_t unprintable;  // 00-08, 0E-1F, 7F
} swiftlet_ascii_more;

// The further classes of the 64 bytes at `text`; what is not used of them costs nothing.
static inline swiftlet_ascii_more swiftlet_classify_more64(const uint8_t *text) {
    swiftlet_ascii_more block = {0};
    for (int part = 0; part < 4; part++) {
        swiftlet_bytes16 bytes;
        __builtin_memcpy(&bytes, text + 16 * part, 16);
        int shift = 16 * part;
        block.upper |= swiftlet_lane_bits(bytes - 'A' < (swiftlet_bytes16){} + 26) << shift;
        block.slashes |= swiftlet_lane_bits(bytes == '/') << shift;
        block.symbols |= swiftlet_lane_bits((bytes - '<' < (swiftlet_bytes16){} + 3) | (bytes == '$') |
                                            (bytes == '+') | (bytes == '^') | (bytes == '`') |
                                            (bytes == '|') | (bytes == '~')) << shift;
        block.unprintable |= swiftlet_lane_bits(((bytes < (swiftlet_bytes16){} + ' ') &
                                                 ~(bytes - 9 < (swiftlet_bytes16){} + 5)) |
                                                (bytes == 0x7F)) << shift;
    }
    return block;
}

// The offset of the first place among `count` bytes where `second` follows `first`; `count` if there is
// none.
static inline size_t swiftlet_find_pair(const uint8_t *bytes, size_t count, uint8_t first,
                                        uint8_t second) {
    size_t index = 0;
    // 17 bytes are read at a time.
    while (count - index >= 17) {
        swiftlet_bytes16 here, next;
        __builtin_memcpy(&here, bytes + index, 16);
        __builtin_memcpy(&next, bytes + index + 1, 16);
        uint64_t found = swiftlet_lane_bits((here == first) & (next == second));
        if (found) return index + (size_t)__builtin_ctzll(found);
        index += 16;
    }
    while (index + 1 < count && !(bytes[index] == first && bytes[index + 1] == second)) index++;
    return index + 1 < count ? index : count;
}
