// Plain vector arithmetic.
#ifndef LANES

#define SWIFTLET_BODY "vector.c"
#include "every_level.h"

void swiftlet_axpy(float a, const float *x, float *y, size_t count) { SWIFTLET_RUN(axpy)(a, x, y, count); }

void swiftlet_scale(float a, float *x, size_t count) { SWIFTLET_RUN(scale)(a, x, count); }

void swiftlet_add(const float *a, const float *b, float *out, size_t count) {
    SWIFTLET_RUN(add)(a, b, out, count);
}

double swiftlet_sum_of_squares(const float *x, size_t count) {
    return SWIFTLET_RUN(sum_of_squares)(x, count);
}

void swiftlet_add_column_sums(const float *x, size_t ldx, size_t rows, size_t columns, float *y) {
    SWIFTLET_RUN(add_column_sums)(x, ldx, rows, columns, y);
}

#else

// x, y: count.
static void AT_LEVEL(axpy)(float a, const float *x, float *y, size_t count) {
    vf factor = splat(a);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store(y + i, fused(factor, load(x + i), load(y + i)));
    if (i < count) {
        size_t left = count - i;
        store_part(y + i, fused(factor, load_part(x + i, left), load_part(y + i, left)), left);
    }
}

static void AT_LEVEL(scale)(float a, float *x, size_t count) {
    vf factor = splat(a);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store(x + i, factor * load(x + i));
    if (i < count) store_part(x + i, factor * load_part(x + i, count - i), count - i);
}

// a, b, out: count; out may be a or b because each vector is read before it is written.
static void AT_LEVEL(add)(const float *a, const float *b, float *out, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) store(out + i, load(a + i) + load(b + i));
    if (i < count) store_part(out + i, load_part(a + i, count - i) + load_part(b + i, count - i), count - i);
}

// Squares are exact in double. Lane j of accumulator s (of four) sums the elements at 4 LANES t + s LANES + j
// in order of t. Then the accumulators are added, then the lanes as a tree.
static double AT_LEVEL(sum_of_squares)(const float *x, size_t count) {
    vd sums[4] = {{0}, {0}, {0}, {0}};
    size_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        UNROLL for (int s = 0; s < 4; s++) {
            vd v = __builtin_convertvector(load(x + i + s * LANES), vd);
            sums[s] += v * v;
        }
    }
    for (int s = 0; i < count; s++, i += LANES) {
        size_t left = count - i;
        vd v = __builtin_convertvector(left >= LANES ? load(x + i) : load_part(x + i, left), vd);
        sums[s] += v * v;
    }
    vd total = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    return sum_of_doubles(&total);
}

// x: rows x columns; y: columns. Each column's sum starts from y and adds the rows in order. Taking four rows
// at a time only saves passes over y.
static void AT_LEVEL(add_column_sums)(const float *x, size_t ldx, size_t rows, size_t columns, float *y) {
    size_t r = 0;
    for (; r + 4 <= rows; r += 4, x += 4 * ldx) {
        size_t c = 0;
        for (; c + LANES <= columns; c += LANES) {
            const float *p = x + c;
            store(y + c, (((load(y + c) + load(p)) + load(p + ldx)) + load(p + 2 * ldx)) + load(p + 3 * ldx));
        }
        for (; c < columns; c++) y[c] = (((y[c] + x[c]) + x[c + ldx]) + x[c + 2 * ldx]) + x[c + 3 * ldx];
    }
    for (; r < rows; r++, x += ldx) AT_LEVEL(add)(x, y, y, columns);
}

#endif
