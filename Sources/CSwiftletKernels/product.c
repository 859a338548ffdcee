// Products of a few rows with a weight in either order.
//
// Both orders read the weight once for up to 8 rows of x. A row of y is bit-identical whatever other rows
// there are and however the caller divides n: an output is a sum over k in an order that depends only on k.
//
// Speed is limited by memory. A processor's own prefetchers stop at each page, and with several rows of x
// there is too much arithmetic between two pages for the next reads to start early. So each piece of the
// weight is prefetched while the piece before it is multiplied.
//
// Example of the out-in order at AVX2 (8 lanes): x of 3 rows, 7 outputs, 70 inputs, f32.
//
//   w    row c holds the 70 weights of output c
//
//   1. With 3 rows, outputs are taken in groups of TILE_COLUMNS = 2: {0, 1}, {2, 3}, {4, 5}; the last one,
//      {6}, alone. Each group is one pass over its rows of w.
//   2. Group {0, 1} has 3 x 2 accumulators a[r][c], all 0. They stay in registers for the whole pass.
//   3. Inputs 0 ... 15 are one cache line of each row of w. First the same line of rows 2 and 3, which the
//      next group needs, is prefetched. Then two steps follow, for inputs 0 ... 7 and 8 ... 15. A step loads
//      w[0][0 ... 7] and w[1][0 ... 7] once, loads x[r][0 ... 7] for each row r and adds the products:
//
//          a[r][c], lane j  +=  x[r][0 + j] * w[c][0 + j]
//
//   4. Inputs 16 ... 31, 32 ... 47 and 48 ... 63 follow in the same way. The 6 inputs left are a partial
//      vector whose lanes 6 and 7 are 0.
//   5. Lane j of a[r][c] is now the sum of x[r][i] * w[c][i] over i = j, j + 8, j + 16, ... The lanes are
//      added as a tree, ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)), then comes bias[c], and the result is
//      y[r][c].
//
// With more rows than TILE_ROWS, for instance 8 at AVX2, the accumulators do not fit the registers. Rows
// 0 ... 3 then take OUT_CHUNK inputs of the group and leave their sums in memory; rows 4 ... 7 take the same
// inputs, which are still in the first cache; then both take the next chunk.
//
// Example of the in-out order at AVX2: x of 3 rows, 21 outputs, 10 inputs, f32.
//
//   w    row i holds the weights of input i for all 21 outputs
//
//   1. y[r] starts as the bias.
//   2. Inputs are taken in blocks of IN_BLOCK: 0 ... 7, then 8 and 9.
//   3. In a block, outputs are taken in tiles of TILE_COLUMNS vectors: 0 ... 15, then the 5 left as a partial
//      vector. Tile 0 ... 15 loads y into 3 x 2 accumulators: lane j of a[r][v] is y[r][8 v + j].
//   4. For each input i of the block: the same 16 outputs of row i + 8, in the next block, are prefetched;
//      w[i][0 ... 7] and w[i][8 ... 15] are loaded once; x[r][i] is copied to all lanes for each row r:
//
//          a[r][v], lane j  +=  x[r][i] * w[i][8 v + j]
//
//   5. After the block the accumulators are stored in y, and the next tile follows.
//
// An output is a lane here and takes its products in order of i, one by one. So the result does not depend on
// the number of lanes, and AVX2 and AVX-512 are bit-identical. More than IN_STRIP outputs are divided into
// strips, each of which is finished for all inputs, so that its part of y stays in the first cache.
#ifndef LANES

#define SWIFTLET_BODY "product.c"
#include "every_level.h"

void swiftlet_product_out_in(swiftlet_dtype dtype, const void *w, size_t ldw, const float *x, size_t ldx,
                             const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                             int accumulate) {
    SWIFTLET_RUN(product_out_in)(dtype, w, ldw, NULL, x, ldx, bias, y, ldy, m, n, k, accumulate);
}

void swiftlet_product_in_out(swiftlet_dtype dtype, const void *w, size_t ldw, const float *x, size_t ldx,
                             const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                             int accumulate) {
    SWIFTLET_RUN(product_in_out)(dtype, w, ldw, NULL, x, ldx, bias, y, ldy, m, n, k, accumulate);
}

