// Conversion between f32 and 8-bit weights. Element by element, so all levels are bit-identical.
#ifndef LANES

#define SWIFTLET_BODY "quantize.c"
#include "every_level.h"

void swiftlet_widen_i8(const int8_t *src, const float *scales, float scale, float *dst, size_t count) {
    SWIFTLET_RUN(widen_i8)(src, scales, scale, dst, count);
}

void swiftlet_raise_magnitudes(const float *x, float *most, size_t count) {
    SWIFTLET_RUN(raise_magnitudes)(x, most, count);
}

float swiftlet_largest_magnitude(const float *x, size_t count) {
    return SWIFTLET_RUN(largest_magnitude)(x, count);
}

void swiftlet_quantize(const float *x, const float *factors, float factor, int8_t *dst, size_t count) {
    SWIFTLET_RUN(quantize)(x, factors, factor, dst, count);
}

#else

static void AT_LEVEL(widen_i8)(const int8_t *src, const float *scales, float scale, float *dst,
                               size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        store(dst + i, load_wide(SWIFTLET_I8, (const char *)src + i) * (scales ? load(scales + i) : splat(scale)));
    if (i < count) {
        size_t left = count - i;
        vf v = load_wide_part(SWIFTLET_I8, (const char *)src + i, left);
        store_part(dst + i, v * (scales ? load_part(scales + i, left) : splat(scale)), left);
    }
}

// Magnitudes are compared as integers, which makes NaN greater than infinity.
INLINE vf AT_LEVEL(larger)(vf a, vf b) { return select_lanes((vi)a > (vi)b, a, b); }

static void AT_LEVEL(raise_magnitudes)(const float *x, float *most, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        store(most + i, AT_LEVEL(larger)(absolute(load(x + i)), load(most + i)));
    if (i < count) {
        size_t left = count - i;
        store_part(most + i, AT_LEVEL(larger)(absolute(load_part(x + i, left)), load_part(most + i, left)), left);
    }
}

static float AT_LEVEL(largest_magnitude)(const float *x, size_t count) {
    vf most[4] = {{0}, {0}, {0}, {0}};
    size_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        UNROLL for (int s = 0; s < 4; s++)
            most[s] = AT_LEVEL(larger)(absolute(load(x + i + s * LANES)), most[s]);
    }
    for (; i < count; i += LANES) {
        vf v = count - i >= LANES ? load(x + i) : load_part(x + i, count - i);
        most[0] = AT_LEVEL(larger)(absolute(v), most[0]);
    }
    most[0] = AT_LEVEL(larger)(AT_LEVEL(larger)(most[0], most[1]), AT_LEVEL(larger)(most[2], most[3]));
    vi bits = (vi)most[0];
    int32_t largest = 0;
    for (int lane = 0; lane < LANES; lane++) largest = bits[lane] > largest ? bits[lane] : largest;
    float result;
    memcpy(&result, &largest, sizeof result);
    return result;
}

INLINE vb AT_LEVEL(rounded)(vf v) {
    v = select_lanes(v > -127.0f, v, splat(-127.0f));
    v = select_lanes(v < 127.0f, v, splat(127.0f));
    // A sum with this number has no digits after the binary point.
    const float shift = 0x1.8p23f;
    return __builtin_convertvector((vi)(v + shift) - (vi)splat(shift), vb);
}

static void AT_LEVEL(quantize)(const float *x, const float *factors, float factor, int8_t *dst,
                               size_t count) {
    for (size_t i = 0; i < count; i += LANES) {
        size_t left = count - i;
        int whole = left >= LANES;
        vf v = whole ? load(x + i) : load_part(x + i, left);
        v = v * (!factors ? splat(factor) : whole ? load(factors + i) : load_part(factors + i, left));
        v = (vf)((vu)v & (vu)(v == v));
        vb b = AT_LEVEL(rounded)(v);
        memcpy(dst + i, &b, whole ? LANES : left);
    }
}

#endif
