// The evidential loss of one row over a whole vocabulary (Sensoy, Kaplan, Kandemir 2018), with evidence
// e = exp(clamp(z)): the sum over the row, and the gradient where targets are single tokens. Elements that have a
// target of their own, or that dominate the row, are left out by the caller, who sets them to minus infinity before
// the first pass and to 0 before the second, and computes them in double.
#ifndef LANES

#define SWIFTLET_BODY "evidential.c"
#include "every_level.h"

size_t swiftlet_indices_above(const float *x, size_t count, float value, size_t *indices, size_t limit) {
    return SWIFTLET_RUN(indices_above)(x, count, value, indices, limit);
}

void swiftlet_evidence(float *x, size_t count, float offset, float clamp, float low, float high, double *sum) {
    // Beyond the clamp by so little that the result is out of bounds for certain.
    float limit = clamp + (clamp > 1 ? clamp : 1) * 0x1p-20f;
    SWIFTLET_RUN(evidence)(x, count, offset, limit, low, high, sum);
}

void swiftlet_evidential_hard(float *x, size_t count, float low, float high, float first, float second,
                              double *excess) {
    SWIFTLET_RUN(evidential_hard)(x, count, low, high, first, second, excess);
}

#else

#include "evidential.h"

// More vectors, for sums that need no more digits than the polynomials that they are for.
#define LONG_BLOCK 256

static size_t AT_LEVEL(indices_above)(const float *x, size_t count, float value, size_t *indices, size_t limit) {
    size_t found = 0, i = 0;
    for (; i < count && found < limit; i += 4 * LANES) {
        size_t end = count - i < 4 * LANES ? count : i + 4 * LANES;
        if (end - i == 4 * LANES) {
            vi any = {0};
            UNROLL for (int s = 0; s < 4; s++) any |= load(x + i + s * LANES) > value;
            if (!AT_LEVEL(any_lane)(any)) continue;
        }
        for (size_t j = i; j < end && found < limit; j++) {
            if (x[j] > value) indices[found++] = j;
        }
    }
    return found;
}

// One vector of the first pass, without moments: f within limit of the clamp, so that no result of the
// exponential function is out of range.
INLINE vf AT_LEVEL(evidence_lanes)(vf z, float offset, float limit) {
    return exponential_within(AT_LEVEL(bounded)(z + offset, splat(-limit), splat(limit)));
}

static void AT_LEVEL(evidence)(float *x, size_t count, float offset, float limit, float low, float high,
                               double *sum) {
    vd total = {0};
    vf lows = splat(low), highs = splat(high);
    for (size_t start = 0; start < count; start += BLOCK * LANES) {
        size_t end = count - start < BLOCK * LANES ? count : start + BLOCK * LANES;
        vf parts[4] = {{0}, {0}, {0}, {0}};
        size_t i = start;
        for (; i + 4 * LANES <= end; i += 4 * LANES) {
            UNROLL for (int s = 0; s < 4; s++) {
                vf f = AT_LEVEL(evidence_lanes)(load(x + i + s * LANES), offset, limit);
                store(x + i + s * LANES, f);
                parts[s] += AT_LEVEL(bounded)(f, lows, highs);
            }
        }
        for (; i < end; i += LANES) {
            size_t left = end - i;
            vf f = AT_LEVEL(evidence_lanes)(left >= LANES ? load(x + i) : load_part(x + i, left), offset, limit);
            vf e = AT_LEVEL(bounded)(f, lows, highs);
            if (left >= LANES) {
                store(x + i, f);
            } else {
                store_part(x + i, f, left);
                e = AT_LEVEL(kept)(AT_LEVEL(lanes_below)(left), e);
            }
            parts[0] += e;
        }
        add_as_double(&total, (parts[0] + parts[1]) + (parts[2] + parts[3]));
    }
    *sum = sum_of_doubles(&total);
}

// The coefficients of a gradient e (first + second (e psi'(1 + e) - 1)) in w and in e.
typedef struct {
    vf low, high;
    vf in_w[6], in_e[4];
} AT_LEVEL(hard_terms);
#define hard_terms AT_LEVEL(hard_terms)

// What is summed for the value.
typedef struct {
    vf w, w2, w4, log; // of large elements: powers of w, and log(1 + e)
    vf e, e2, e3;      // of small elements
} AT_LEVEL(hard_sums);
#define hard_sums AT_LEVEL(hard_sums)

// The gradient of a vector with large elements; *product *= 1 + e.
INLINE vf AT_LEVEL(large_lanes)(vf f, const hard_terms *t, vi mask, hard_sums *sums, vf *product) {
    vf e = AT_LEVEL(bounded)(f, t->low, t->high);
    vf a = e + 1.0f, w = AT_LEVEL(reciprocal)(a), w2 = w * w, w4 = w2 * w2;
    vf p = fused(w2, fused(w, t->in_w[3], t->in_w[2]), fused(w, t->in_w[1], t->in_w[0]));
    p = fused(w4, fused(w, t->in_w[5], t->in_w[4]), p);
    sums->w += AT_LEVEL(kept)(mask, w);
    sums->w2 += AT_LEVEL(kept)(mask, w2);
    sums->w4 += AT_LEVEL(kept)(mask, w4);
    *product *= select_lanes(mask, a, splat(1.0f));
    return AT_LEVEL(product_where_equal)(e, p, e, f);
}

