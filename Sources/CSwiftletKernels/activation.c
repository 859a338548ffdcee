// Activations and their derivatives. Element by element; the tail is a partial vector, so an
// element's bits do not depend on where it stands.
//
// GELU: Hendrycks, Gimpel 2016; SiLU: Elfwing, Uchibe, Doya 2018.
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

#else

#include "exponential.h"

// 2 sqrt(2 / pi) and its product with 0.044715: with s the logistic function,
// (1 + tanh u) / 2 = s(2 u), which needs no tanh and loses no digits for negative u.
#define SLOPE 1.595769122f
#define CUBIC 0.0713548163f

INLINE vf AT_LEVEL(gelu_argument)(vf x) { return x * fused(x * x, splat(CUBIC), splat(SLOPE)); }

// x s(z) for a z of the sign of x. Where exp(-z) is infinite the result is a zero of x's sign, for
// x = -infinity too.
INLINE vf AT_LEVEL(gated)(vf x, vf z) {
    vf finite = select_lanes(x < -3.0e38f, splat(-3.0e38f), x);
    return finite / (exponential(-z) + 1.0f);
}

// s(z) and s(z) s(-z), both from exp(-|z|): no cancellation at either end.
INLINE void AT_LEVEL(logistic)(vf z, vf *s, vf *slope) {
    vf e = exponential(-absolute(z));
    vf r = 1.0f / (e + 1.0f);
    *s = select_lanes(z < 0.0f, e * r, r);
    *slope = e * r * r;
}

// Holds |x| <= bound; NaN stays. Past the bound the functions have their limits in f32, and inside
// it no infinity can meet a zero.
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

INLINE vf AT_LEVEL(value)(swiftlet_activation f, vf x) {
    if (f == SWIFTLET_RELU) return (vf)((vu)x & ~(vu)(x < 0.0f));
    if (f == SWIFTLET_SILU) return AT_LEVEL(gated)(x, x);
    if (f == SWIFTLET_GELU_TANH) return AT_LEVEL(gated)(x, AT_LEVEL(gelu_argument)(x));
    // max(x, 0) - |x| tail(|x|), the zero of x's sign.
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

// x, y: count; y may be x.
static void AT_LEVEL(activate)(swiftlet_activation f, const float *x, float *y, size_t count) {
    switch (f) {
    case SWIFTLET_GELU_TANH: AT_LEVEL(activate_all)(SWIFTLET_GELU_TANH, x, y, count); break;
    case SWIFTLET_GELU_ERF: AT_LEVEL(activate_all)(SWIFTLET_GELU_ERF, x, y, count); break;
    case SWIFTLET_RELU: AT_LEVEL(activate_all)(SWIFTLET_RELU, x, y, count); break;
    case SWIFTLET_SILU: AT_LEVEL(activate_all)(SWIFTLET_SILU, x, y, count); break;
    }
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

// dy, x, dx: count; dx may be dy or x.
static void AT_LEVEL(activate_backward)(swiftlet_activation f, const float *dy, const float *x, float *dx,
                                        size_t count) {
    switch (f) {
    case SWIFTLET_GELU_TANH: AT_LEVEL(backward_all)(SWIFTLET_GELU_TANH, dy, x, dx, count); break;
    case SWIFTLET_GELU_ERF: AT_LEVEL(backward_all)(SWIFTLET_GELU_ERF, dy, x, dx, count); break;
    case SWIFTLET_RELU: AT_LEVEL(backward_all)(SWIFTLET_RELU, dy, x, dx, count); break;
    case SWIFTLET_SILU: AT_LEVEL(backward_all)(SWIFTLET_SILU, dy, x, dx, count); break;
    }
}

#undef SLOPE
#undef CUBIC

#endif