void swiftlet_product_out_in_i8(const int8_t *w, size_t ldw, const float *scales, const float *x, size_t ldx,
                                const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                                int accumulate) {
    SWIFTLET_RUN(product_out_in)(SWIFTLET_I8, w, ldw, scales, x, ldx, bias, y, ldy, m, n, k, accumulate);
}

void swiftlet_product_in_out_i8(const int8_t *w, size_t ldw, const float *scales, const float *x, size_t ldx,
                                const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                                int accumulate) {
    SWIFTLET_RUN(product_in_out)(SWIFTLET_I8, w, ldw, scales, x, ldx, bias, y, ldy, m, n, k, accumulate);
}

#else

#ifndef PRODUCT_SIZES
#define PRODUCT_SIZES
// Rows of x that share one reading of the weight.
#define BLOCK_ROWS 8
// Out-in: inputs after which the other half of the rows of x takes the same piece of the weight, which is
// still in the first cache.
#define OUT_CHUNK 512
// In-out: weight rows summed in registers between reading and writing y.
#define IN_BLOCK 8
// In-out: outputs that are finished for all inputs before the next ones, so that y stays in the first
// cache; and outputs after which the other half of the rows of x takes the same piece of the weight.
#define IN_STRIP 2048
#define IN_CHUNK 256
// Bytes in a cache line.
#define LINE 64
// Prefetches a line into the first cache, or into the second. The address may be past the end of the weight.
#define PREFETCH(address) __builtin_prefetch((const void *)((uintptr_t)(address)), 0, 3)
#define PREFETCH_SECOND(address) __builtin_prefetch((const void *)((uintptr_t)(address)), 0, 2)
#endif

// The accumulators of a tile stay in registers, together with its weight vectors and one factor:
// 8 x 3 + 3 + 1 of 32 registers, or 4 x 2 + 2 + 1 of 16 (4 x 3 would need all 16, and the compiler spills).
// One or two rows take more columns, so that there are enough independent sums.
#if LANES >= 16
#define TILE_ROWS 8
#define TILE_COLUMNS 3
#else
#define TILE_ROWS 4
#define TILE_COLUMNS 2
#endif
#define FEW_ROWS 2
#define FEW_ROWS_COLUMNS 4
#define TILE_SUMS (TILE_ROWS * FEW_ROWS_COLUMNS)

// ---- out-in: y[r][c] = sum over k of x[r][k] w[c][k] ----------------------------------------------

// a[r][c] += x[r] w[c] over the LANES elements from i on.
INLINE void AT_LEVEL(out_in_step)(swiftlet_dtype dtype, int rows, int columns, const char *w,
                                  size_t w_stride, const float *x, size_t ldx, size_t i, vf *a) {
    vf wide[FEW_ROWS_COLUMNS];
    UNROLL for (int c = 0; c < columns; c++)
        wide[c] = load_wide(dtype, w + (size_t)c * w_stride + i * element_bytes(dtype));
    UNROLL for (int r = 0; r < rows; r++) {
        vf v = load(x + (size_t)r * ldx + i);
        UNROLL for (int c = 0; c < columns; c++) a[r * columns + c] = fused(v, wide[c], a[r * columns + c]);
    }
}

// sums[r][c] += x[r] w[c] over k elements, for some rows of x and columns of y (rows of w); both numbers are
// constants where this is inlined. Lane j of an accumulator takes the elements j, j + LANES, ... in order.
INLINE void AT_LEVEL(out_in_tile)(swiftlet_dtype dtype, int rows, int columns, const char *w, size_t w_stride,
                                  const float *x, size_t ldx, size_t k, vf *sums) {
    vf a[TILE_SUMS];
    UNROLL for (int i = 0; i < rows * columns; i++) a[i] = sums[i];
    const size_t bytes = element_bytes(dtype), line = LINE / bytes;
    size_t i = 0;
    for (; i + line <= k; i += line) {
        // The same inputs of the next group of columns.
        UNROLL for (int c = 0; c < columns; c++) PREFETCH(w + (size_t)(columns + c) * w_stride + i * bytes);
        UNROLL for (size_t j = 0; j < line; j += LANES)
            AT_LEVEL(out_in_step)(dtype, rows, columns, w, w_stride, x, ldx, i + j, a);
    }
    for (; i + LANES <= k; i += LANES)
        AT_LEVEL(out_in_step)(dtype, rows, columns, w, w_stride, x, ldx, i, a);
    if (i < k) {
        UNROLL for (int c = 0; c < columns; c++) {
            vf wide = load_wide_part(dtype, w + (size_t)c * w_stride + i * bytes, k - i);
            UNROLL for (int r = 0; r < rows; r++)
                a[r * columns + c] =
                    fused(load_part(x + (size_t)r * ldx + i, k - i), wide, a[r * columns + c]);
        }
    }
    UNROLL for (int i = 0; i < rows * columns; i++) sums[i] = a[i];
}

