// Conversion between f32 and the 16-bit floats. Element by element, so all levels are bit-identical.
#ifndef LANES

#define SWIFTLET_BODY "convert.c"
#include "every_level.h"

void swiftlet_widen(swiftlet_dtype dtype, const void *src, float *dst, size_t count) {
    if (dtype == SWIFTLET_F32) {
        if (count > 0) memcpy(dst, src, count * sizeof(float));
    } else if (dtype == SWIFTLET_F16) {
        SWIFTLET_RUN(widen_f16)(src, dst, count);
    } else {
        SWIFTLET_RUN(widen_bf16)(src, dst, count);
    }
}

size_t swiftlet_narrow(swiftlet_dtype dtype, const float *src, void *dst, size_t count) {
    if (dtype == SWIFTLET_F32) {
        if (count > 0) memcpy(dst, src, count * sizeof(float));
        return 0;
    }
    return dtype == SWIFTLET_F16 ? SWIFTLET_RUN(narrow_f16)(src, dst, count)
                                 : SWIFTLET_RUN(narrow_bf16)(src, dst, count);
}

void swiftlet_round_bf16(const float *x, float *y, size_t count) { SWIFTLET_RUN(round_bf16)(x, y, count); }

#else

INLINE void AT_LEVEL(widen)(swiftlet_dtype dtype, const char *src, float *dst, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store(dst + i, load_wide(dtype, src + 2 * i));
    if (i < count) store_part(dst + i, load_wide_part(dtype, src + 2 * i, count - i), count - i);
}

static void AT_LEVEL(widen_f16)(const void *src, float *dst, size_t count) {
    AT_LEVEL(widen)(SWIFTLET_F16, src, dst, count);
}

static void AT_LEVEL(widen_bf16)(const void *src, float *dst, size_t count) {
    AT_LEVEL(widen)(SWIFTLET_BF16, src, dst, count);
}

static void AT_LEVEL(round_bf16)(const float *x, float *y, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store(y + i, widen_bf16_lanes(narrow_bf16_lanes(load(x + i))));
    if (i < count) {
        vf v = load_part(x + i, count - i);
        store_part(y + i, widen_bf16_lanes(narrow_bf16_lanes(v)), count - i);
    }
}

// Elements per block. A lane counts at most one overflow per vector, so its 32 bits suffice for a block.
#define BLOCK ((size_t)LANES << 20)

INLINE size_t AT_LEVEL(narrow)(swiftlet_dtype dtype, const float *src, char *dst, size_t count) {
    // The smallest magnitude that rounds to infinity: half a unit above the largest finite value.
    const uint32_t limit = dtype == SWIFTLET_F16 ? 0x477ff000u : 0x7f7f8000u;
    size_t overflows = 0;
    for (size_t start = 0; start < count; start += BLOCK) {
        size_t end = count - start < BLOCK ? count : start + BLOCK;
        vi counts = {0}; // the negated number of overflows of each lane
        for (size_t i = start; i < end; i += LANES) {
            size_t left = end - i;
            vf v = left >= LANES ? load(src + i) : load_part(src + i, left);
            vi magnitude = (vi)absolute(v);
            counts += (vi)(magnitude >= (int32_t)limit) & (vi)(magnitude < 0x7f800000);
            vh h = dtype == SWIFTLET_F16 ? narrow_f16_lanes(v) : narrow_bf16_lanes(v);
            if (left >= LANES)
                memcpy(dst + 2 * i, &h, sizeof h);
            else
                memcpy(dst + 2 * i, &h, 2 * left);
        }
        for (int lane = 0; lane < LANES; lane++) overflows += (size_t)-(int64_t)counts[lane];
    }
    return overflows;
}
#undef BLOCK

static size_t AT_LEVEL(narrow_f16)(const float *src, void *dst, size_t count) {
    return AT_LEVEL(narrow)(SWIFTLET_F16, src, dst, count);
}

static size_t AT_LEVEL(narrow_bf16)(const float *src, void *dst, size_t count) {
    return AT_LEVEL(narrow)(SWIFTLET_BF16, src, dst, count);
}

#endif
