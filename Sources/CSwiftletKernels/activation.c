// Activations and their derivatives. Element by element; the tail is a partial vector, so the result for an
// element does not depend on its position.
//
// GELU: Hendrycks, Gimpel 2016; SiLU: Elfwing, Uchibe, Doya 2018; gating: Shazeer 2020.
#ifndef LANES

#define SWIFTLET_BODY "activation.c"
#include "every_level.h"

void swiftlet_activate(swiftlet_activation f, const float *x, float *y, size_t count) {
    SWIFTLET_RUN(activate)(f, x, y, count);
}

void swiftlet_activate_backward(swiftlet_activation f, const float *dy, const float *x, float *dx,
                                size_t count) {
    SWIFTLET_RUN(activate_backward)(f, dy, x, dx, count);
}

void swiftlet_activate_gated(swiftlet_activation f, const float *gate, const float *up, float *y,
                             size_t count) {
    SWIFTLET_RUN(activate_gated)(f, gate, up, y, count);
}

void swiftlet_activate_gated_backward(swiftlet_activation f, const float *dy, const float *gate,
                                      const float *up, float *dgate, float *dup, size_t count) {
    SWIFTLET_RUN(activate_gated_backward)(f, dy, gate, up, dgate, dup, count);
}

#else

#include "exponential.h"

// 2 sqrt(2 / pi), and its product with 0.044715. With the logistic function s, (1 + tanh u) / 2 = s(2 u),
// which needs no tanh and does not cancel for negative u.
#define SLOPE 1.595769122f
#define CUBIC 0.0713548163f
#define QUICK 1.702f

INLINE vf AT_LEVEL(gelu_argument)(vf x) { return x * fused(x * x, splat(CUBIC), splat(SLOPE)); }

// x s(z), where z has the sign of x. If exp(-z) is infinite, the result is a zero with the sign of x, also
// for x = -infinity.
INLINE vf AT_LEVEL(gated)(vf x, vf z) {
    vf finite = select_lanes(x < -3.0e38f, splat(-3.0e38f), x);
    return finite / (exponential(-z) + 1.0f);
}

// s(z) and s(z) s(-z), both computed from exp(-|z|), so nothing cancels for large z of either sign.
INLINE void AT_LEVEL(logistic)(vf z, vf *s, vf *slope) {
    vf e = exponential(-absolute(z));
    vf r = 1.0f / (e + 1.0f);
    *s = select_lanes(z < 0.0f, e * r, r);
    *slope = e * r * r;
}

// Clamps x to -bound ... bound; NaN stays NaN. At the bound the functions have reached their limits in f32;
// within it, no product of infinity and 0 can occur.
INLINE vf AT_LEVEL(clamped)(vf x, float bound) {
    x = select_lanes(x > bound, splat(bound), x);
    return select_lanes(x < -bound, splat(-bound), x);
}

// erfc(|x| / sqrt 2) / 2, the normal distribution's upper tail at |x| <= 20, and exp(-x^2 / 2).
// With z = |x| / sqrt 2 and t = 1 / (1 + 0.35 z), exp(z^2) erfc(z) is a polynomial in t (Remez on
// z <= 10, relative error 1.9e-8).
INLINE vf AT_LEVEL(normal_tail)(vf x, vf *bell) {
    vf a = absolute(x);
    *bell = exponential(a * a * -0.5f);
    vf t = 1.0f / fused(a, splat(0.247487373f), splat(1.0f));
    vf p = splat(6.507490713e-2f);
    p = fused(p, t, splat(-3.922041367e-1f));
    p = fused(p, t, splat(8.204460377e-1f));
    p = fused(p, t, splat(-7.135607432e-1f));
    p = fused(p, t, splat(6.494973051e-1f));
    p = fused(p, t, splat(-6.218890504e-2f));
    p = fused(p, t, splat(2.480292734e-1f));
    p = fused(p, t, splat(1.863636984e-1f));
    p = fused(p, t, splat(1.985922700e-1f));
    p = fused(p, t, splat(-4.972515041e-5f));
    return p * *bell * 0.5f;
}