INLINE void AT_LEVEL(out_in_rows)(swiftlet_dtype dtype, size_t rows, int columns, const char *w,
                                  size_t w_stride, const float *x, size_t ldx, size_t k, vf *sums) {
    switch (rows) {
#define CASE(count) \
    case count: AT_LEVEL(out_in_tile)(dtype, count, columns, w, w_stride, x, ldx, k, sums); break;
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
#if TILE_ROWS == 8
        CASE(5)
        CASE(6)
        CASE(7)
        CASE(8)
#endif
#undef CASE
    }
}

// One group of columns of y for up to BLOCK_ROWS rows of x.
INLINE void AT_LEVEL(out_in_columns)(swiftlet_dtype dtype, int columns, const char *w, size_t w_stride,
                                     const float *scales, const float *x, size_t ldx, const float *bias,
                                     float *y, size_t ldy, size_t rows, size_t k, int accumulate) {
    vf sums[BLOCK_ROWS * FEW_ROWS_COLUMNS];
    for (size_t i = 0; i < rows * (size_t)columns; i++) sums[i] = splat(0.0f);
    const size_t most = rows <= TILE_ROWS ? k : OUT_CHUNK;
    for (size_t start = 0; start < k; start += most) {
        size_t chunk = k - start < most ? k - start : most;
        for (size_t r = 0; r < rows; r += TILE_ROWS) {
            size_t some = rows - r < TILE_ROWS ? rows - r : TILE_ROWS;
            AT_LEVEL(out_in_rows)(dtype, some, columns, w + start * element_bytes(dtype), w_stride,
                                  x + r * ldx + start, ldx, chunk, sums + r * (size_t)columns);
        }
    }
    for (size_t r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
            float sum = sum_of_lanes(sums[r * (size_t)columns + (size_t)c]);
            if (dtype == SWIFTLET_I8) sum *= scales[c];
            if (bias) sum += bias[c];
            y[r * ldy + (size_t)c] = accumulate ? y[r * ldy + (size_t)c] + sum : sum;
        }
    }
}

INLINE void AT_LEVEL(out_in)(swiftlet_dtype dtype, const char *w, size_t ldw, const float *scales,
                             const float *x, size_t ldx, const float *bias, float *y, size_t ldy, size_t m,
                             size_t n, size_t k, int accumulate) {
    const size_t w_stride = ldw * element_bytes(dtype);
    for (size_t r = 0; r < m; r += BLOCK_ROWS, x += BLOCK_ROWS * ldx, y += BLOCK_ROWS * ldy) {
        size_t rows = m - r < BLOCK_ROWS ? m - r : BLOCK_ROWS;
        size_t c = 0;
#define COLUMNS(count)                                                                                    \
    for (; c + count <= n; c += count)                                                                    \
    AT_LEVEL(out_in_columns)(dtype, count, w + c * w_stride, w_stride, scales ? scales + c : NULL, x, ldx, \
                             bias ? bias + c : NULL, y + c, ldy, rows, k, accumulate)
        if (rows <= FEW_ROWS)
            COLUMNS(FEW_ROWS_COLUMNS);
        else
            COLUMNS(TILE_COLUMNS);
        COLUMNS(1);
#undef COLUMNS
    }
}

#define EACH_DTYPE(call)                               \
    switch ((int)dtype) {                              \
    case SWIFTLET_F32: call(SWIFTLET_F32); break;      \
    case SWIFTLET_F16: call(SWIFTLET_F16); break;      \
    case SWIFTLET_BF16: call(SWIFTLET_BF16); break;    \
    case SWIFTLET_I8: call(SWIFTLET_I8); break;        \
    }

