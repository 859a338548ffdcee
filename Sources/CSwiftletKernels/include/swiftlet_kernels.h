// SIMD loops with run-time dispatch. They do not allocate, perform I/O or start threads: the caller
// divides the work and owns the memory. Every kernel exists in a portable version and in versions
// for AVX2+FMA+F16C and AVX-512. The processor decides once which version runs; tests can force one.
//
// Unless a comment says otherwise, pointers need only the natural alignment of their elements, the
// arrays of a call do not overlap, the order of a sum depends only on the shape, and a kernel
// overwrites its outputs. "ldx" is the distance between the starts of two rows of x, in elements.
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
    SWIFTLET_LEVEL_AVX512 = 2,       // also AVX-512 F, BW, DQ, VL
    SWIFTLET_LEVEL_AVX512_BF16 = 3,  // also products of pairs of bf16
} swiftlet_level;

// The highest level that this processor supports.
swiftlet_level swiftlet_best_level(void);
// The level in use.
swiftlet_level swiftlet_level_in_use(void);
// Forces a level, for tests; a level above the best one is replaced by it. Returns the level in use.
// Must not be called while kernels run.
swiftlet_level swiftlet_force_level(swiftlet_level level);

// ---- element types --------------------------------------------------------------------------

typedef enum {
    SWIFTLET_F32 = 0,
    SWIFTLET_F16 = 1,   // IEEE half
    SWIFTLET_BF16 = 2,  // upper half of a single
} swiftlet_dtype;

// dst[i] = (float)src[i]; exact. src may have any alignment.
void swiftlet_widen(swiftlet_dtype dtype, const void *src, float *dst, size_t count);
// dst[i] = src[i] rounded to nearest even. A NaN becomes quiet and keeps its sign and the upper part
// of its payload. Returns the number of finite values that became infinite. dst may have any
// alignment.
size_t swiftlet_narrow(swiftlet_dtype dtype, const float *src, void *dst, size_t count);

// y[i] = x[i] rounded to bf16 (to nearest even, a NaN becomes quiet), as a float; y may be x.
void swiftlet_round_bf16(const float *x, float *y, size_t count);

// Range and sum of the elements that are not NaN, and the number of those that are.
typedef struct {
    float min;  // infinity if all are NaN
    float max;  // -infinity if all are NaN
    double sum;
    size_t nan_count;
} swiftlet_statistics;

// src may have any alignment.
swiftlet_statistics swiftlet_statistics_of(swiftlet_dtype dtype, const void *src, size_t count);

// ---- products for few rows ------------------------------------------------------------------

// y[m][n] = bias[n] + sum_k x[m][k] * w(k,n); if accumulate is set, this is added to y. For small m
// (decoding): the weight is read from memory once for up to 8 rows.
//   x: m rows of k. y: m rows of n. bias: n floats or NULL.
//   w: n rows of k elements (out-in order) or k rows of n elements (in-out order).
void swiftlet_product_out_in(swiftlet_dtype dtype, const void *w, size_t ldw, const float *x, size_t ldx,
                             const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                             int accumulate);
void swiftlet_product_in_out(swiftlet_dtype dtype, const void *w, size_t ldw, const float *x, size_t ldx,
                             const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                             int accumulate);
// The same with integers, which stand for multiples of their output's scale. scales: n floats.
void swiftlet_product_out_in_i8(const int8_t *w, size_t ldw, const float *scales, const float *x, size_t ldx,
                                const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                                int accumulate);
void swiftlet_product_in_out_i8(const int8_t *w, size_t ldw, const float *scales, const float *x, size_t ldx,
                                const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                                int accumulate);

// ---- products for many rows -----------------------------------------------------------------

// y[m][n] = or += sum_k left(m,k) right(k,n), from factors that were packed into panels of 32-bit words. A step of
// the sum is one k, or two that share a word.
typedef enum {
    SWIFTLET_PANEL_F32 = 0,
    SWIFTLET_PANEL_ROUNDED = 1,  // rounded to bf16, kept as f32
    SWIFTLET_PANEL_BF16 = 2,     // rounded to bf16, in pairs; quick at SWIFTLET_LEVEL_AVX512_BF16
} swiftlet_panel_form;

// The rows of a panel of the left factor, and the columns of one of the right: words per step. They depend on the
// level.
size_t swiftlet_panel_rows(void);
size_t swiftlet_panel_columns(void);

// Packs the rows of the left factor, or the columns of the right one: `lines` lines of `length` elements. x has a
// row for each element of the lines (by_steps) or for each line. Panels start `stride` words apart.
void swiftlet_pack_left(swiftlet_panel_form form, swiftlet_dtype dtype, int by_steps, const void *x, size_t ldx,
                        size_t lines, size_t length, void *packed, size_t stride);
void swiftlet_pack_right(swiftlet_panel_form form, swiftlet_dtype dtype, int by_steps, const void *x, size_t ldx,
                         size_t lines, size_t length, void *packed, size_t stride);
