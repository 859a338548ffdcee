// Layer normalisation and, with a mean of 0, root mean square normalisation, forward and backward.
#ifndef LANES

#include <math.h>

#define SWIFTLET_BODY "norm.c"
#include "every_level.h"

void swiftlet_layer_norm(const float *x, size_t ldx, const float *gain, const float *bias, float eps,
                         float *y, size_t ldy, float *mean, float *rstd, size_t rows, size_t columns) {
    SWIFTLET_RUN(layer_norm)(x, ldx, gain, bias, eps, y, ldy, mean, rstd, rows, columns);
}

void swiftlet_layer_norm_backward(const float *dy, size_t lddy, const float *x, size_t ldx, const float *gain,
                                  const float *mean, const float *rstd, float *dx, size_t lddx,
                                  int accumulate, float *dgain, float *dbias, size_t rows, size_t columns) {
    SWIFTLET_RUN(layer_norm_backward)(dy, lddy, x, ldx, gain, mean, rstd, dx, lddx, accumulate, dgain, dbias,
                                      rows, columns);
}

void swiftlet_rms_norm(const float *x, size_t ldx, const float *gain, float eps, float *y, size_t ldy,
                       float *rstd, size_t rows, size_t columns) {
    SWIFTLET_RUN(rms_norm)(x, ldx, gain, eps, y, ldy, rstd, rows, columns);
}

void swiftlet_rms_norm_backward(const float *dy, size_t lddy, const float *x, size_t ldx, const float *gain,
                                const float *rstd, float *dx, size_t lddx, int accumulate, float *dgain,
                                size_t rows, size_t columns) {
    SWIFTLET_RUN(rms_norm_backward)(dy, lddy, x, ldx, gain, rstd, dx, lddx, accumulate, dgain, rows, columns);
}

#else

// Adds the four f32 accumulators of a row in double, then the lanes as a tree. Whole groups of four vectors
// go to the accumulators in turn, the rest of a row to the first.
INLINE double AT_LEVEL(row_total)(const vf sums[4]) {
    vd total = {0};
    UNROLL for (int s = 0; s < 4; s++) add_as_double(&total, sums[s]);
    return sum_of_doubles(&total);
}

// The squared distances of count <= LANES elements at x from the mean; the other lanes are 0.
INLINE vf AT_LEVEL(squared_distance)(const float *x, vf mean, size_t count) {
    if (count >= LANES) {
        vf d = load(x) - mean;
        return d * d;
    }
    vf d = {0};
    for (size_t j = 0; j < count; j++) d[j] = x[j] - mean[j];
    return d * d;
}

// count <= LANES gains from column c on; ones if gain is NULL.
INLINE vf AT_LEVEL(gains)(const float *gain, size_t c, size_t count) {
    if (!gain) return splat(1.0f);
    return count >= LANES ? load(gain + c) : load_part(gain + c, count);
}

// The mean of a row.
INLINE float AT_LEVEL(row_mean)(const float *x, size_t columns) {
    vf sums[4] = {{0}, {0}, {0}, {0}};
    size_t c = 0;
    for (; c + 4 * LANES <= columns; c += 4 * LANES) {
        UNROLL for (int s = 0; s < 4; s++) sums[s] += load(x + c + s * LANES);
    }
    for (; c < columns; c += LANES)
        sums[0] += columns - c >= LANES ? load(x + c) : load_part(x + c, columns - c);
    return (float)(AT_LEVEL(row_total)(sums) / (double)columns);
}

// centered, a constant where this is inlined: whether to subtract the mean of each row. The variance is then
// computed in a second pass from the distances to the mean, so a large mean does not cancel its digits.
INLINE void AT_LEVEL(norm)(int centered, const float *x, size_t ldx, const float *gain, const float *bias,
                           float eps, float *y, size_t ldy, float *mean, float *rstd, size_t rows,
                           size_t columns) {
    for (size_t r = 0; r < rows; r++, x += ldx, y += ldy) {
        float average = centered ? AT_LEVEL(row_mean)(x, columns) : 0.0f;
        vf m = splat(average);

        vf squares[4] = {{0}, {0}, {0}, {0}};
        size_t c = 0;
        for (; c + 4 * LANES <= columns; c += 4 * LANES) {
            UNROLL for (int s = 0; s < 4; s++) {
                vf d = load(x + c + s * LANES) - m;
                squares[s] = fused(d, d, squares[s]);
            }
        }
        for (; c < columns; c += LANES) squares[0] += AT_LEVEL(squared_distance)(x + c, m, columns - c);
        double variance = AT_LEVEL(row_total)(squares) / (double)columns;
        float scale = (float)(1.0 / sqrt(variance + eps));
        vf k = splat(scale);

        for (c = 0; c + LANES <= columns; c += LANES) {
            vf v = (load(x + c) - m) * k, g = AT_LEVEL(gains)(gain, c, LANES);
            store(y + c, bias ? fused(v, g, load(bias + c)) : v * g);
        }
        if (c < columns) {
            size_t left = columns - c;
            vf v = (load_part(x + c, left) - m) * k, g = AT_LEVEL(gains)(gain, c, left);
            store_part(y + c, bias ? fused(v, g, load_part(bias + c, left)) : v * g, left);
        }
        if (mean) mean[r] = average;
        if (rstd) rstd[r] = scale;
    }
}

