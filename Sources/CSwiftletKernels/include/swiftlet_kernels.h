// SIMD loops with run-time dispatch. No allocation, no I/O, no threads: the caller cuts the work
// and owns the memory. Every kernel exists in a portable version and in versions for AVX2+FMA+F16C
// and AVX-512; which one runs is decided once, by the processor, and can be forced for tests.
//
// Unless a comment says otherwise: pointers need only their element's natural alignment, arrays of
// one call do not overlap, sums run in an order that depends on the shape alone, and a kernel
// overwrites its outputs.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- dispatch -------------------------------------------------------------------------------

typedef enum {
    SWIFTLET_LEVEL_PORTABLE = 0,
    SWIFTLET_LEVEL_AVX2 = 1,    // AVX2, FMA, F16C
    SWIFTLET_LEVEL_AVX512 = 2,  // AVX-512 F, BW, DQ, VL besides
    SWIFTLET_LEVEL_AVX512_BF16 = 3,  // products of pairs of bf16 besides; untested on such a processor so far
} swiftlet_level;

// The best level that this processor has.
swiftlet_level swiftlet_best_level(void);
// The level in use.
swiftlet_level swiftlet_level_in_use(void);
// Forces a level, for tests; a level above the best one is clamped. Returns the level in use.
// Not to be called while kernels run.
swiftlet_level swiftlet_force_level(swiftlet_level level);

// The processors that this process may use.
int swiftlet_processor_count(void);

// ---- element types --------------------------------------------------------------------------

typedef enum {
    SWIFTLET_F32 = 0,
    SWIFTLET_F16 = 1,   // IEEE half
    SWIFTLET_BF16 = 2,  // upper half of a single
} swiftlet_dtype;

// dst[i] = (float)src[i]; exact. src has natural alignment 1 (any address).
void swiftlet_widen(swiftlet_dtype dtype, const void *src, float *dst, size_t count);
// dst[i] = src[i] rounded to nearest even. NaN stays NaN (quiet, sign and upper payload kept).
// Returns how many finite values became infinite. dst may have any address.
size_t swiftlet_narrow(swiftlet_dtype dtype, const float *src, void *dst, size_t count);

// y[i] = x[i] rounded to bf16 (to nearest even, NaN quiet), as a single; y may be x.
void swiftlet_round_bf16(const float *x, float *y, size_t count);

// What some numbers are like, NaN left out of all but its count.
typedef struct {
    float min;  // infinity if there is no number
    float max;  // -infinity likewise
    double sum;
    size_t nan_count;
} swiftlet_statistics;

// src has natural alignment 1.
swiftlet_statistics swiftlet_statistics_of(swiftlet_dtype dtype, const void *src, size_t count);

// ---- products for few rows ------------------------------------------------------------------

// y[m][n] = bias[n] + sum_k x[m][k] * w(k,n), or y += ... when accumulate is set (bias then NULL or
// added too). Meant for small m (decoding): the weight is read once from memory for up to 8 rows.
//   x: m rows of k floats, ldx floats apart. y: m rows of n floats, ldy apart. bias: n floats or NULL.
//   w, out-in order: n rows of k elements, ldw elements apart.
//   w, in-out order: k rows of n elements, ldw elements apart.
void swiftlet_product_out_in(swiftlet_dtype dtype, const void *w, size_t ldw, const float *x, size_t ldx,
                             const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                             int accumulate);
void swiftlet_product_in_out(swiftlet_dtype dtype, const void *w, size_t ldw, const float *x, size_t ldx,
                             const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                             int accumulate);
// The same with integers that count multiples of their output's scale; scales: n floats.
void swiftlet_product_out_in_i8(const int8_t *w, size_t ldw, const float *scales, const float *x, size_t ldx,
                                const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                                int accumulate);
void swiftlet_product_in_out_i8(const int8_t *w, size_t ldw, const float *scales, const float *x, size_t ldx,
                                const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                                int accumulate);

// ---- products of bf16 for many rows ---------------------------------------------------------

// Meant for SWIFTLET_LEVEL_AVX512_BF16; right, but of no use, at every other level.
//
// The 32-bit words of an n x k weight in the form that the product reads: for each 32 outputs, for each
// two inputs, 32 pairs; what is missing is 0.
size_t swiftlet_packed_bf16_words(size_t n, size_t k);
// w: n rows of k elements (out-in) or k rows of n (in-out), ldw elements apart.
void swiftlet_pack_bf16(int in_out, const uint16_t *w, size_t ldw, size_t n, size_t k, uint32_t *packed);
// y[m][n] = or += sum_k x[m][k] * w(k,n). x: m rows of (k + 1) / 2 pairs of bf16, the earlier element in the
// lower half, the last upper half 0 where k is odd, ldx pairs apart.
void swiftlet_product_packed_bf16(const uint32_t *packed, const uint32_t *x, size_t ldx, float *y, size_t ldy,
                                  size_t m, size_t n, size_t k, int accumulate);

// ---- 8-bit weights --------------------------------------------------------------------------

// dst[i] = src[i] * (scales ? scales[i] : scale). src and dst are apart.
void swiftlet_widen_i8(const int8_t *src, const float *scales, float scale, float *dst, size_t count);
// most[i] = max(most[i], |x[i]|), NaN counting as more than infinity. most: numbers >= 0.
void swiftlet_raise_magnitudes(const float *x, float *most, size_t count);
// The largest |x[i]| in that sense; 0 of nothing.
float swiftlet_largest_magnitude(const float *x, size_t count);
// dst[i] = x[i] * (factors ? factors[i] : factor), rounded to nearest even, held in -127 ... 127; 0 for NaN.
void swiftlet_quantize(const float *x, const float *factors, float factor, int8_t *dst, size_t count);

