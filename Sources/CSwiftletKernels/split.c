// Singles as a bf16 and the 16 bits that complete it. Element by element, so all levels are bit-identical.
#ifndef LANES

#define SWIFTLET_BODY "split.c"
#include "every_level.h"

void swiftlet_split(const float *x, void *high, void *low, size_t count) {
    SWIFTLET_RUN(split)(x, high, low, count);
}

void swiftlet_join(const void *high, const void *low, float *x, size_t count) {
    SWIFTLET_RUN(join)(high, low, x, count);
}

#else

#include "split.h"

static void AT_LEVEL(split)(const float *x, void *high, void *low, size_t count) {
    char *to_high = high, *to_low = low;
    for (size_t i = 0; i < count; i += LANES) {
        size_t left = count - i;
        vh a, b;
        AT_LEVEL(split_lanes)(left >= LANES ? load(x + i) : load_part(x + i, left), &a, &b);
        size_t bytes = left >= LANES ? sizeof a : 2 * left;
        memcpy(to_high + 2 * i, &a, bytes);
        memcpy(to_low + 2 * i, &b, bytes);
    }
}

static void AT_LEVEL(join)(const void *high, const void *low, float *x, size_t count) {
    const char *from_high = high, *from_low = low;
    for (size_t i = 0; i < count; i += LANES) {
        size_t left = count - i;
        vh a = {0}, b = {0};
        size_t bytes = left >= LANES ? sizeof a : 2 * left;
        memcpy(&a, from_high + 2 * i, bytes);
        memcpy(&b, from_low + 2 * i, bytes);
        vf v = AT_LEVEL(join_lanes)(a, b);
        if (left >= LANES)
            store(x + i, v);
        else
            store_part(x + i, v, left);
    }
}

#endif
