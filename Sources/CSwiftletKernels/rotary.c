// Rotary position embedding: each pair of elements half a head apart is rotated by an angle.
#ifndef LANES

#define SWIFTLET_BODY "rotary.c"
#include "every_level.h"

void swiftlet_rotate(float *x, size_t stride, size_t count, const float *cosines, const float *sines,
                     size_t half, int inverse) {
    SWIFTLET_RUN(rotate)(x, stride, count, cosines, sines, half, inverse);
}

#else

// x: count heads of at least 2 half elements, stride apart; cosines, sines: half.
static void AT_LEVEL(rotate)(float *x, size_t stride, size_t count, const float *cosines, const float *sines,
                             size_t half, int inverse) {
    const vf direction = splat(inverse ? -1.0f : 1.0f);
    for (size_t head = 0; head < count; head++, x += stride) {
        float *second = x + half;
        size_t i = 0;
        for (; i + LANES <= half; i += LANES) {
            vf c = load(cosines + i), s = load(sines + i) * direction;
            vf a = load(x + i), b = load(second + i);
            store(x + i, fused(a, c, -(b * s)));
            store(second + i, fused(b, c, a * s));
        }
        if (i < half) {
            size_t left = half - i;
            vf c = load_part(cosines + i, left), s = load_part(sines + i, left) * direction;
            vf a = load_part(x + i, left), b = load_part(second + i, left);
            store_part(x + i, fused(a, c, -(b * s)), left);
            store_part(second + i, fused(b, c, a * s), left);
        }
    }
}

#endif