// The product over some steps. An element's products are added in order of k (of a pair the later one first), and
// their sum is added to y: it does not depend on m, n and the place in them, and if the words are f32 AVX2 and
// AVX-512 are bit-identical.
void swiftlet_multiply_panels(swiftlet_panel_form form, const void *left, size_t left_stride, const void *right,
                              size_t right_stride, float *y, size_t ldy, size_t m, size_t n, size_t steps,
                              int accumulate);

// ---- 8-bit weights --------------------------------------------------------------------------

// dst[i] = src[i] * (scales ? scales[i] : scale).
void swiftlet_widen_i8(const int8_t *src, const float *scales, float scale, float *dst, size_t count);
// most[i] = max(most[i], |x[i]|), where NaN is greater than infinity. most: numbers >= 0.
void swiftlet_raise_magnitudes(const float *x, float *most, size_t count);
// The largest |x[i]|, where NaN is greater than infinity; 0 if count is 0.
float swiftlet_largest_magnitude(const float *x, size_t count);
// dst[i] = x[i] * (factors ? factors[i] : factor), rounded to nearest even and clamped to -127 ... 127;
// 0 for NaN.
void swiftlet_quantize(const float *x, const float *factors, float factor, int8_t *dst, size_t count);

// ---- blocks of quantized elements (ggml) ----------------------------------------------------

// Numbered as in ggml. A block has 32 elements, or 256 where the name ends in K.
typedef enum {
    SWIFTLET_Q4_0 = 2,
    SWIFTLET_Q4_1 = 3,
    SWIFTLET_Q5_0 = 6,
    SWIFTLET_Q5_1 = 7,
    SWIFTLET_Q8_0 = 8,
    SWIFTLET_Q2_K = 10,
    SWIFTLET_Q3_K = 11,
    SWIFTLET_Q4_K = 12,
    SWIFTLET_Q5_K = 13,
    SWIFTLET_Q6_K = 14,
    SWIFTLET_IQ4_NL = 20,
} swiftlet_block_kind;

// Widens blocks, to the bits that the gguf package and ggml compute. src may have any alignment; nothing happens for
// a number that is not a kind.
void swiftlet_widen_blocks(swiftlet_block_kind kind, const void *src, float *dst, size_t blocks);
// Rounds 32 floats per block to Q8_0, to the bits of ggml's quantize_row_q8_0_ref. Returns the number of blocks
// whose scale is not finite, because an element is not or is beyond 127 * 65504; in them NaN becomes 0. dst may have any
// alignment.
size_t swiftlet_narrow_q8_0(const float *src, void *dst, size_t blocks);

// ---- vectors --------------------------------------------------------------------------------

// y += a * x
void swiftlet_axpy(float a, const float *x, float *y, size_t count);
// x *= a
void swiftlet_scale(float a, float *x, size_t count);
// out = a + b; out may be a or b.
void swiftlet_add(const float *a, const float *b, float *out, size_t count);
// The sum of x[i]^2, accumulated in double.
double swiftlet_sum_of_squares(const float *x, size_t count);
// y[c] += sum over rows of x[r][c], rows in order. x: rows x columns.
void swiftlet_add_column_sums(const float *x, size_t ldx, size_t rows, size_t columns, float *y);

// ---- layer normalisation (Ba, Kiros, Hinton 2016; biased variance as torch.nn.LayerNorm) ---------

// y = (x - mean) * rstd * gain + bias for each row. mean, rstd: one float per row, for the backward
// pass; may be NULL. gain may be NULL, for 1; bias may be NULL, for 0. y may be x.
void swiftlet_layer_norm(const float *x, size_t ldx, const float *gain, const float *bias, float eps, float *y,
                         size_t ldy, float *mean, float *rstd, size_t rows, size_t columns);
// dx = (or +=, if accumulate is set) the gradient of x; dgain, dbias += the gradients of gain and bias,
// rows in order; either may be NULL. dx may be dy.
void swiftlet_layer_norm_backward(const float *dy, size_t lddy, const float *x, size_t ldx, const float *gain,
                                  const float *mean, const float *rstd, float *dx, size_t lddx, int accumulate,
                                  float *dgain, float *dbias, size_t rows, size_t columns);

// ---- root mean square normalisation (Zhang, Sennrich 2019) ---------------------------------------

// y = x * rstd * gain for each row, where rstd = 1 / sqrt(mean of x^2 + eps). rstd: one float per row, for
// the backward pass; may be NULL. gain may be NULL, for 1. y may be x.
void swiftlet_rms_norm(const float *x, size_t ldx, const float *gain, float eps, float *y, size_t ldy,
                       float *rstd, size_t rows, size_t columns);
// dx = (or +=, if accumulate is set) the gradient of x; dgain += the gradient of gain, rows in order; may be
// NULL. dx may be dy.
void swiftlet_rms_norm_backward(const float *dy, size_t lddy, const float *x, size_t ldx, const float *gain,
                                const float *rstd, float *dx, size_t lddx, int accumulate, float *dgain,
                                size_t rows, size_t columns);

// ---- rotary position embedding (Su et al. 2021) -------------------------------------------------

