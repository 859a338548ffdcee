// One step of AdamW, in one pass over parameter, gradient and moments.
#ifndef LANES

#include <math.h>

#define SWIFTLET_BODY "adamw.c"
#include "every_level.h"

void swiftlet_adamw(float *p, const float *grad, float *m, float *v, size_t count, double grad_scale, double lr,
                    double beta1, double beta2, double eps, double decay, double correction1,
                    double correction2) {
    // The factors are computed in double and rounded once, as in the reference.
    float keep = (float)(1.0 - lr * decay);
    float step = (float)(lr / correction1);
    float root = (float)sqrt(correction2);
    float fresh1 = (float)(1.0 - beta1), fresh2 = (float)(1.0 - beta2);
    SWIFTLET_RUN(adamw)(p, grad, m, v, count, (float)grad_scale, keep, step, (float)beta1, fresh1,
                        (float)beta2, fresh2, root, (float)eps);
}

#else

// One vector of parameters. No product is fused with a sum: each operation rounds as in the reference, and
// all levels are bit-identical.
INLINE void AT_LEVEL(adamw_vector)(vf *p, vf g, vf *m, vf *v, float grad_scale, float keep, float step,
                                   float beta1, float fresh1, float beta2, float fresh2, float root,
                                   float eps) {
#if defined(__clang__)
#pragma clang fp contract(off)
#endif
    g = g * grad_scale;
    *m = *m * beta1 + g * fresh1;
    *v = *v * beta2 + (g * fresh2) * g;
    *p = *p * keep - (*m * step) / (square_root(*v) / root + eps);
}

// p, grad, m, v: count. Element by element.
static void AT_LEVEL(adamw)(float *p, const float *grad, float *m, float *v, size_t count, float grad_scale,
                            float keep, float step, float beta1, float fresh1, float beta2, float fresh2,
                            float root, float eps) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vf a = load(p + i), b = load(m + i), c = load(v + i);
        AT_LEVEL(adamw_vector)(&a, load(grad + i), &b, &c, grad_scale, keep, step, beta1, fresh1, beta2,
                               fresh2, root, eps);
        store(p + i, a), store(m + i, b), store(v + i, c);
    }
    if (i < count) {
        size_t left = count - i;
        vf a = load_part(p + i, left), b = load_part(m + i, left), c = load_part(v + i, left);
        AT_LEVEL(adamw_vector)(&a, load_part(grad + i, left), &b, &c, grad_scale, keep, step, beta1, fresh1,
                               beta2, fresh2, root, eps);
        store_part(p + i, a, left), store_part(m + i, b, left), store_part(v + i, c, left);
    }
}

#endif