// With a = |x|: below 0.6, a + a^3 p(a^2) with a polynomial p (Remez, relative error 2.8e-9), which keeps all
// digits of a small x; above, (1 - e) / (1 + e) with e = exp(-2 a). The result gets the sign of x, also if
// x is 0.
INLINE vf AT_LEVEL(hyperbolic_tangent)(vf x) {
    vf a = absolute(x), square = a * a;
    vf p = splat(-5.895161560e-3f);
    p = fused(p, square, splat(2.079596830e-2f));
    p = fused(p, square, splat(-5.378382847e-2f));
    p = fused(p, square, splat(1.333192360e-1f));
    p = fused(p, square, splat(-3.333329825e-1f));
    vf small = fused(a * square, p, a);
    vf e = exponential(a * -2.0f);
    vf magnitude = select_lanes(a < 0.6f, small, (1.0f - e) / (e + 1.0f));
    return (vf)((vu)magnitude | ((vu)x & 0x80000000u));
}

INLINE vf AT_LEVEL(value)(swiftlet_activation f, vf x) {
    if (f == SWIFTLET_RELU) return (vf)((vu)x & ~(vu)(x < 0.0f));
    if (f == SWIFTLET_SILU) return AT_LEVEL(gated)(x, x);
    if (f == SWIFTLET_GELU_QUICK) return AT_LEVEL(gated)(x, x * QUICK);
    if (f == SWIFTLET_TANH) return AT_LEVEL(hyperbolic_tangent)(x);
    if (f == SWIFTLET_GELU_TANH) return AT_LEVEL(gated)(x, AT_LEVEL(gelu_argument)(x));
    // max(x, 0) - |x| tail(|x|), where a zero has the sign of x.
    vf bell, c = AT_LEVEL(clamped)(x, 20.0f);
    vf tail = AT_LEVEL(normal_tail)(c, &bell);
    vf positive = (vf)select_bits(x < 0.0f, (vu){0} + 0x80000000u, (vu)x);
    return positive - absolute(c) * tail;
}

INLINE vf AT_LEVEL(derivative)(swiftlet_activation f, vf x) {
    if (f == SWIFTLET_RELU) return select_lanes(x != x, x, (vf)((vu)(x > 0.0f) & (vu)splat(1.0f)));
    if (f == SWIFTLET_SILU) {
        vf s, slope, c = AT_LEVEL(clamped)(x, 90.0f);
        AT_LEVEL(logistic)(c, &s, &slope);
        return fused(c, slope, s);
    }
    if (f == SWIFTLET_GELU_QUICK) {
        vf s, slope, c = AT_LEVEL(clamped)(x, 60.0f);
        AT_LEVEL(logistic)(c * QUICK, &s, &slope);
        return fused(c * QUICK, slope, s);
    }
    if (f == SWIFTLET_TANH) {
        // 1 - tanh^2 x = 4 s(2x) s(-2x), which does not cancel.
        vf s, slope;
        AT_LEVEL(logistic)(x * 2.0f, &s, &slope);
        return slope * 4.0f;
    }
    vf c = AT_LEVEL(clamped)(x, 20.0f);
    if (f == SWIFTLET_GELU_TANH) {
        vf s, slope;
        AT_LEVEL(logistic)(AT_LEVEL(gelu_argument)(c), &s, &slope);
        vf inner = fused(c * c, splat(3.0f * CUBIC), splat(SLOPE));
        return fused(c * inner, slope, s);
    }
    vf bell, tail = AT_LEVEL(normal_tail)(c, &bell);
    return fused(c * bell, splat(0.398942280f), select_lanes(c < 0.0f, tail, 1.0f - tail));
}

