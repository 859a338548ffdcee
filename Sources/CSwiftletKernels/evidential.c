// The evidential loss of one row over a whole vocabulary (Sensoy, Kaplan, Kandemir 2018), with evidence
// e = exp(clamp(z)): sums over the row, and the gradient. Elements that have a target of their own, or that
// dominate the row, are left out by the caller, who sets them to minus infinity before the first pass and to 0
// before the second, and computes them in double.
#ifndef LANES

#define SWIFTLET_BODY "evidential.c"
#include "every_level.h"

double swiftlet_exp_sum_dot(const float *x, float shift, float *y, size_t count, double *dot) {
    return SWIFTLET_RUN(exp_sum_dot)(x, shift, y, count, dot);
}

size_t swiftlet_indices_above(const float *x, size_t count, float value, size_t *indices, size_t limit) {
    return SWIFTLET_RUN(indices_above)(x, count, value, indices, limit);
}

void swiftlet_evidence(float *x, size_t count, float offset, float clamp, float low, float high, double *sum) {
    // Beyond the clamp by so little that the result is out of bounds for certain.
    float limit = clamp + (clamp > 1 ? clamp : 1) * 0x1p-20f;
    SWIFTLET_RUN(evidence)(x, count, offset, limit, low, high, sum);
}

void swiftlet_evidence_moments(float *x, size_t count, float offset, float low, float high, double *sums) {
    SWIFTLET_RUN(evidence_moments)(x, count, offset, low, high, sums);
}

void swiftlet_evidential_hard(float *x, size_t count, float low, float high, float first, float second,
                              double *excess) {
    SWIFTLET_RUN(evidential_hard)(x, count, low, high, first, second, excess);
}

void swiftlet_evidential_soft(float *x, size_t count, float low, float high,
                              const swiftlet_evidential_terms *terms, double *sums) {
    SWIFTLET_RUN(evidential_soft)(x, count, low, high, terms, sums);
}

#else

#include "exponential.h"

// Vectors that are summed in f32 before the sums are added in double.
#define BLOCK 64
// The same where sums need no more digits than the polynomials that they are for.
#define LONG_BLOCK 256
// Below it, power series of e; above, polynomials of w = 1 / (1 + e).
#define SMALL 0.01f

INLINE int AT_LEVEL(any_lane)(vi mask) {
#if LEVEL_AVX512
    return _mm512_movepi32_mask((__m512i)mask) != 0;
#elif LEVEL_AVX2
    return _mm256_movemask_ps((__m256)mask) != 0;
#else
    int any = 0;
    UNROLL for (int i = 0; i < LANES; i++) any |= mask[i];
    return any != 0;
#endif
}

// All ones in the lanes 0 ..< count.
INLINE vi AT_LEVEL(lanes_below)(size_t count) {
    vi mask;
    UNROLL for (int i = 0; i < LANES; i++) mask[i] = (size_t)i < count ? -1 : 0;
    return mask;
}

INLINE vf AT_LEVEL(kept)(vi mask, vf a) { return (vf)((vu)mask & (vu)a); }

// x within low ... high; NaN stays NaN.
INLINE vf AT_LEVEL(bounded)(vf x, vf low, vf high) {
#if LEVEL_AVX512
    return (vf)_mm512_min_ps((__m512)high, _mm512_max_ps((__m512)low, (__m512)x));
#elif LEVEL_AVX2
    return (vf)_mm256_min_ps((__m256)high, _mm256_max_ps((__m256)low, (__m256)x));
#else
    vf e = select_lanes(x < low, low, x);
    return select_lanes(e > high, high, e);
#endif
}

// a b where c is d, else 0.
INLINE vf AT_LEVEL(product_where_equal)(vf a, vf b, vf c, vf d) {
#if LEVEL_AVX512
    return (vf)_mm512_maskz_mul_ps(_mm512_cmp_ps_mask((__m512)c, (__m512)d, _CMP_EQ_OQ), (__m512)a, (__m512)b);
#else
    return (vf)((vu)(a * b) & (vu)(c == d));
#endif
}

// 1 / a within 2 units in the last place, for 1 <= a < 2^126.
INLINE vf AT_LEVEL(reciprocal)(vf a) {
#if LEVEL_AVX512
    vf r = (vf)_mm512_rcp14_ps((__m512)a);
    return fused(r, fused(-a, r, splat(1.0f)), r);
#elif LEVEL_AVX2
    vf r = (vf)_mm256_rcp_ps((__m256)a);
    return fused(r, fused(-a, r, splat(1.0f)), r);
#else
    return 1.0f / a;
#endif
}

