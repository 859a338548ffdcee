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

void swiftlet_evidence(float *x, size_t count, float offset, float low, float high, int moments,
                       double *sums) {
    SWIFTLET_RUN(evidence)(x, count, offset, low, high, moments, sums);
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

INLINE vf AT_LEVEL(bounded)(vf x, float low, float high) {
    vf e = select_lanes(x < low, splat(low), x);
    return select_lanes(e > high, splat(high), e);
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

// With w = 1 / (1 + e): (e psi'(1 + e) - 1) / w, absolute error 2.3e-6.
INLINE vf AT_LEVEL(slope_in_w)(vf w) {
    vf p = splat(-0.014114594087004662f);
    p = fused(p, w, splat(0.04955867677927017f));
    p = fused(p, w, splat(-0.035135671496391296f));
    p = fused(p, w, splat(-0.16704772412776947f));
    p = fused(p, w, splat(-0.333261638879776f));
    return fused(p, w, splat(-0.5000013113021851f));
}

// With w = 1 / (1 + e): e psi(1 + e) - log gamma(1 + e) - e + log(1 + e) / 2, absolute error 2.1e-7.
INLINE vf AT_LEVEL(excess_in_w)(vf w) {
    vf p = splat(0.003094797022640705f);
    p = fused(p, w, splat(-0.013154326938092709f));
    p = fused(p, w, splat(0.012504869140684605f));
    p = fused(p, w, splat(0.0831521525979042f));
    p = fused(p, w, splat(0.3333413004875183f));
    return fused(p, w, splat(-0.4189385771751404f));
}

// For e <= 0.01: (e psi'(1 + e) - 1), relative error of what is added to -1 below 3e-6.
INLINE vf AT_LEVEL(slope_in_e)(vf e) {
    vf p = splat(3.2469697011334144f);
    p = fused(p, e, splat(-2.4041138063191885f));
    p = fused(p, e, splat(1.6449340668482264f));
    return fused(p, e, splat(-1.0f));
}

// For e <= 0.01: e psi(1 + e) - log gamma(1 + e) - e, relative error of what is added to -e below 3e-6.
INLINE vf AT_LEVEL(excess_in_e)(vf e) {
    vf p = splat(0.8117424252833536f);
    p = fused(p, e, splat(-0.8013712687730628f));
    p = fused(p, e, splat(0.8224670334241132f));
    return fused(p, e, splat(-1.0f)) * e;
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

INLINE void AT_LEVEL(evidence_body)(float *x, size_t count, float offset, float low, float high, int moments,
                                    double *sums) {
    vd totals[4] = {{0}, {0}, {0}, {0}};
    for (size_t start = 0; start < count; start += BLOCK * LANES) {
        size_t end = count - start < BLOCK * LANES ? count : start + BLOCK * LANES;
        vf part[4] = {{0}, {0}, {0}, {0}}, more = {0};
        size_t i = start;
        if (!moments) {
            for (; i + 2 * LANES <= end; i += 2 * LANES) {
                vf f = exponential(load(x + i) + offset), g = exponential(load(x + i + LANES) + offset);
                store(x + i, f);
                store(x + i + LANES, g);
                part[0] += AT_LEVEL(bounded)(f, low, high);
                more += AT_LEVEL(bounded)(g, low, high);
            }
            part[0] += more;
        }
        for (; i < end; i += LANES) {
            size_t left = end - i;
            vf f = exponential((left >= LANES ? load(x + i) : load_part(x + i, left)) + offset);
            vf e = AT_LEVEL(bounded)(f, low, high);
            if (left >= LANES) {
                store(x + i, f);
            } else {
                vi mask = AT_LEVEL(lanes_below)(left);
                f = AT_LEVEL(kept)(mask, f);
                e = AT_LEVEL(kept)(mask, e);
                store_part(x + i, f, left);
            }
            part[0] += e;
            if (moments) {
                vf product = f * e;
                part[1] += f;
                part[2] += product;
                part[3] = fused(product, e, part[3]);
            }
        }
        for (int s = 0; s < (moments ? 4 : 1); s++) add_as_double(&totals[s], part[s]);
    }
    for (int s = 0; s < (moments ? 4 : 1); s++) sums[s] = sum_of_doubles(&totals[s]);
}

static void AT_LEVEL(evidence)(float *x, size_t count, float offset, float low, float high, int moments,
                               double *sums) {
    if (moments) {
        AT_LEVEL(evidence_body)(x, count, offset, low, high, 1, sums);
    } else {
        AT_LEVEL(evidence_body)(x, count, offset, low, high, 0, sums);
    }
}

// One vector of the hard form. *part += the excess, but for log(1 + e) / 2 of vectors with large e, where
// *product *= 1 + e instead.
INLINE vf AT_LEVEL(hard_lanes)(vf x, float low, float high, vf first, vf second, int small, vi mask, vf *part,
                               vf *product) {
    vf e = AT_LEVEL(bounded)(x, low, high), g;
    if (small) {
        g = e * fused(second, AT_LEVEL(slope_in_e)(e), first);
        *part += AT_LEVEL(kept)(mask, AT_LEVEL(excess_in_e)(e));
    } else {
        vf a = e + 1.0f, w = 1.0f / a;
        g = e * fused(second * w, AT_LEVEL(slope_in_w)(w), first);
        *part += AT_LEVEL(kept)(mask, AT_LEVEL(excess_in_w)(w));
        *product *= select_lanes(mask, a, splat(1.0f));
    }
    return (vf)((vu)g & (vu)((x >= low) & (x <= high)));
}

static void AT_LEVEL(evidential_hard)(float *x, size_t count, float low, float high, float first, float second,
                                      double *excess) {
    vd total = {0};
    vf a = splat(first), b = splat(second);
    if (second == 0) { // without the divergence
        for (size_t i = 0; i < count; i += LANES) {
            size_t left = count - i;
            vf v = left >= LANES ? load(x + i) : load_part(x + i, left);
            vf g = (vf)((vu)(v * a) & (vu)((v >= low) & (v <= high)));
            if (left >= LANES) {
                store(x + i, g);
            } else {
                store_part(x + i, g, left);
            }
        }
        *excess = 0;
        return;
    }
    vi all = (vi){0} - 1;
    for (size_t start = 0; start < count; start += BLOCK * LANES) {
        size_t end = count - start < BLOCK * LANES ? count : start + BLOCK * LANES;
        vf part = {0};
        size_t i = start;
        for (; i + 4 * LANES <= end; i += 4 * LANES) {
            vf v[4];
            UNROLL for (int s = 0; s < 4; s++) v[s] = load(x + i + s * LANES);
            vi large = ((v[0] > SMALL) | (v[1] > SMALL)) | ((v[2] > SMALL) | (v[3] > SMALL));
            // Four numbers of at most 1 + e^20 have a product that is finite.
            vf product = splat(1.0f);
            if (AT_LEVEL(any_lane)(large)) {
                UNROLL for (int s = 0; s < 4; s++)
                    store(x + i + s * LANES,
                          AT_LEVEL(hard_lanes)(v[s], low, high, a, b, 0, all, &part, &product));
                part = fused(AT_LEVEL(logarithm)(product), splat(-0.5f), part);
            } else {
                UNROLL for (int s = 0; s < 4; s++)
                    store(x + i + s * LANES,
                          AT_LEVEL(hard_lanes)(v[s], low, high, a, b, 1, all, &part, &product));
            }
        }
        for (; i < end; i += LANES) {
            size_t left = end - i;
            vf product = splat(1.0f);
            vf v = left >= LANES ? load(x + i) : load_part(x + i, left);
            vi mask = left >= LANES ? all : AT_LEVEL(lanes_below)(left);
            vf g = AT_LEVEL(hard_lanes)(v, low, high, a, b, 0, mask, &part, &product);
            part = fused(AT_LEVEL(logarithm)(product), splat(-0.5f), part);
            if (left >= LANES) {
                store(x + i, g);
            } else {
                store_part(x + i, g, left);
            }
        }
        add_as_double(&total, part);
    }
    *excess = sum_of_doubles(&total);
}

static void AT_LEVEL(evidential_soft)(float *x, size_t count, float low, float high,
                                      const swiftlet_evidential_terms *terms, double *sums) {
    vd totals[3] = {{0}, {0}, {0}};
    for (size_t start = 0; start < count; start += BLOCK * LANES) {
        size_t end = count - start < BLOCK * LANES ? count : start + BLOCK * LANES;
        vf part[3] = {{0}, {0}, {0}};
        for (size_t i = start; i < end; i += LANES) {
            size_t left = end - i;
            vf f = left >= LANES ? load(x + i) : load_part(x + i, left);
            vf e = AT_LEVEL(bounded)(f, low, high);
            vf a = e + 1.0f, w = 1.0f / a, y = e * w, p = f * terms->share;
            vf log = AT_LEVEL(logarithm)(a);
            vf s = fused(log, splat(-0.5f), AT_LEVEL(excess_in_w)(w));
            // e (A + B R) + B (1 - p) y v(w) - p y + B p e (u - e u')
            vf g = y * AT_LEVEL(slope_in_w)(w) * terms->divergence;
            g = fused(p, fused(e * terms->divergence, fused(e, splat(-terms->bend), splat(terms->slope)), -y) - g,
                      g);
            g = fused(e, splat(terms->common), g);
            g = (vf)((vu)(g * terms->weight) & (vu)((f >= low) & (f <= high)));
            if (left >= LANES) {
                store(x + i, g);
            } else {
                store_part(x + i, g, left);
                s = AT_LEVEL(kept)(AT_LEVEL(lanes_below)(left), s);
                log = AT_LEVEL(kept)(AT_LEVEL(lanes_below)(left), log);
            }
            part[0] += s;
            part[1] = fused(f, log, part[1]);
            part[2] = fused(f, s, part[2]);
        }
        for (int s = 0; s < 3; s++) add_as_double(&totals[s], part[s]);
    }
    for (int s = 0; s < 3; s++) sums[s] = sum_of_doubles(&totals[s]);
}

#undef BLOCK
#undef SMALL

#endif
