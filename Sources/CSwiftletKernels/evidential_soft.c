// The evidential loss of one row over a whole vocabulary with a soft label, which gives every element a share of
// the target: p = share f, with f = exp(z) and evidence e, which is f within bounds. See evidential.c.
#ifndef LANES

#define SWIFTLET_BODY "evidential_soft.c"
#include "every_level.h"

void swiftlet_evidence_moments(float *x, size_t count, float offset, float low, float high, double *sums) {
    SWIFTLET_RUN(evidence_moments)(x, count, offset, low, high, sums);
}

void swiftlet_evidential_soft(float *x, size_t count, float low, float high,
                              const swiftlet_evidential_terms *terms, double *sums) {
    SWIFTLET_RUN(evidential_soft)(x, count, low, high, terms, sums);
}

#else

#include "evidential.h"

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

#undef BLOCK
#undef SMALL
#undef ZETA2
#undef ZETA3
#undef ZETA4

#endif
