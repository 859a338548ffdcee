// Softmax, log-sum-exp and cross-entropy of one row.
#ifndef LANES

#include <math.h>

#define SWIFTLET_BODY "softmax.c"
#include "every_level.h"

float swiftlet_exp_sum(const float *x, float shift, float *y, size_t count) {
    return (float)SWIFTLET_RUN(exp_sum)(x, shift, y, count);
}

double swiftlet_exp_sum_dot(const float *x, float shift, float *y, size_t count, double *dot) {
    return SWIFTLET_RUN(exp_sum_dot)(x, shift, y, count, dot);
}

float swiftlet_max(const float *x, size_t count) { return SWIFTLET_RUN(max)(x, count); }

float swiftlet_log_sum_exp(const float *x, size_t count) {
    float max = SWIFTLET_RUN(max)(x, count);
    // If all are minus infinity, or one is infinity or NaN, x - max would be NaN.
    if (!isfinite(max)) return max;
    return (float)(log(SWIFTLET_RUN(exp_sum_only)(x, max, count)) + max);
}

float swiftlet_cross_entropy_backward(float *x, size_t count, size_t target, float weight) {
    float max = SWIFTLET_RUN(max)(x, count), at_target = x[target];
    double sum = SWIFTLET_RUN(exp_sum)(x, max, x, count);
    swiftlet_scale((float)(weight / sum), x, count);
    x[target] -= weight;
    return (float)(weight * (log(sum) + ((double)max - at_target)));
}

size_t swiftlet_argmax(const float *x, size_t count) { return SWIFTLET_RUN(argmax)(x, count); }

#else

#include "exponential.h"

// Vectors that are summed in f32 before the sum is added in double.
#define BLOCK 64

// y[i] = exp(x[i] - shift) if y is not NULL; y may be x. Returns the sum in double.
//
// In each block of 64 LANES elements, four f32 accumulators take the vectors in turn. At the end of a block
// they are added to each lane's sum in double; at the end the lanes are added as a tree. At most 16 numbers
// are added in f32, so a sum over 150000 entries is as accurate as one over 1000.
INLINE double AT_LEVEL(exp_sum_body)(const float *x, float shift, float *y, size_t count) {
    vd total = {0};
    for (size_t start = 0; start < count; start += BLOCK * LANES) {
        size_t end = count - start < BLOCK * LANES ? count : start + BLOCK * LANES;
        vf sums[4] = {{0}, {0}, {0}, {0}};
        size_t i = start;
        for (; i + 4 * LANES <= end; i += 4 * LANES) {
            UNROLL for (int s = 0; s < 4; s++) {
                vf e = exponential(load(x + i + s * LANES) - shift);
                if (y) store(y + i + s * LANES, e);
                sums[s] += e;
            }
        }
        for (; i + LANES <= end; i += LANES) {
            vf e = exponential(load(x + i) - shift);
            if (y) store(y + i, e);
            sums[0] += e;
        }
        if (i < end) {
            vf e = exponential(load_part(x + i, end - i) - shift);
            // The lanes past the end hold exp(-shift) and must not be counted.
            vf counted = {0};
            UNROLL for (int j = 0; j < LANES; j++) counted[j] = (size_t)j < end - i ? e[j] : 0.0f;
            if (y) store_part(y + i, counted, end - i);
            sums[0] += counted;
        }
        add_as_double(&total, (sums[0] + sums[1]) + (sums[2] + sums[3]));
    }
    return sum_of_doubles(&total);
}
// y[i] = exp(x[i] - shift); y may be x. Returns the sum of y; *dot = the sum of y[i] (x[i] - shift).
static double AT_LEVEL(exp_sum_dot)(const float *x, float shift, float *y, size_t count, double *dot) {
    vd total = {0}, products = {0};
    for (size_t start = 0; start < count; start += BLOCK * LANES) {
        size_t end = count - start < BLOCK * LANES ? count : start + BLOCK * LANES;
        vf sums = {0}, dots = {0};
        for (size_t i = start; i < end; i += LANES) {
            size_t left = end - i;
            vf d = (left >= LANES ? load(x + i) : load_part(x + i, left)) - shift;
            vf e = exponential(d);
            if (left < LANES) {
                UNROLL for (int j = 0; j < LANES; j++) e[j] = (size_t)j < left ? e[j] : 0.0f;
            }
            // An element left out is minus infinity, and its product with 0 would be NaN.
            d = select_lanes(d < -88.0f, splat(-88.0f), d);
            sums += e;
            dots = fused(e, d, dots);
            if (left >= LANES) {
                store(y + i, e);
            } else {
                store_part(y + i, e, left);
            }
        }
        add_as_double(&total, sums);
        add_as_double(&products, dots);
    }
    *dot = sum_of_doubles(&products);
    return sum_of_doubles(&total);
}
#undef BLOCK

static double AT_LEVEL(exp_sum)(const float *x, float shift, float *y, size_t count) {
    return AT_LEVEL(exp_sum_body)(x, shift, y, count);
}

static double AT_LEVEL(exp_sum_only)(const float *x, float shift, size_t count) {
    return AT_LEVEL(exp_sum_body)(x, shift, NULL, count);
}

// The largest of x apart from NaN; minus infinity if there is none. *nan: whether there is a NaN.
INLINE float AT_LEVEL(largest)(const float *x, size_t count, int *nan) {
    vf most[4];
    vi odd = {0};
    for (int s = 0; s < 4; s++) most[s] = splat(-__builtin_inff());
    size_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        UNROLL for (int s = 0; s < 4; s++) {
            vf v = load(x + i + s * LANES);
            most[s] = select_lanes(v > most[s], v, most[s]);
            odd |= v != v;
        }
    }
    for (; i + LANES <= count; i += LANES) {
        vf v = load(x + i);
        most[0] = select_lanes(v > most[0], v, most[0]);
        odd |= v != v;
    }
    float max = -__builtin_inff();
    *nan = 0;
    for (int s = 0; s < 4; s++) {
        for (int lane = 0; lane < LANES; lane++) max = most[s][lane] > max ? most[s][lane] : max;
    }
    for (int lane = 0; lane < LANES; lane++) *nan |= odd[lane];
    for (; i < count; i++) {
        max = x[i] > max ? x[i] : max;
        *nan |= x[i] != x[i];
    }
    return max;
}

// The largest of x; NaN if any is NaN; minus infinity if count is 0.
static float AT_LEVEL(max)(const float *x, size_t count) {
    int nan;
    float max = AT_LEVEL(largest)(x, count, &nan);
    return nan ? __builtin_nanf("") : max;
}

// Two passes: the first finds the largest value, the second its first index.
static size_t AT_LEVEL(argmax)(const float *x, size_t count) {
    int nan;
    float max = AT_LEVEL(largest)(x, count, &nan);
    size_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        vi hit = {0};
        UNROLL for (int s = 0; s < 4; s++) hit |= load(x + i + s * LANES) == max;
        int any = 0;
        UNROLL for (int lane = 0; lane < LANES; lane++) any |= hit[lane];
        if (any) break;
    }
    while (i < count && x[i] != max) i++;
    return i < count ? i : 0;
}

#endif