// x, y: rows x columns; y may be x; gain, bias (or NULL): columns; mean, rstd (or NULL): rows.
static void AT_LEVEL(layer_norm)(const float *x, size_t ldx, const float *gain, const float *bias, float eps,
                                 float *y, size_t ldy, float *mean, float *rstd, size_t rows,
                                 size_t columns) {
    AT_LEVEL(norm)(1, x, ldx, gain, bias, eps, y, ldy, mean, rstd, rows, columns);
}

static void AT_LEVEL(rms_norm)(const float *x, size_t ldx, const float *gain, float eps, float *y, size_t ldy,
                               float *rstd, size_t rows, size_t columns) {
    AT_LEVEL(norm)(0, x, ldx, gain, NULL, eps, y, ldy, NULL, rstd, rows, columns);
}

// One vector of the second pass below. part < LANES: a partial vector.
INLINE void AT_LEVEL(backward_vector)(const float *dy, const float *x, const float *gain, vf m, vf k, vf a,
                                      vf b, float *dx, int accumulate, float *dgain, float *dbias,
                                      size_t part) {
    int whole = part >= LANES;
    vf d = whole ? load(dy) : load_part(dy, part);
    vf n = ((whole ? load(x) : load_part(x, part)) - m) * k;
    vf g = AT_LEVEL(gains)(gain, 0, part);
    vf result = (d * g - a - n * b) * k;
    if (dgain) {
        vf sum = fused(d, n, whole ? load(dgain) : load_part(dgain, part));
        if (whole)
            store(dgain, sum);
        else
            store_part(dgain, sum, part);
    }
    if (dbias) {
        vf sum = d + (whole ? load(dbias) : load_part(dbias, part));
        if (whole)
            store(dbias, sum);
        else
            store_part(dbias, sum, part);
    }
    if (accumulate) result += whole ? load(dx) : load_part(dx, part);
    if (whole)
        store(dx, result);
    else
        store_part(dx, result, part);
}

// With n = (x - mean) rstd and d = dy gain:
//   dx = rstd (d - mean of d - n mean of d n);  dgain += dy n;  dbias += dy.
// If rows are not centered, mean is 0 and the term with the mean of d is left out.
// dx may be dy, because each element of dy is read for the last time just before it is overwritten.
INLINE void AT_LEVEL(norm_backward)(int centered, const float *dy, size_t lddy, const float *x, size_t ldx,
                                    const float *gain, const float *mean, const float *rstd, float *dx,
                                    size_t lddx, int accumulate, float *dgain, float *dbias, size_t rows,
                                    size_t columns) {
    for (size_t r = 0; r < rows; r++, dy += lddy, x += ldx, dx += lddx) {
        vf m = splat(centered ? mean[r] : 0.0f), k = splat(rstd[r]);
        vf plain[4] = {{0}, {0}, {0}, {0}}, weighted[4] = {{0}, {0}, {0}, {0}};
        size_t c = 0;
        for (; c + 4 * LANES <= columns; c += 4 * LANES) {
            UNROLL for (int s = 0; s < 4; s++) {
                size_t i = c + (size_t)s * LANES;
                vf d = load(dy + i) * AT_LEVEL(gains)(gain, i, LANES);
                if (centered) plain[s] += d;
                weighted[s] = fused(d, (load(x + i) - m) * k, weighted[s]);
            }
        }
        for (; c < columns; c += LANES) {
            size_t left = columns - c;
            int whole = left >= LANES;
            // Past the end dy is 0, so the other lanes add nothing.
            vf d = (whole ? load(dy + c) : load_part(dy + c, left)) * AT_LEVEL(gains)(gain, c, left);
            vf n = ((whole ? load(x + c) : load_part(x + c, left)) - m) * k;
            if (centered) plain[0] += d;
            weighted[0] = fused(d, n, weighted[0]);
        }
        vf a = splat(centered ? (float)(AT_LEVEL(row_total)(plain) / (double)columns) : 0.0f);
        vf b = splat((float)(AT_LEVEL(row_total)(weighted) / (double)columns));

        for (c = 0; c + LANES <= columns; c += LANES)
            AT_LEVEL(backward_vector)(dy + c, x + c, gain ? gain + c : NULL, m, k, a, b, dx + c, accumulate,
                                      dgain ? dgain + c : NULL, dbias ? dbias + c : NULL, LANES);
        if (c < columns)
            AT_LEVEL(backward_vector)(dy + c, x + c, gain ? gain + c : NULL, m, k, a, b, dx + c, accumulate,
                                      dgain ? dgain + c : NULL, dbias ? dbias + c : NULL, columns - c);
    }
}

// dy, x, dx: rows x columns; gain, dgain, dbias (or NULL): columns; mean, rstd: rows.
static void AT_LEVEL(layer_norm_backward)(const float *dy, size_t lddy, const float *x, size_t ldx,
                                          const float *gain, const float *mean, const float *rstd, float *dx,
                                          size_t lddx, int accumulate, float *dgain, float *dbias,
                                          size_t rows, size_t columns) {
    AT_LEVEL(norm_backward)(1, dy, lddy, x, ldx, gain, mean, rstd, dx, lddx, accumulate, dgain, dbias, rows,
                            columns);
}

static void AT_LEVEL(rms_norm_backward)(const float *dy, size_t lddy, const float *x, size_t ldx,
                                        const float *gain, const float *rstd, float *dx, size_t lddx,
                                        int accumulate, float *dgain, size_t rows, size_t columns) {
    AT_LEVEL(norm_backward)(0, dy, lddy, x, ldx, gain, NULL, rstd, dx, lddx, accumulate, dgain, NULL, rows,
                            columns);
}

#endif
