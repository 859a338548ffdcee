// What the loops of the evidential loss share, for one level. No #pragma once: bodies include this once per
// level.

#include "exponential.h"

// Vectors that are summed in f32 before the sums are added in double.
#define BLOCK 64
// Below it, power series of e; above, polynomials of w = 1 / (1 + e).
#define SMALL 0.01f
// For small e: e psi'(1 + e) = zeta(2) e - 2 zeta(3) e^2 + 3 zeta(4) e^3 ...
#define ZETA2 1.6449340668482264
#define ZETA3 1.2020569031595943
#define ZETA4 1.0823232337111382

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