INLINE void AT_LEVEL(activate_all)(swiftlet_activation f, const float *x, float *y, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store(y + i, AT_LEVEL(value)(f, load(x + i)));
    if (i < count) store_part(y + i, AT_LEVEL(value)(f, load_part(x + i, count - i)), count - i);
}

INLINE void AT_LEVEL(backward_all)(swiftlet_activation f, const float *dy, const float *x, float *dx,
                                   size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store(dx + i, load(dy + i) * AT_LEVEL(derivative)(f, load(x + i)));
    if (i < count) {
        size_t left = count - i;
        store_part(dx + i, load_part(dy + i, left) * AT_LEVEL(derivative)(f, load_part(x + i, left)), left);
    }
}

INLINE void AT_LEVEL(gated_all)(swiftlet_activation f, const float *gate, const float *up, float *y,
                                size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        store(y + i, AT_LEVEL(value)(f, load(gate + i)) * load(up + i));
    if (i < count) {
        size_t left = count - i;
        store_part(y + i, AT_LEVEL(value)(f, load_part(gate + i, left)) * load_part(up + i, left), left);
    }
}

// A vector's inputs are all read before its outputs are written, so outputs may overwrite inputs.
INLINE void AT_LEVEL(gated_backward_all)(swiftlet_activation f, const float *dy, const float *gate,
                                         const float *up, float *dgate, float *dup, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vf d = load(dy + i), g = load(gate + i), u = load(up + i);
        store(dgate + i, d * u * AT_LEVEL(derivative)(f, g));
        store(dup + i, d * AT_LEVEL(value)(f, g));
    }
    if (i < count) {
        size_t left = count - i;
        vf d = load_part(dy + i, left), g = load_part(gate + i, left), u = load_part(up + i, left);
        store_part(dgate + i, d * u * AT_LEVEL(derivative)(f, g), left);
        store_part(dup + i, d * AT_LEVEL(value)(f, g), left);
    }
}

// One loop per function, so that there is no branch inside a loop.
#define EACH(call)                                                \
    switch (f) {                                                  \
    case SWIFTLET_GELU_TANH: call(SWIFTLET_GELU_TANH); break;     \
    case SWIFTLET_GELU_ERF: call(SWIFTLET_GELU_ERF); break;       \
    case SWIFTLET_RELU: call(SWIFTLET_RELU); break;               \
    case SWIFTLET_SILU: call(SWIFTLET_SILU); break;               \
    case SWIFTLET_GELU_QUICK: call(SWIFTLET_GELU_QUICK); break;   \
    case SWIFTLET_TANH: call(SWIFTLET_TANH); break;               \
    }

// x, y: count; y may be x.
static void AT_LEVEL(activate)(swiftlet_activation f, const float *x, float *y, size_t count) {
#define CALL(f) AT_LEVEL(activate_all)(f, x, y, count)
    EACH(CALL)
#undef CALL
}

// dy, x, dx: count; dx may be dy or x.
static void AT_LEVEL(activate_backward)(swiftlet_activation f, const float *dy, const float *x, float *dx,
                                        size_t count) {
#define CALL(f) AT_LEVEL(backward_all)(f, dy, x, dx, count)
    EACH(CALL)
#undef CALL
}

// gate, up, y: count; y may be either.
static void AT_LEVEL(activate_gated)(swiftlet_activation f, const float *gate, const float *up, float *y,
                                     size_t count) {
#define CALL(f) AT_LEVEL(gated_all)(f, gate, up, y, count)
    EACH(CALL)
#undef CALL
}

// All: count; dgate and dup may each be dy, gate or up, but not each other.
static void AT_LEVEL(activate_gated_backward)(swiftlet_activation f, const float *dy, const float *gate,
                                              const float *up, float *dgate, float *dup, size_t count) {
#define CALL(f) AT_LEVEL(gated_backward_all)(f, dy, gate, up, dgate, dup, count)
    EACH(CALL)
#undef CALL
}

#undef EACH
#undef SLOPE
#undef CUBIC
#undef QUICK

#endif