// log a for normal a > 0, within 2 units in the last place (Moshier's logf).
INLINE vf AT_LEVEL(logarithm)(vf a) {
    vu bits = (vu)a - 0x3f3504f3u; // the exponent of a / sqrt(1/2)
    vf n = __builtin_convertvector((vi)bits >> 23, vf);
    vf r = (vf)((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    vf p = splat(7.0376836292e-2f);
    p = fused(p, r, splat(-1.1514610310e-1f));
    p = fused(p, r, splat(1.1676998740e-1f));
    p = fused(p, r, splat(-1.2420140846e-1f));
    p = fused(p, r, splat(1.4249322787e-1f));
    p = fused(p, r, splat(-1.6668057665e-1f));
    p = fused(p, r, splat(2.0000714765e-1f));
    p = fused(p, r, splat(-2.4999993993e-1f));
    p = fused(p, r, splat(3.3333331174e-1f));
    vf z = r * r;
    p = fused(p * r, z, n * -2.12194440e-4f);
    p = fused(z, splat(-0.5f), p);
    return fused(n, splat(0.693359375f), r + p);
}

// With w = 1 / (1 + e), e psi'(1 + e) = 1 + w v(w) with v(1) = -1, where e w |error of v| < 2.5e-5 min(e, 1)
// (minimax).
static const float AT_LEVEL(slope)[5] = {-0.50002486f, -0.33194896f, -0.17811572f, -0.00372189f, 0.01381143f};
// e psi(1 + e) - log gamma(1 + e) - e + log(1 + e) / 2 in 1, w, w^2 and w^4: absolute error 2.5e-5 (minimax).
static const double AT_LEVEL(excess)[4] = {-0.41891392, 0.33239172, 0.08900513, -0.00245832};
// For small e, power series: e psi'(1 + e) = zeta(2) e - 2 zeta(3) e^2 + 3 zeta(4) e^3 ...
#define ZETA2 1.6449340668482264
#define ZETA3 1.2020569031595943
#define ZETA4 1.0823232337111382

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
            if (left < LANES) e = AT_LEVEL(kept)(AT_LEVEL(lanes_below)(left), e);
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

// One vector of the first pass with moments. sums: of e, f, f e, f e^2.
INLINE vf AT_LEVEL(moment_lanes)(vf z, vf low, vf high, vi mask, vf *sums) {
    vf f = exponential_within(AT_LEVEL(bounded)(z, splat(-60.0f), splat(60.0f)));
    vf e = AT_LEVEL(kept)(mask, AT_LEVEL(bounded)(f, low, high)), product = f * e;
    sums[0] += e;
    sums[1] += AT_LEVEL(kept)(mask, f);
    sums[2] += product;
    sums[3] = fused(product, e, sums[3]);
    return f;
}

static void AT_LEVEL(evidence_moments)(float *x, size_t count, float offset, float low, float high,
                                       double *sums) {
    vd totals[4] = {{0}, {0}, {0}, {0}};
    vf lows = splat(low), highs = splat(high);
    vi all = (vi){0} - 1;
    for (size_t start = 0; start < count; start += BLOCK * LANES) {
        size_t end = count - start < BLOCK * LANES ? count : start + BLOCK * LANES;
        vf even[4] = {{0}, {0}, {0}, {0}}, odd[4] = {{0}, {0}, {0}, {0}};
        size_t i = start;
        for (; i + 2 * LANES <= end; i += 2 * LANES) {
            store(x + i, AT_LEVEL(moment_lanes)(load(x + i) + offset, lows, highs, all, even));
            store(x + i + LANES, AT_LEVEL(moment_lanes)(load(x + i + LANES) + offset, lows, highs, all, odd));
        }
        for (; i < end; i += LANES) {
            size_t left = end - i;
            if (left >= LANES) {
                store(x + i, AT_LEVEL(moment_lanes)(load(x + i) + offset, lows, highs, all, even));
            } else {
                vi mask = AT_LEVEL(lanes_below)(left);
                vf f = AT_LEVEL(moment_lanes)(load_part(x + i, left) + offset, lows, highs, mask, even);
                store_part(x + i, f, left);
            }
        }
        for (int s = 0; s < 4; s++) add_as_double(&totals[s], even[s] + odd[s]);
    }
    for (int s = 0; s < 4; s++) sums[s] = sum_of_doubles(&totals[s]);
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

// The coefficients of a gradient with a soft label, without the factor e:
// (A + B R) + B (1 - p) u(e) - p w + B p (u - e u'), u(e) = w v(w) = e psi'(1 + e) - 1.
typedef struct {
    vf low, high, weight, share, common, slope, bend;
    vf in_w[5], in_e[4], excess[4];
} AT_LEVEL(soft_terms);
#define soft_terms AT_LEVEL(soft_terms)

// What is summed for the value.
typedef struct {
    vf excess, logs, products; // of large elements: s(e), f log(1 + e), f s(e)
    vf e, e2, e3, fe, fe2, fe3; // of small elements
} AT_LEVEL(soft_sums);
#define soft_sums AT_LEVEL(soft_sums)

INLINE vf AT_LEVEL(soft_gradient)(vf f, vf e, vf w, vf own, const soft_terms *t) {
    vf p = f * t->share;
    vf g = fused(p, fused(e, t->bend, t->slope) - w - own, own) + t->common;
    return AT_LEVEL(product_where_equal)(e * t->weight, g, e, f);
}

INLINE vf AT_LEVEL(soft_large)(vf f, const soft_terms *t, vi mask, soft_sums *sums) {
    vf e = AT_LEVEL(bounded)(f, t->low, t->high);
    vf a = e + 1.0f, w = AT_LEVEL(reciprocal)(a), w2 = w * w, w4 = w2 * w2;
    vf log = AT_LEVEL(kept)(mask, AT_LEVEL(logarithm)(a));
    vf s = fused(w2, t->excess[2], fused(w, t->excess[1], t->excess[0]));
    s = AT_LEVEL(kept)(mask, fused(log, splat(-0.5f), fused(w4, t->excess[3], s)));
    sums->excess += s;
    sums->logs = fused(f, log, sums->logs);
    sums->products = fused(f, s, sums->products);
    vf own = fused(w2, fused(w, t->in_w[3], t->in_w[2]), fused(w, t->in_w[1], t->in_w[0]));
    return AT_LEVEL(soft_gradient)(f, e, w, fused(w4, t->in_w[4], own) * w, t);
}

INLINE vf AT_LEVEL(soft_small)(vf f, const soft_terms *t, soft_sums *sums) {
    vf e = AT_LEVEL(bounded)(f, t->low, t->high), e2 = e * e, e3 = e2 * e;
    sums->e += e;
    sums->e2 += e2;
    sums->e3 += e3;
    sums->fe = fused(f, e, sums->fe);
    sums->fe2 = fused(f, e2, sums->fe2);
    sums->fe3 = fused(f, e3, sums->fe3);
    vf own = fused(e2, fused(e, t->in_e[3], t->in_e[2]), fused(e, t->in_e[1], t->in_e[0]));
    return AT_LEVEL(soft_gradient)(f, e, (1.0f - e) + (e2 - e3), own, t);
}

static void AT_LEVEL(evidential_soft)(float *x, size_t count, float low, float high,
                                      const swiftlet_evidential_terms *terms, double *sums) {
    float b = terms->divergence;
    soft_terms t = {.low = splat(low), .high = splat(high)};
    t.weight = splat(terms->weight);
    t.share = splat(terms->share);
    t.common = splat(terms->common);
    t.slope = splat(b * terms->slope);
    t.bend = splat(-b * terms->bend);
    for (int s = 0; s < 5; s++) t.in_w[s] = splat(b * AT_LEVEL(slope)[s]);
    for (int s = 0; s < 4; s++) t.excess[s] = splat((float)AT_LEVEL(excess)[s]);
    t.in_e[0] = splat(-b);
    t.in_e[1] = splat(b * (float)ZETA2);
    t.in_e[2] = splat(b * (float)(-2 * ZETA3));
    t.in_e[3] = splat(b * (float)(3 * ZETA4));
    int has_small = low < SMALL && high > SMALL;
    vi all = (vi){0} - 1;
    vd totals[9] = {{0}};
    for (size_t start = 0; start < count; start += BLOCK * LANES) {
        size_t end = count - start < BLOCK * LANES ? count : start + BLOCK * LANES;
        soft_sums part = {.excess = {0}};
        size_t i = start;
        for (; i + 4 * LANES <= end; i += 4 * LANES) {
            vf f[4];
            UNROLL for (int s = 0; s < 4; s++) f[s] = load(x + i + s * LANES);
            vi above = ((f[0] > SMALL) | (f[1] > SMALL)) | ((f[2] > SMALL) | (f[3] > SMALL));
            if (has_small && !AT_LEVEL(any_lane)(above)) {
                UNROLL for (int s = 0; s < 4; s++)
                    store(x + i + s * LANES, AT_LEVEL(soft_small)(f[s], &t, &part));
            } else {
                UNROLL for (int s = 0; s < 4; s++)
                    store(x + i + s * LANES, AT_LEVEL(soft_large)(f[s], &t, all, &part));
            }
        }
        for (; i < end; i += LANES) {
            size_t left = end - i;
            vf f = left >= LANES ? load(x + i) : load_part(x + i, left);
            vi mask = left >= LANES ? all : AT_LEVEL(lanes_below)(left);
            vf g = AT_LEVEL(soft_large)(f, &t, mask, &part);
            if (left >= LANES) {
                store(x + i, g);
            } else {
                store_part(x + i, g, left);
            }
        }
        vf parts[9] = {part.excess, part.logs, part.products, part.e, part.e2, part.e3, part.fe, part.fe2, part.fe3};
        for (int s = 0; s < 9; s++) add_as_double(&totals[s], parts[s]);
    }
    double sum[9];
    for (int s = 0; s < 9; s++) sum[s] = sum_of_doubles(&totals[s]);
    sums[0] = sum[0] - sum[3] + ZETA2 / 2 * sum[4] - 2 * ZETA3 / 3 * sum[5];
    sums[1] = sum[1] + sum[6] - sum[7] / 2 + sum[8] / 3;
    sums[2] = sum[2] - sum[6] + ZETA2 / 2 * sum[7] - 2 * ZETA3 / 3 * sum[8];
}

#undef soft_terms
#undef soft_sums
#undef hard_terms
#undef hard_sums
#undef BLOCK
#undef LONG_BLOCK
#undef SMALL
#undef ZETA2
#undef ZETA3
#undef ZETA4

#endif
