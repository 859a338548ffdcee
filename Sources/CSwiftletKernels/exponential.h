// exp for one level. No #pragma once: bodies include this once per level.

// exp(x) within 2 units in the last place on [-87.33, 88.7228]; anything outside.
//
// x = n ln 2 + r with |r| <= ln 2 / 2, and exp r = 1 + r + r^2 q(r), where q minimises the maximum relative
// error on that interval (Remez, 3.3e-9). Adding n to the exponent's bits multiplies by 2^n.
INLINE vf exponential_within(vf x) {
    const float shift = 0x1.8p23f; // a sum with it is rounded to an integer, which is in its low bits
    vf t = fused(x, splat(0x1.715476p0f), splat(shift));
    vf n = t - shift;
    // ln 2 in two parts; the first has 9 bits, so its product with n is exact.
    vf r = fused(n, splat(-0.693359375f), x);
    r = fused(n, splat(2.12194440e-4f), r);
    vf q = splat(1.381005463e-3f);
    q = fused(q, r, splat(8.368970325e-3f));
    q = fused(q, r, splat(4.166847596e-2f));
    q = fused(q, r, splat(1.666651827e-1f));
    q = fused(q, r, splat(4.999999308e-1f));
    vf p = fused(q, r * r, r) + 1.0f;
    return (vf)((vu)p + ((vu)t << 23));
}

// exp(x) within 2 units in the last place on [-87.33, 88.7228]. Below, where the result would be
// denormal, it is 0: denormals are slow, and masked scores should cost no more than others. Above, it is
// infinity. NaN stays NaN.
INLINE vf exponential(vf x) {
    vu bits = (vu)exponential_within(x) & ~(vu)(x < -87.33f);
    return select_lanes(x <= 88.7228f, (vf)bits, x * __builtin_inff());
}