// Rotates count heads of one row in place; their starts are stride apart. For i < half and
// (a, b) = (x[i], x[i + half]): x[i] = a cos[i] - b sin[i], x[i + half] = b cos[i] + a sin[i]. If inverse
// is set, sines are negated.
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

// y = exp(x - shift); returns the sum of y, in an order that depends only on count. y may be x.
float swiftlet_exp_sum(const float *x, float shift, float *y, size_t count);
// y = exp(x - shift); y may be x. Returns the sum of y; *dot = sum of y (x - shift), where x - shift below -88
// counts as -88.
double swiftlet_exp_sum_dot(const float *x, float shift, float *y, size_t count, double *dot);
// The largest of x; NaN if any is NaN; minus infinity if count is 0.
float swiftlet_max(const float *x, size_t count);
// log(sum exp x).
float swiftlet_log_sum_exp(const float *x, size_t count);
// Cross-entropy of one row: returns weight * (log sum exp x - x[target]) and replaces x by its gradient,
// weight * (softmax(x) - onehot(target)).
float swiftlet_cross_entropy_backward(float *x, size_t count, size_t target, float weight);
// The index of the largest value that is not NaN; of equal values, the lowest index; 0 if all are NaN.
size_t swiftlet_argmax(const float *x, size_t count);

// ---- evidential loss over a vocabulary (Sensoy, Kaplan, Kandemir 2018) ------------------------------------

// The indices of the first elements above value, at most limit; returns their number.
size_t swiftlet_indices_above(const float *x, size_t count, float value, size_t *indices, size_t limit);
// Replaces x by f = exp(x + offset), or something beyond low ... high where |x + offset| > clamp; low and high
// are exp(-clamp) and exp(clamp), clamp at most 80. *sum = sum of e, which is f within low ... high.
void swiftlet_evidence(float *x, size_t count, float offset, float clamp, float low, float high, double *sum);
// Replaces x by f = exp(x + offset), the exponent within -60 ... 60. sums: sums of e, f, f e, f e^2.
void swiftlet_evidence_moments(float *x, size_t count, float offset, float low, float high, double *sums);
// With u(e) = e psi'(1 + e) - 1: replaces f by e (first + second u(e)), or by 0 outside low ... high; the error of
// e (u(e) + 1) is below 2.6e-5 min(e, 1).
// *excess = sum of e psi(1 + e) - log gamma(1 + e) - e, with an absolute error below 2.6e-5 per element, or
// 0 where second is 0. high: at most e^20.
void swiftlet_evidential_hard(float *x, size_t count, float low, float high, float first, float second,
                              double *excess);
typedef struct {
    float weight;      // of the row
    float share;       // p / f, the soft label of the element
    float common;      // A + B R
    float divergence;  // B
    float slope;       // u_K at the row's evidence
    float bend;        // its derivative
} swiftlet_evidential_terms;
// Replaces f by weight (e common - p e / (1 + e) + B ((1 - p) e u(e) + p e (slope - e bend))) with p = share f, or
// by 0 outside low ... high. With s(e) as above: sums = sums of s(e), f log(1 + e), f s(e).
void swiftlet_evidential_soft(float *x, size_t count, float low, float high,
                              const swiftlet_evidential_terms *terms, double *sums);

// ---- AdamW (Loshchilov, Hutter 2019; in the order of operations of torch.optim.AdamW) ----------------

// For each i, with g = grad[i] * grad_scale:
//   p *= 1 - lr * decay;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;
//   p -= (lr / correction1) * m / (sqrt(v) / sqrt(correction2) + eps)
// with correction1 = 1 - b1^t, correction2 = 1 - b2^t. Factors are computed in double and rounded once.
void swiftlet_adamw(float *p, const float *grad, float *m, float *v, size_t count, double grad_scale, double lr,
                    double beta1, double beta2, double eps, double decay, double correction1,
                    double correction2);

// ---- AdamW over parameters and moments of 16 bits -------------------------------------------------------

// How the elements of parameters or moments are kept.
typedef enum {
    SWIFTLET_STATE_F32 = 0,
    SWIFTLET_STATE_BF16 = 1,   // rounded up or down at random when stored
    SWIFTLET_STATE_SPLIT = 2,  // singles, as a bf16 and the lower 16 bits: swiftlet_split
} swiftlet_state;

// high[i] = x[i] rounded to the nearest bf16, ties away from zero; low[i] = the lower 16 bits of x[i]. A NaN
// becomes quiet and loses its payload. high, low: any alignment.
void swiftlet_split(const float *x, void *high, void *low, size_t count);
// The singles that were split; exact.
void swiftlet_join(const void *high, const void *low, float *x, size_t count);

// swiftlet_adamw on other forms of p (any) and of m and v (f32 or bf16). low: the lower bits of p if it is
// split, else NULL. The rounding of element i is a function of key and first + i.
void swiftlet_adamw_narrow(swiftlet_state form, void *p, void *low, const float *grad, swiftlet_state moments,
                           void *m, void *v, size_t count, double grad_scale, double lr, double beta1,
                           double beta2, double eps, double decay, double correction1, double correction2,
                           uint32_t key, uint32_t first);

#ifdef __cplusplus
}
#endif
