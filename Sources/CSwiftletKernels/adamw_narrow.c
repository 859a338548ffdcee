// One step of AdamW where parameters or moments are kept in 16 bits, in one pass over all of them.
//
// The arithmetic is that of adamw.c, in single precision; only what is stored differs. A bf16 that is stored
// is rounded up or down at random, with the probability of its distance: most changes of one step are less
// than half a unit in the last place (a second moment's at every step), and rounding to nearest would lose
// them all. The random bits are a function of key and index.
#ifndef LANES

#include <math.h>

#define SWIFTLET_BODY "adamw_narrow.c"
#include "every_level.h"

void swiftlet_adamw_narrow(swiftlet_state form, void *p, void *low, const float *grad, swiftlet_state moments,
                           void *m, void *v, size_t count, double grad_scale, double lr, double beta1,
                           double beta2, double eps, double decay, double correction1, double correction2,
                           uint32_t key, uint32_t first) {
    // The factors are computed in double and rounded once, as in the reference.
    float keep = (float)(1.0 - lr * decay);
    float step = (float)(lr / correction1);
    float root = (float)sqrt(correction2);
    float fresh1 = (float)(1.0 - beta1), fresh2 = (float)(1.0 - beta2);
    SWIFTLET_RUN(adamw_narrow)(form, p, low, grad, moments, m, v, count, (float)grad_scale, keep, step,
                               (float)beta1, fresh1, (float)beta2, fresh2, root, (float)eps, key, first);
}

#else

#include "split.h"

// 32 random bits for each lane (the mixing of Chris Wellons' "lowbias32").
INLINE vu AT_LEVEL(mix)(vu x) {
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}

// v as a bf16, rounded up if the bits below it and `random` (< 2^16) carry.
INLINE vh AT_LEVEL(round_at_random)(vf v, vu random) {
    vu bits = (vu)v;
    vu rounded = (bits + random) >> 16;
    vu quiet = (bits >> 16) | 0x40u;
    return __builtin_convertvector(select_bits((vi)(v != v), quiet, rounded), vh);
}

// LANES elements of a state, or the first left; the other lanes are 0.
INLINE vf AT_LEVEL(load_state)(swiftlet_state form, const char *p, const char *low, size_t i, size_t left) {
    if (form == SWIFTLET_STATE_F32) {
        const float *floats = (const float *)p + i;
        return left >= LANES ? load(floats) : load_part(floats, left);
    }
    vh high = {0}, rest = {0};
    size_t bytes = left >= LANES ? sizeof high : 2 * left;
    memcpy(&high, p + 2 * i, bytes);
    if (form == SWIFTLET_STATE_BF16) return widen_bf16_lanes(high);
    memcpy(&rest, low + 2 * i, bytes);
    return AT_LEVEL(join_lanes)(high, rest);
}

INLINE void AT_LEVEL(store_state)(swiftlet_state form, char *p, char *low, size_t i, size_t left, vf v,
                                  vu random) {
    if (form == SWIFTLET_STATE_F32) {
        float *floats = (float *)p + i;
        if (left >= LANES)
            store(floats, v);
        else
            store_part(floats, v, left);
        return;
    }
    vh high, rest;
    size_t bytes = left >= LANES ? sizeof high : 2 * left;
    if (form == SWIFTLET_STATE_BF16) {
        high = AT_LEVEL(round_at_random)(v, random);
    } else {
        AT_LEVEL(split_lanes)(v, &high, &rest);
        memcpy(low + 2 * i, &rest, bytes);
    }
    memcpy(p + 2 * i, &high, bytes);
}

// As in adamw.c: no product is fused with a sum.
INLINE void AT_LEVEL(narrow_vector)(swiftlet_state form, char *p, char *low, const float *grad,
                                    swiftlet_state moments, char *m, char *v, size_t i, size_t left,
                                    float grad_scale, float keep, float step, float beta1, float fresh1,
                                    float beta2, float fresh2, float root, float eps, vu index, uint32_t key) {
#if defined(__clang__)
#pragma clang fp contract(off)
#endif
    vf g = (left >= LANES ? load(grad + i) : load_part(grad + i, left)) * grad_scale;
    vf a = AT_LEVEL(load_state)(form, p, low, i, left);
    vf b = AT_LEVEL(load_state)(moments, m, NULL, i, left);
    vf c = AT_LEVEL(load_state)(moments, v, NULL, i, left);
    b = b * beta1 + g * fresh1;
    c = c * beta2 + (g * fresh2) * g;
    a = a * keep - (b * step) / (square_root(c) / root + eps);
    vu bits = AT_LEVEL(mix)(index * 0x9e3779b1u + key);
    AT_LEVEL(store_state)(moments, m, NULL, i, left, b, bits & 0xffffu);
    AT_LEVEL(store_state)(moments, v, NULL, i, left, c, bits >> 16);
    vu more = AT_LEVEL(mix)(bits + 0x85ebca6bu);
    AT_LEVEL(store_state)(form, p, low, i, left, a, more & 0xffffu);
}

INLINE void AT_LEVEL(narrow_pass)(swiftlet_state form, char *p, char *low, const float *grad,
                                  swiftlet_state moments, char *m, char *v, size_t count, float grad_scale,
                                  float keep, float step, float beta1, float fresh1, float beta2,
                                  float fresh2, float root, float eps, uint32_t key, uint32_t first) {
    vu index;
    UNROLL for (int lane = 0; lane < LANES; lane++) index[lane] = first + (uint32_t)lane;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES, index += (uint32_t)LANES) {
        AT_LEVEL(narrow_vector)(form, p, low, grad, moments, m, v, i, LANES, grad_scale, keep, step, beta1,
                                fresh1, beta2, fresh2, root, eps, index, key);
    }
    if (i < count) {
        AT_LEVEL(narrow_vector)(form, p, low, grad, moments, m, v, i, count - i, grad_scale, keep, step, beta1,
                                fresh1, beta2, fresh2, root, eps, index, key);
    }
}

static void AT_LEVEL(adamw_narrow)(swiftlet_state form, void *p, void *low, const float *grad,
                                   swiftlet_state moments, void *m, void *v, size_t count, float grad_scale,
                                   float keep, float step, float beta1, float fresh1, float beta2,
                                   float fresh2, float root, float eps, uint32_t key, uint32_t first) {
    // One loop per combination, in which the forms are constants.
#define NARROW_PASS(F, M)                                                                                    \
    AT_LEVEL(narrow_pass)(F, p, low, grad, M, m, v, count, grad_scale, keep, step, beta1, fresh1, beta2,     \
                          fresh2, root, eps, key, first)
#define NARROW_FORM(M)                                                       \
    if (form == SWIFTLET_STATE_SPLIT)                                        \
        NARROW_PASS(SWIFTLET_STATE_SPLIT, M);                                \
    else if (form == SWIFTLET_STATE_BF16)                                    \
        NARROW_PASS(SWIFTLET_STATE_BF16, M);                                 \
    else                                                                     \
        NARROW_PASS(SWIFTLET_STATE_F32, M)
    if (moments == SWIFTLET_STATE_F32) {
        NARROW_FORM(SWIFTLET_STATE_F32);
    } else {
        NARROW_FORM(SWIFTLET_STATE_BF16);
    }
#undef NARROW_FORM
#undef NARROW_PASS
}

#endif