// w: n rows of k; scales: n, for I8; x: m rows of k; y: m rows of n; bias: n or NULL.
static void AT_LEVEL(product_out_in)(swiftlet_dtype dtype, const void *w, size_t ldw, const float *scales,
                                     const float *x, size_t ldx, const float *bias, float *y, size_t ldy,
                                     size_t m, size_t n, size_t k, int accumulate) {
#define CALL(type) AT_LEVEL(out_in)(type, w, ldw, scales, x, ldx, bias, y, ldy, m, n, k, accumulate)
    EACH_DTYPE(CALL)
#undef CALL
}

// ---- in-out: y[r][c] = sum over k of x[r][k] w[k][c] ----------------------------------------------

// y[r][0 ..< vectors LANES] += the products with k rows of w, in order. If part > 0 there is one vector, of
// which only the first part lanes exist. rows and vectors are constants where this is inlined.
INLINE void AT_LEVEL(in_out_tile)(swiftlet_dtype dtype, int rows, int vectors, size_t part, const char *w,
                                  size_t w_stride, const float *scales, const float *x, size_t ldx, float *y,
                                  size_t ldy, size_t k) {
    vf a[TILE_SUMS], scale[FEW_ROWS_COLUMNS];
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            const float *p = y + (size_t)r * ldy + v * LANES;
            a[r * vectors + v] = part > 0 ? load_part(p, part) : load(p);
        }
    }
    if (dtype == SWIFTLET_I8) {
        UNROLL for (int v = 0; v < vectors; v++)
            scale[v] = part > 0 ? load_part(scales, part) : load(scales + v * LANES);
    }
    const size_t bytes = element_bytes(dtype);
    for (size_t i = 0; i < k; i++) {
        const char *row = w + i * w_stride;
        // The same outputs of the next block of rows. Rows are often a multiple of 4096 bytes apart and then
        // share a set of the first cache, which has no room for two blocks of them.
        UNROLL for (size_t at = 0; at < (size_t)vectors * LANES * bytes; at += LINE)
            PREFETCH_SECOND(row + IN_BLOCK * w_stride + at);
        vf wide[FEW_ROWS_COLUMNS];
        UNROLL for (int v = 0; v < vectors; v++) {
            wide[v] = part > 0 ? load_wide_part(dtype, row, part)
                               : load_wide(dtype, row + (size_t)v * LANES * bytes);
            if (dtype == SWIFTLET_I8) wide[v] *= scale[v];
        }
        UNROLL for (int r = 0; r < rows; r++) {
            vf factor = splat(x[(size_t)r * ldx + i]);
            UNROLL for (int v = 0; v < vectors; v++)
                a[r * vectors + v] = fused(factor, wide[v], a[r * vectors + v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            float *p = y + (size_t)r * ldy + v * LANES;
            if (part > 0)
                store_part(p, a[r * vectors + v], part);
            else
                store(p, a[r * vectors + v]);
        }
    }
}

// The tiles of n columns for a constant number of rows.
INLINE void AT_LEVEL(in_out_columns)(swiftlet_dtype dtype, int rows, const char *w, size_t w_stride,
                                     const float *scales, const float *x, size_t ldx, float *y, size_t ldy,
                                     size_t n, size_t k) {
    const size_t bytes = element_bytes(dtype);
    size_t c = 0;
#define TILES(vectors, width, part)                                                                  \
    for (; c + (width) <= n && c < n; c += (width))                                                  \
    AT_LEVEL(in_out_tile)(dtype, rows, vectors, part, w + c * bytes, w_stride,                       \
                          scales ? scales + c : NULL, x, ldx, y + c, ldy, k)
    if (rows <= FEW_ROWS)
        TILES(FEW_ROWS_COLUMNS, FEW_ROWS_COLUMNS * LANES, 0);
    else
        TILES(TILE_COLUMNS, TILE_COLUMNS * LANES, 0);
    TILES(1, LANES, 0);
    TILES(1, n - c, n - c);
#undef TILES
}

INLINE void AT_LEVEL(in_out_rows)(swiftlet_dtype dtype, size_t rows, const char *w, size_t w_stride,
                                  const float *scales, const float *x, size_t ldx, float *y, size_t ldy,
                                  size_t n, size_t k) {
    switch (rows) {
#define CASE(count) \
    case count: AT_LEVEL(in_out_columns)(dtype, count, w, w_stride, scales, x, ldx, y, ldy, n, k); break;
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
#if TILE_ROWS == 8
        CASE(5)
        CASE(6)
        CASE(7)
        CASE(8)
#endif
#undef CASE
    }
}

// A strip of n columns over all of k for up to BLOCK_ROWS rows of x.
INLINE void AT_LEVEL(in_out_strip)(swiftlet_dtype dtype, size_t rows, const char *w, size_t w_stride,
                                   const float *scales, const float *x, size_t ldx, float *y, size_t ldy,
                                   size_t n, size_t k) {
    const size_t bytes = element_bytes(dtype);
    const size_t most = rows <= TILE_ROWS ? n : IN_CHUNK;
    for (size_t start = 0; start < k; start += IN_BLOCK) {
        size_t block = k - start < IN_BLOCK ? k - start : IN_BLOCK;
        for (size_t c = 0; c < n; c += most) {
            size_t columns = n - c < most ? n - c : most;
            for (size_t r = 0; r < rows; r += TILE_ROWS)
                AT_LEVEL(in_out_rows)(dtype, rows - r < TILE_ROWS ? rows - r : TILE_ROWS,
                                      w + start * w_stride + c * bytes, w_stride,
                                      scales ? scales + c : NULL, x + r * ldx + start, ldx, y + r * ldy + c,
                                      ldy, columns, block);
        }
    }
}

// y = (y or 0) + (bias or 0)
INLINE void AT_LEVEL(begin)(float *y, const float *bias, size_t n, int accumulate) {
    if (!accumulate && bias && n > 0) memcpy(y, bias, n * sizeof(float));
    if (!accumulate && !bias && n > 0) memset(y, 0, n * sizeof(float));
    if (!accumulate || !bias) return;
    size_t c = 0;
    for (; c + LANES <= n; c += LANES) store(y + c, load(y + c) + load(bias + c));
    for (; c < n; c++) y[c] += bias[c];
}

INLINE void AT_LEVEL(in_out)(swiftlet_dtype dtype, const char *w, size_t ldw, const float *scales,
                             const float *x, size_t ldx, const float *bias, float *y, size_t ldy, size_t m,
                             size_t n, size_t k, int accumulate) {
    const size_t bytes = element_bytes(dtype);
    for (size_t r = 0; r < m; r += BLOCK_ROWS, x += BLOCK_ROWS * ldx, y += BLOCK_ROWS * ldy) {
        size_t rows = m - r < BLOCK_ROWS ? m - r : BLOCK_ROWS;
        for (size_t i = 0; i < rows; i++) AT_LEVEL(begin)(y + i * ldy, bias, n, accumulate);
        for (size_t c = 0; c < n; c += IN_STRIP)
            AT_LEVEL(in_out_strip)(dtype, rows, w + c * bytes, ldw * bytes, scales ? scales + c : NULL, x, ldx,
                                   y + c, ldy, n - c < IN_STRIP ? n - c : IN_STRIP, k);
    }
}

// w: k rows of n; scales: n, for I8; x: m rows of k; y: m rows of n; bias: n or NULL. An output starts as y
// plus bias and takes the products in order of k, one by one.
static void AT_LEVEL(product_in_out)(swiftlet_dtype dtype, const void *w, size_t ldw, const float *scales,
                                     const float *x, size_t ldx, const float *bias, float *y, size_t ldy,
                                     size_t m, size_t n, size_t k, int accumulate) {
#define CALL(type) AT_LEVEL(in_out)(type, w, ldw, scales, x, ldx, bias, y, ldy, m, n, k, accumulate)
    EACH_DTYPE(CALL)
#undef CALL
}

#undef EACH_DTYPE
#undef TILE_ROWS
#undef TILE_COLUMNS
#undef FEW_ROWS
#undef FEW_ROWS_COLUMNS
#undef TILE_SUMS

#endif
