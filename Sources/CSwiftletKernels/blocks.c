// Elements that are stored in blocks with scales of their own (ggml's quantized types), to f32, and f32 to Q8_0.
// Element by element, without fused operations, so all levels are bit-identical: equal to the gguf package's
// quants.py, and to ggml's dequantize_row_….
//
// A block type's layout is told above its function; e is the index of an element. d and m are halves.
#ifndef LANES

#define SWIFTLET_BODY "blocks.c"
#include "every_level.h"

void swiftlet_widen_blocks(swiftlet_block_kind kind, const void *src, float *dst, size_t blocks) {
    SWIFTLET_RUN(widen_blocks)(kind, src, dst, blocks);
}

size_t swiftlet_narrow_q8_0(const float *src, void *dst, size_t blocks) {
    return SWIFTLET_RUN(narrow_q8_0)(src, dst, blocks);
}

#else

#pragma STDC FP_CONTRACT OFF

typedef uint8_t AT_LEVEL(vc) __attribute__((vector_size(LANES)));
#define vc AT_LEVEL(vc)

// A half, of any alignment.
INLINE float AT_LEVEL(half)(const uint8_t *p) {
    vh h = {0};
    uint16_t bits;
    memcpy(&bits, p, sizeof bits);
    h[0] = bits;
    return widen_f16_lanes(h)[0];
}

// LANES unsigned or signed bytes, of any alignment, as integers.
INLINE vi AT_LEVEL(bytes)(const uint8_t *p) {
    vc v;
    memcpy(&v, p, sizeof v);
    return __builtin_convertvector(v, vi);
}

INLINE vi AT_LEVEL(signed_bytes)(const uint8_t *p) {
    vb v;
    memcpy(&v, p, sizeof v);
    return __builtin_convertvector(v, vi);
}

INLINE vf AT_LEVEL(floats)(vi v) { return __builtin_convertvector(v, vf); }

#define half AT_LEVEL(half)
#define bytes AT_LEVEL(bytes)
#define signed_bytes AT_LEVEL(signed_bytes)
#define floats AT_LEVEL(floats)

// d, 32 signed bytes.
INLINE void AT_LEVEL(widen_q8_0)(const uint8_t *block, float *y) {
    float d = half(block);
    UNROLL for (int j = 0; j < 32; j += LANES) store(y + j, floats(signed_bytes(block + 2 + j)) * d);
}

// d, [m,] [32 fifth bits,] 16 bytes: e in the low half of byte e for e < 16, else in the high half of byte e - 16.
// Without m, 2^(bits - 1) is subtracted from the elements.
INLINE void AT_LEVEL(widen_nibbles)(const uint8_t *block, float *y, int bits, int has_minimum) {
    float d = half(block);
    float m = has_minimum ? half(block + 2) : 0;
    const uint8_t *fifths = block + (has_minimum ? 4 : 2), *nibbles = fifths + (bits == 5 ? 4 : 0);
    uint32_t upper = 0;
    if (bits == 5) memcpy(&upper, fifths, sizeof upper);
    vi lane;
    UNROLL for (int i = 0; i < LANES; i++) lane[i] = i;
    UNROLL for (int j = 0; j < 32; j += LANES) {
        vi q = bytes(nibbles + (j & 15));
        q = j < 16 ? q & 15 : q >> 4;
        if (bits == 5) q |= (vi)((((vu){0} + upper) >> (vu)(lane + j)) & 1u) << 4;
        if (!has_minimum) q -= 1 << (bits - 1);
        vf v = floats(q) * d;
        if (has_minimum) v = v + m;
        store(y + j, v);
    }
}

