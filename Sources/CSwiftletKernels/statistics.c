// Range, sum and number of NaNs.
#ifndef LANES

#define SWIFTLET_BODY "statistics.c"
#include "every_level.h"

swiftlet_statistics swiftlet_statistics_of(swiftlet_dtype dtype, const void *src, size_t count) {
    return SWIFTLET_RUN(statistics_of)(dtype, src, count);
}

#else

// Two accumulators of each kind, so that sums in double do not wait for each other.
INLINE swiftlet_statistics AT_LEVEL(statistics_of_dtype)(swiftlet_dtype dtype, const char *src, size_t count) {
    const size_t size = dtype == SWIFTLET_F32 ? 4 : 2;
    vf low[2] = {splat(__builtin_inff()), splat(__builtin_inff())};
    vf high[2] = {splat(-__builtin_inff()), splat(-__builtin_inff())};
    vd sum[2] = {{0}, {0}};
    vi numbers[2] = {{0}, {0}};
    size_t i = 0, counted = 0;
    swiftlet_statistics result = {__builtin_inff(), -__builtin_inff(), 0, 0};
    while (i + 2 * LANES <= count) {
        // A lane counts at most 2^30 numbers before its count is added to the total.
        size_t steps = (count - i) / (2 * LANES);
        if (steps > (size_t)1 << 30) steps = (size_t)1 << 30;
        for (size_t step = 0; step < steps; step++, i += 2 * LANES) {
            UNROLL for (int s = 0; s < 2; s++) {
                vf v = load_wide(dtype, src + (i + s * LANES) * size);
                vi is_number = v == v;
                // A comparison with NaN is false, which keeps the old value.
                low[s] = select_lanes(v < low[s], v, low[s]);
                high[s] = select_lanes(v > high[s], v, high[s]);
                numbers[s] -= is_number;
                add_as_double(&sum[s], select_lanes(is_number, v, splat(0)));
            }
        }
        for (int s = 0; s < 2; s++) {
            for (int lane = 0; lane < LANES; lane++) counted += (size_t)numbers[s][lane];
            numbers[s] = (vi){0};
        }
    }
    vd total = sum[0] + sum[1];
    result.sum = sum_of_doubles(&total);
    for (int s = 0; s < 2; s++) {
        for (int lane = 0; lane < LANES; lane++) {
            if (low[s][lane] < result.min) result.min = low[s][lane];
            if (high[s][lane] > result.max) result.max = high[s][lane];
        }
    }
    result.nan_count = i - counted;
    for (; i < count; i++) {
        float v = load_wide_part(dtype, src + i * size, 1)[0];
        if (v != v) {
            result.nan_count++;
            continue;
        }
        if (v < result.min) result.min = v;
        if (v > result.max) result.max = v;
        result.sum += v;
    }
    return result;
}

static swiftlet_statistics AT_LEVEL(statistics_of)(swiftlet_dtype dtype, const void *src, size_t count) {
    switch (dtype) {
    case SWIFTLET_F16: return AT_LEVEL(statistics_of_dtype)(SWIFTLET_F16, src, count);
    case SWIFTLET_BF16: return AT_LEVEL(statistics_of_dtype)(SWIFTLET_BF16, src, count);
    default: return AT_LEVEL(statistics_of_dtype)(SWIFTLET_F32, src, count);
    }
}

#endif