// ---- vectors --------------------------------------------------------------------------------

// y += a * x
void swiftlet_axpy(float a, const float *x, float *y, size_t count);
// x *= a
void swiftlet_scale(float a, float *x, size_t count);
// out = a + b; out may be a or b.
void swiftlet_add(const float *a, const float *b, float *out, size_t count);
// sum of x[i]^2, accumulated in double.
double swiftlet_sum_of_squares(const float *x, size_t count);
// y[c] += sum over rows of x[r][c], rows in order. x: rows x columns, ldx apart.
void swiftlet_add_column_sums(const float *x, size_t ldx, size_t rows, size_t columns, float *y);

// ---- layer normalisation (Ba, Kiros, Hinton 2016; biased variance as torch.nn.LayerNorm) ---------

// y = (x - mean) * rstd * gain + bias per row. mean, rstd: one float a row, kept for the backward
// pass; may be NULL. gain (then 1) and bias (then 0) may be NULL. y may be x.
void swiftlet_layer_norm(const float *x, size_t ldx, const float *gain, const float *bias, float eps, float *y,
                         size_t ldy, float *mean, float *rstd, size_t rows, size_t columns);
// dx = (or += when accumulate) the gradient wrt x; dgain, dbias += theirs (rows in order; either may
// be NULL). dx may be dy.
void swiftlet_layer_norm_backward(const float *dy, size_t lddy, const float *x, size_t ldx, const float *gain,
                                  const float *mean, const float *rstd, float *dx, size_t lddx, int accumulate,
                                  float *dgain, float *dbias, size_t rows, size_t columns);

// ---- root mean square normalisation (Zhang, Sennrich 2019) ---------------------------------------

// y = x * rstd * gain per row, rstd = 1 / sqrt(mean of x^2 + eps), kept where it is not NULL. gain may be
// NULL. y may be x.
void swiftlet_rms_norm(const float *x, size_t ldx, const float *gain, float eps, float *y, size_t ldy,
                       float *rstd, size_t rows, size_t columns);
// dx = (or += when accumulate) the gradient wrt x; dgain += the gain's (rows in order; may be NULL). dx may
// be dy.
void swiftlet_rms_norm_backward(const float *dy, size_t lddy, const float *x, size_t ldx, const float *gain,
                                const float *rstd, float *dx, size_t lddx, int accumulate, float *dgain,
                                size_t rows, size_t columns);

// ---- rotary position embedding (Su et al. 2021) -------------------------------------------------

// In place, for each of count heads, stride apart, of one row: with (a, b) = (x[i], x[i + half]),
// x[i] = a cos[i] - b sin[i] and x[i + half] = b cos[i] + a sin[i] for i < half. inverse: with -sin.
void swiftlet_rotate(float *x, size_t stride, size_t count, const float *cosines, const float *sines,
                     size_t half, int inverse);

// ---- activations ----------------------------------------------------------------------------

typedef enum {
    SWIFTLET_GELU_TANH = 0,  // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
    SWIFTLET_GELU_ERF = 1,   // 0.5 x (1 + erf(x / sqrt 2))
    SWIFTLET_RELU = 2,
    SWIFTLET_SILU = 3,        // x / (1 + exp -x)
    SWIFTLET_GELU_QUICK = 4,  // x / (1 + exp(-1.702 x))
    SWIFTLET_TANH = 5,
} swiftlet_activation;

// y = f(x); y may be x.
void swiftlet_activate(swiftlet_activation f, const float *x, float *y, size_t count);
// dx = dy * f'(x); dx may be dy or x.
void swiftlet_activate_backward(swiftlet_activation f, const float *dy, const float *x, float *dx, size_t count);
// y = f(gate) * up; y may be gate or up.
void swiftlet_activate_gated(swiftlet_activation f, const float *gate, const float *up, float *y, size_t count);
// dgate = dy * up * f'(gate), dup = dy * f(gate); each may be dy, gate or up, but not the other.
void swiftlet_activate_gated_backward(swiftlet_activation f, const float *dy, const float *gate, const float *up,
                                      float *dgate, float *dup, size_t count);

// ---- softmax --------------------------------------------------------------------------------

// y = exp(x - shift); returns the sum of y, in an order of its own fixed by count. y may be x.
float swiftlet_exp_sum(const float *x, float shift, float *y, size_t count);
float swiftlet_max(const float *x, size_t count);
// log(sum exp x): max first, then the sum in double at block ends.
float swiftlet_log_sum_exp(const float *x, size_t count);
// One row of cross entropy: returns weight * (lse - x[target]) and replaces x by its gradient,
// weight * (softmax(x) - onehot(target)).
float swiftlet_cross_entropy_backward(float *x, size_t count, size_t target, float weight);
// The index of the largest value, the lowest of equal ones. NaN is never chosen unless all are NaN
// (then 0).
size_t swiftlet_argmax(const float *x, size_t count);

// ---- AdamW (Loshchilov, Hutter 2019; torch.optim.AdamW's order of operations) ---------------------

// For each i, with g = grad[i] * grad_scale:
//   p *= 1 - lr * decay;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;
//   p -= (lr / correction1) * m / (sqrt(v) / sqrt(correction2) + eps)
// with correction1 = 1 - b1^t, correction2 = 1 - b2^t. Factors are formed in double and rounded once.
void swiftlet_adamw(float *p, const float *grad, float *m, float *v, size_t count, double grad_scale, double lr,
                    double beta1, double beta2, double eps, double decay, double correction1,
                    double correction2);

#ifdef __cplusplus
}
#endif