// d, 16 bytes as above: indices into a table.
INLINE void AT_LEVEL(widen_iq4_nl)(const uint8_t *block, float *y) {
    static const float values[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    float d = half(block);
    for (int j = 0; j < 16; j++) {
        y[j] = values[block[2 + j] & 15] * d;
        y[j + 16] = values[block[2 + j] >> 4] * d;
    }
}

// The K types have 256 elements, e = 128 n + 32 s + l. Their two-bit parts are in 64 bytes: bits 2s and 2s + 1 of
// byte 32 n + l.

// 16 bytes, scale and minimum of each 16 elements in the low and the high half; 64 bytes of two-bit parts; d, m.
INLINE void AT_LEVEL(widen_q2_k)(const uint8_t *block, float *y) {
    const uint8_t *pairs = block + 16;
    float d = half(block + 80), m = half(block + 82);
    UNROLL for (int e = 0; e < 256; e += 16) {
        float scale = d * (float)(block[e / 16] & 15), minimum = m * (float)(block[e / 16] >> 4);
        UNROLL for (int j = e; j < e + 16; j += LANES) {
            vi q = (bytes(pairs + j / 128 * 32 + j % 32) >> (j / 32 % 4 * 2)) & 3;
            vf v = floats(q) * scale;
            store(y + j, v - minimum);
        }
    }
}

// 32 bytes of third bits, bit 4 n + s of byte l; 64 bytes of two-bit parts; 16 scales of six bits, offset by 32,
// in 12 bytes; d. Where the third bit is 0, 4 is subtracted.
INLINE void AT_LEVEL(widen_q3_k)(const uint8_t *block, float *y) {
    const uint8_t *pairs = block + 32, *packed = block + 96;
    float d = half(block + 108);
    UNROLL for (int e = 0; e < 256; e += 16) {
        int i = e / 16;
        int low = i < 8 ? packed[i] & 15 : packed[i - 8] >> 4;
        int high = (packed[8 + i % 4] >> (i / 4 * 2)) & 3;
        float scale = d * (float)((low | high << 4) - 32);
        UNROLL for (int j = e; j < e + 16; j += LANES) {
            vi q = (bytes(pairs + j / 128 * 32 + j % 32) >> (j / 32 % 4 * 2)) & 3;
            vi third = (bytes(block + j % 32) >> (j / 32)) & 1;
            store(y + j, floats(q + third * 4 - 4) * scale);
        }
    }
}

// The scale or minimum (offset 0 or 4) of group i: six bits; the first four groups have bytes of their own.
INLINE int AT_LEVEL(six_bits)(const uint8_t *packed, int offset, int i) {
    if (i < 4) return packed[offset + i] & 63;
    int low = offset == 0 ? packed[4 + i] & 15 : packed[4 + i] >> 4;
    return low | (packed[offset + i - 4] >> 6) << 4;
}

// d, m; scales and minima of each 32 elements in 12 bytes; for five bits: 32 bytes, bit e / 32 of byte l;
// 128 bytes: element 64 g + l in the low half of byte 32 g + l, element 64 g + 32 + l in its high half.
INLINE void AT_LEVEL(widen_q45_k)(const uint8_t *block, float *y, int bits) {
    const uint8_t *packed = block + 4, *fifths = block + 16, *nibbles = fifths + (bits == 5 ? 32 : 0);
    float d = half(block), m = half(block + 2);
    UNROLL for (int i = 0; i < 8; i++) {
        float scale = d * (float)AT_LEVEL(six_bits)(packed, 0, i);
        float minimum = m * (float)AT_LEVEL(six_bits)(packed, 4, i);
        UNROLL for (int j = 0; j < 32; j += LANES) {
            vi q = (bytes(nibbles + i / 2 * 32 + j) >> (i % 2 * 4)) & 15;
            if (bits == 5) q |= ((bytes(fifths + j) >> i) & 1) << 4;
            vf v = floats(q) * scale;
            store(y + 32 * i + j, v - minimum);
        }
    }
}

// 128 bytes: the low four bits, those of s = 0 and 2 in byte 64 n + l, of s = 1 and 3 in byte 64 n + 32 + l;
// 64 bytes of two-bit parts: the high two bits; 16 signed scales of eight bits; d. Elements are offset by 32.
INLINE void AT_LEVEL(widen_q6_k)(const uint8_t *block, float *y) {
    const uint8_t *pairs = block + 128;
    float d = half(block + 208);
    UNROLL for (int e = 0; e < 256; e += 16) {
        float scale = d * (float)(int8_t)block[192 + e / 16];
        UNROLL for (int j = e; j < e + 16; j += LANES) {
            int n = j / 128, s = j / 32 % 4, l = j % 32;
            vi q = (bytes(block + 64 * n + s % 2 * 32 + l) >> (s / 2 * 4)) & 15;
            q |= ((bytes(pairs + 32 * n + l) >> (2 * s)) & 3) << 4;
            store(y + j, floats(q - 32) * scale);
        }
    }
}

#define EACH_BLOCK(elements, size, widen)                                                      \
    for (size_t b = 0; b < blocks; b++, block += (size), y += (elements)) widen;               \
    break

static void AT_LEVEL(widen_blocks)(swiftlet_block_kind kind, const void *src, float *y, size_t blocks) {
    const uint8_t *block = src;
    switch (kind) {
    case SWIFTLET_Q4_0: EACH_BLOCK(32, 18, AT_LEVEL(widen_nibbles)(block, y, 4, 0));
    case SWIFTLET_Q4_1: EACH_BLOCK(32, 20, AT_LEVEL(widen_nibbles)(block, y, 4, 1));
    case SWIFTLET_Q5_0: EACH_BLOCK(32, 22, AT_LEVEL(widen_nibbles)(block, y, 5, 0));
    case SWIFTLET_Q5_1: EACH_BLOCK(32, 24, AT_LEVEL(widen_nibbles)(block, y, 5, 1));
    case SWIFTLET_Q8_0: EACH_BLOCK(32, 34, AT_LEVEL(widen_q8_0)(block, y));
    case SWIFTLET_Q2_K: EACH_BLOCK(256, 84, AT_LEVEL(widen_q2_k)(block, y));
    case SWIFTLET_Q3_K: EACH_BLOCK(256, 110, AT_LEVEL(widen_q3_k)(block, y));
    case SWIFTLET_Q4_K: EACH_BLOCK(256, 144, AT_LEVEL(widen_q45_k)(block, y, 4));
    case SWIFTLET_Q5_K: EACH_BLOCK(256, 176, AT_LEVEL(widen_q45_k)(block, y, 5));
    case SWIFTLET_Q6_K: EACH_BLOCK(256, 210, AT_LEVEL(widen_q6_k)(block, y));
    case SWIFTLET_IQ4_NL: EACH_BLOCK(32, 18, AT_LEVEL(widen_iq4_nl)(block, y));
    }
}
#undef EACH_BLOCK

// Rounded to the nearest integer, halves away from zero, as C's roundf. |v| < 2^31.
INLINE vi AT_LEVEL(round_away)(vf v) {
    vi whole = __builtin_convertvector(v, vi);
    vf rest = v - floats(whole); // exact
    // A mask is -1 where it holds.
    return whole - (vi)(rest >= 0.5f) + (vi)(rest <= -0.5f);
}

static size_t AT_LEVEL(narrow_q8_0)(const float *x, void *dst, size_t blocks) {
    uint8_t *block = dst;
    size_t overflows = 0;
    for (size_t b = 0; b < blocks; b++, x += 32, block += 34) {
        // Magnitudes are compared as integers, which makes NaN the largest.
        vi most = {0};
        UNROLL for (int j = 0; j < 32; j += LANES) {
            vi magnitude = (vi)absolute(load(x + j));
            most = (vi)select_bits((vi)(magnitude > most), (vu)magnitude, (vu)most);
        }
        int32_t largest = 0;
        for (int i = 0; i < LANES; i++) largest = most[i] > largest ? most[i] : largest;
        float d;
        memcpy(&d, &largest, sizeof d);
        d = d / 127;
        float inverse = d != 0 ? 1 / d : 0;
        uint16_t scale = narrow_f16_lanes(splat(d))[0];
        memcpy(block, &scale, sizeof scale);
        overflows += (scale & 0x7c00) == 0x7c00;
        UNROLL for (int j = 0; j < 32; j += LANES) {
            vf v = load(x + j) * inverse;
            // Where d is tiny or not finite.
            v = (vf)((vu)v & (vu)(v == v));
            v = select_lanes((vi)(v > -127.0f), v, splat(-127));
            v = select_lanes((vi)(v < 127.0f), v, splat(127));
            vb q = __builtin_convertvector(AT_LEVEL(round_away)(v), vb);
            memcpy(block + 2 + j, &q, sizeof q);
        }
    }
    return overflows;
}

#undef vc
#undef half
#undef bytes
#undef signed_bytes
#undef floats

#endif