INLINE vf AT_LEVEL(small_lanes)(vf f, const hard_terms *t, hard_sums *sums) {
    vf e = AT_LEVEL(bounded)(f, t->low, t->high), e2 = e * e;
    vf p = fused(e2, fused(e, t->in_e[3], t->in_e[2]), fused(e, t->in_e[1], t->in_e[0]));
    sums->e += e;
    sums->e2 += e2;
    sums->e3 = fused(e2, e, sums->e3);
    return AT_LEVEL(product_where_equal)(e, p, e, f);
}

// Without the divergence.
static void AT_LEVEL(scale_within)(float *x, size_t count, float low, float high, float factor) {
    vf lows = splat(low), highs = splat(high), a = splat(factor);
    for (size_t i = 0; i < count; i += LANES) {
        size_t left = count - i;
        vf f = left >= LANES ? load(x + i) : load_part(x + i, left);
        vf e = AT_LEVEL(bounded)(f, lows, highs);
        vf g = AT_LEVEL(product_where_equal)(e, a, e, f);
        if (left >= LANES) {
            store(x + i, g);
        } else {
            store_part(x + i, g, left);
        }
    }
}

static void AT_LEVEL(evidential_hard)(float *x, size_t count, float low, float high, float first, float second,
                                      double *excess) {
    *excess = 0;
    if (second == 0) {
        AT_LEVEL(scale_within)(x, count, low, high, first);
        return;
    }
    hard_terms t = {.low = splat(low), .high = splat(high)};
    t.in_w[0] = splat(first);
    for (int s = 0; s < 5; s++) t.in_w[s + 1] = splat(second * AT_LEVEL(slope)[s]);
    t.in_e[0] = splat(first - second);
    t.in_e[1] = splat(second * (float)ZETA2);
    t.in_e[2] = splat(second * (float)(-2 * ZETA3));
    t.in_e[3] = splat(second * (float)(3 * ZETA4));
    // Elements below a large lower bound are not small.
    int has_small = low < SMALL && high > SMALL;
    vi all = (vi){0} - 1;
    vd totals[7] = {{0}};
    size_t large = 0; // elements whose sums are of powers of w
    for (size_t start = 0; start < count; start += LONG_BLOCK * LANES) {
        size_t end = count - start < LONG_BLOCK * LANES ? count : start + LONG_BLOCK * LANES;
        hard_sums sums = {.w = {0}};
        vf pending = splat(1.0f);
        size_t i = start;
        for (; i + 4 * LANES <= end; i += 4 * LANES) {
            vf f[4];
            UNROLL for (int s = 0; s < 4; s++) f[s] = load(x + i + s * LANES);
            vi above = ((f[0] > SMALL) | (f[1] > SMALL)) | ((f[2] > SMALL) | (f[3] > SMALL));
            if (has_small && !AT_LEVEL(any_lane)(above)) {
                UNROLL for (int s = 0; s < 4; s++)
                    store(x + i + s * LANES, AT_LEVEL(small_lanes)(f[s], &t, &sums));
            } else {
                // Four numbers of at most 1 + e^20 have a product below 2^116. One logarithm serves as many
                // such products as stay far from the end of the range.
                vf product = splat(1.0f);
                UNROLL for (int s = 0; s < 4; s++)
                    store(x + i + s * LANES, AT_LEVEL(large_lanes)(f[s], &t, all, &sums, &product));
                if (AT_LEVEL(any_lane)(product > 0x1p62f)) {
                    sums.log += AT_LEVEL(logarithm)(product);
                } else {
                    pending *= product;
                    if (AT_LEVEL(any_lane)(pending > 0x1p62f)) {
                        sums.log += AT_LEVEL(logarithm)(pending);
                        pending = splat(1.0f);
                    }
                }
                large += 4 * LANES;
            }
        }
        for (; i < end; i += LANES) {
            size_t left = end - i;
            vf product = splat(1.0f);
            vf f = left >= LANES ? load(x + i) : load_part(x + i, left);
            vi mask = left >= LANES ? all : AT_LEVEL(lanes_below)(left);
            vf g = AT_LEVEL(large_lanes)(f, &t, mask, &sums, &product);
            sums.log += AT_LEVEL(logarithm)(product);
            large += left >= LANES ? LANES : left;
            if (left >= LANES) {
                store(x + i, g);
            } else {
                store_part(x + i, g, left);
            }
        }
        sums.log += AT_LEVEL(logarithm)(pending);
        vf parts[7] = {sums.w, sums.w2, sums.w4, sums.log, sums.e, sums.e2, sums.e3};
        for (int s = 0; s < 7; s++) add_as_double(&totals[s], parts[s]);
    }
    double sum[7];
    for (int s = 0; s < 7; s++) sum[s] = sum_of_doubles(&totals[s]);
    const double *c = AT_LEVEL(excess);
    *excess = c[0] * (double)large + c[1] * sum[0] + c[2] * sum[1] + c[3] * sum[2] - sum[3] / 2 - sum[4] +
              ZETA2 / 2 * sum[5] - 2 * ZETA3 / 3 * sum[6];
}

#undef hard_terms
#undef hard_sums
#undef LONG_BLOCK
#undef BLOCK
#undef SMALL
#undef ZETA2
#undef ZETA3
#undef ZETA4

#endif
