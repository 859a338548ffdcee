// Products of a few rows with a weight in either order.
//
// Both orders read the weight once for up to 8 rows of x, and give a row of y the same bits whatever
// rows stand beside it and however the caller cuts n: an output's sum runs over k alone, in an order
// that depends on k.
#ifndef LANES

#define SWIFTLET_BODY "product.c"
#include "every_level.h"

void swiftlet_product_out_in(swiftlet_dtype dtype, const void *w, size_t ldw, const float *x, size_t ldx,
                             const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                             int accumulate) {
    SWIFTLET_RUN(product_out_in)(dtype, w, ldw, x, ldx, bias, y, ldy, m, n, k, accumulate);
}

void swiftlet_product_in_out(swiftlet_dtype dtype, const void *w, size_t ldw, const float *x, size_t ldx,
                             const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                             int accumulate) {
    SWIFTLET_RUN(product_in_out)(dtype, w, ldw, x, ldx, bias, y, ldy, m, n, k, accumulate);
}

#else

#ifndef PRODUCT_SIZES
#define PRODUCT_SIZES
// Rows of x that share one reading of the weight.
#define BLOCK_ROWS 8
// Out-in: elements of k after which the other half of the rows of x gets its turn with the same piece
// of the weight, still in the first cache.
#define OUT_CHUNK 512
// In-out: weight rows summed in registers between reading and writing y, straight from where they lie
// (as many streams as the processor's prefetchers follow), or packed.
#define IN_BLOCK 8
#define PACKED_BLOCK 16
#endif

// A tile's accumulators stay in registers, beside its weight vectors and one factor: 8 x 3 + 3 + 1 of 32
// registers, or 4 x 2 + 2 + 1 of 16 (4 x 3 would take all, and the compiler spills). One or two rows
// take more columns, so that enough sums run at once.
#if LANES >= 16
#define TILE_ROWS 8
#define TILE_COLUMNS 3
#define PANEL 18 // vectors of columns packed at a time, a multiple of TILE_COLUMNS
#else
#define TILE_ROWS 4
#define TILE_COLUMNS 2
#define PANEL 32
#endif
#define FEW_ROWS 2
#define FEW_ROWS_COLUMNS 4
#define TILE_SUMS (TILE_ROWS * FEW_ROWS_COLUMNS)

INLINE size_t AT_LEVEL(element_bytes)(swiftlet_dtype dtype) { return dtype == SWIFTLET_F32 ? 4 : 2; }

// ---- out-in: y[r][c] = sum over k of x[r][k] w[c][k] ----------------------------------------------

// sums[r][c] += x[r] w[c] over k elements, for rows of x and columns (rows of w), both constants
// where this is inlined. One vector accumulator an output: lane j takes the elements j, j + LANES, ... in
// order.
INLINE void AT_LEVEL(out_in_tile)(swiftlet_dtype dtype, int rows, int columns, const char *w, size_t w_stride,
                                  const float *x, size_t ldx, size_t k, vf *sums) {
    vf a[TILE_SUMS];
    UNROLL for (int i = 0; i < rows * columns; i++) a[i] = sums[i];
    const size_t bytes = AT_LEVEL(element_bytes)(dtype);
    size_t i = 0;
    for (; i + LANES <= k; i += LANES) {
        vf wide[FEW_ROWS_COLUMNS];
        UNROLL for (int c = 0; c < columns; c++)
            wide[c] = load_wide(dtype, w + (size_t)c * w_stride + i * bytes);
        UNROLL for (int r = 0; r < rows; r++) {
            vf v = load(x + (size_t)r * ldx + i);
            UNROLL for (int c = 0; c < columns; c++)
                a[r * columns + c] = fused(v, wide[c], a[r * columns + c]);
        }
    }
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

// One group of columns for up to BLOCK_ROWS rows of x.
INLINE void AT_LEVEL(out_in_columns)(swiftlet_dtype dtype, int columns, const char *w, size_t w_stride,
                                     const float *x, size_t ldx, const float *bias, float *y, size_t ldy,
                                     size_t rows, size_t k, int accumulate) {
    vf sums[BLOCK_ROWS * FEW_ROWS_COLUMNS];
    for (size_t i = 0; i < rows * (size_t)columns; i++) sums[i] = splat(0.0f);
    const size_t bytes = AT_LEVEL(element_bytes)(dtype);
    for (size_t start = 0; start < k; start += OUT_CHUNK) {
        size_t chunk = k - start < OUT_CHUNK ? k - start : OUT_CHUNK;
        for (size_t r = 0; r < rows; r += TILE_ROWS) {
            size_t some = rows - r < TILE_ROWS ? rows - r : TILE_ROWS;
            AT_LEVEL(out_in_rows)(dtype, some, columns, w + start * bytes, w_stride, x + r * ldx + start, ldx,
                                  chunk, sums + r * (size_t)columns);
        }
    }
    for (size_t r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
            float sum = sum_of_lanes(sums[r * (size_t)columns + (size_t)c]);
            if (bias) sum += bias[c];
            y[r * ldy + (size_t)c] = accumulate ? y[r * ldy + (size_t)c] + sum : sum;
        }
    }
}

INLINE void AT_LEVEL(out_in)(swiftlet_dtype dtype, const char *w, size_t ldw, const float *x, size_t ldx,
                             const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                             int accumulate) {
    const size_t w_stride = ldw * AT_LEVEL(element_bytes)(dtype);
    for (size_t r = 0; r < m; r += BLOCK_ROWS, x += BLOCK_ROWS * ldx, y += BLOCK_ROWS * ldy) {
        size_t rows = m - r < BLOCK_ROWS ? m - r : BLOCK_ROWS;
        size_t c = 0;
#define COLUMNS(count)                                                                                 \
    for (; c + count <= n; c += count)                                                                 \
    AT_LEVEL(out_in_columns)(dtype, count, w + c * w_stride, w_stride, x, ldx, bias ? bias + c : NULL, \
                             y + c, ldy, rows, k, accumulate)
        if (rows <= FEW_ROWS)
            COLUMNS(FEW_ROWS_COLUMNS);
        else
            COLUMNS(TILE_COLUMNS);
        COLUMNS(1);
#undef COLUMNS
    }
}

// w: n rows of k, ldw apart; x: m rows of k, ldx apart; y: m rows of n, ldy apart; bias: n or NULL.
static void AT_LEVEL(product_out_in)(swiftlet_dtype dtype, const void *w, size_t ldw, const float *x,
                                     size_t ldx, const float *bias, float *y, size_t ldy, size_t m, size_t n,
                                     size_t k, int accumulate) {
    switch (dtype) {
#define CASE(type) \
    case type: AT_LEVEL(out_in)(type, w, ldw, x, ldx, bias, y, ldy, m, n, k, accumulate); break;
        CASE(SWIFTLET_F32)
        CASE(SWIFTLET_F16)
        CASE(SWIFTLET_BF16)
#undef CASE
    }
}

// ---- in-out: y[r][c] = sum over k of x[r][k] w[k][c] ----------------------------------------------

// y[r][0 ..< vectors LANES] += each of k weight rows' products, in order. part > 0:
// there is one vector, of which only the first part lanes exist. The weight is read at w as dtype, or
// from packed, in f32, where that is given. rows and vectors are constants where this is inlined.
INLINE void AT_LEVEL(in_out_tile)(swiftlet_dtype dtype, int rows, int vectors, size_t part, const char *w,
                                  size_t w_stride, const vf *packed, const float *x, size_t ldx, float *y,
                                  size_t ldy, size_t k) {
    vf a[TILE_SUMS];
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            const float *p = y + (size_t)r * ldy + v * LANES;
            a[r * vectors + v] = part > 0 ? load_part(p, part) : load(p);
        }
    }
    const size_t bytes = AT_LEVEL(element_bytes)(dtype);
    for (size_t i = 0; i < k; i++) {
        vf wide[FEW_ROWS_COLUMNS];
        UNROLL for (int v = 0; v < vectors; v++) {
            if (packed)
                wide[v] = packed[i * PANEL + (size_t)v];
            else
                wide[v] = part > 0 ? load_wide_part(dtype, w + i * w_stride, part)
                                   : load_wide(dtype, w + i * w_stride + (size_t)v * LANES * bytes);
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

// One or two rows of x: the weight straight from where it lies.
INLINE void AT_LEVEL(in_out_direct)(swiftlet_dtype dtype, int rows, const char *w, size_t w_stride,
                                    const float *x, size_t ldx, float *y, size_t ldy, size_t n, size_t k) {
    const size_t bytes = AT_LEVEL(element_bytes)(dtype);
    size_t c = 0;
    for (; c + FEW_ROWS_COLUMNS * LANES <= n; c += FEW_ROWS_COLUMNS * LANES)
        AT_LEVEL(in_out_tile)(dtype, rows, FEW_ROWS_COLUMNS, 0, w + c * bytes, w_stride, NULL, x, ldx, y + c,
                              ldy, k);
    for (; c + LANES <= n; c += LANES)
        AT_LEVEL(in_out_tile)(dtype, rows, 1, 0, w + c * bytes, w_stride, NULL, x, ldx, y + c, ldy, k);
    if (c < n)
        AT_LEVEL(in_out_tile)(dtype, rows, 1, n - c, w + c * bytes, w_stride, NULL, x, ldx, y + c, ldy, k);
}

// The tiles of a packed panel of n <= PANEL LANES columns for a constant number of rows.
INLINE void AT_LEVEL(in_out_panel)(int rows, const vf *packed, const float *x, size_t ldx, float *y,
                                   size_t ldy, size_t n, size_t k) {
    size_t c = 0;
    for (; c + TILE_COLUMNS * LANES <= n; c += TILE_COLUMNS * LANES, packed += TILE_COLUMNS)
        AT_LEVEL(in_out_tile)(SWIFTLET_F32, rows, TILE_COLUMNS, 0, NULL, 0, packed, x, ldx, y + c, ldy, k);
    for (; c + LANES <= n; c += LANES, packed++)
        AT_LEVEL(in_out_tile)(SWIFTLET_F32, rows, 1, 0, NULL, 0, packed, x, ldx, y + c, ldy, k);
    if (c < n) AT_LEVEL(in_out_tile)(SWIFTLET_F32, rows, 1, n - c, NULL, 0, packed, x, ldx, y + c, ldy, k);
}

static void AT_LEVEL(in_out_panels)(size_t rows, const vf *packed, const float *x, size_t ldx, float *y,
                                    size_t ldy, size_t n, size_t k) {
    for (size_t r = 0; r < rows; r += TILE_ROWS, x += TILE_ROWS * ldx, y += TILE_ROWS * ldy) {
        switch (rows - r < TILE_ROWS ? rows - r : TILE_ROWS) {
#define CASE(count) \
    case count: AT_LEVEL(in_out_panel)(count, packed, x, ldx, y, ldy, n, k); break;
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
}

// More rows: a piece of the weight is widened once into a panel of f32 in the first cache. Rows of the
// weight are often a multiple of 4096 bytes apart and would throw each other out of that cache if they
// were read again for the next rows of x.
INLINE void AT_LEVEL(in_out_packed)(swiftlet_dtype dtype, size_t rows, const char *w, size_t w_stride,
                                    const float *x, size_t ldx, float *y, size_t ldy, size_t n, size_t k) {
    const size_t bytes = AT_LEVEL(element_bytes)(dtype);
    vf packed[PACKED_BLOCK * PANEL];
    for (size_t c = 0; c < n; c += PANEL * LANES) {
        size_t columns = n - c < PANEL * LANES ? n - c : PANEL * LANES;
        size_t whole = columns / LANES, part = columns % LANES;
        for (size_t i = 0; i < k; i++) {
            const char *row = w + i * w_stride + c * bytes;
            // So many rows at once are more than the processor follows by itself.
            for (size_t ahead = 0; ahead < PANEL * LANES * bytes; ahead += 64)
                __builtin_prefetch(row + PANEL * LANES * bytes + ahead, 0, 3);
            for (size_t v = 0; v < whole; v++)
                packed[i * PANEL + v] = load_wide(dtype, row + v * LANES * bytes);
            if (part > 0)
                packed[i * PANEL + whole] = load_wide_part(dtype, row + whole * LANES * bytes, part);
        }
        AT_LEVEL(in_out_panels)(rows, packed, x, ldx, y + c, ldy, columns, k);
    }
}

INLINE void AT_LEVEL(in_out)(swiftlet_dtype dtype, const char *w, size_t ldw, const float *x, size_t ldx,
                             const float *bias, float *y, size_t ldy, size_t m, size_t n, size_t k,
                             int accumulate) {
    const size_t w_stride = ldw * AT_LEVEL(element_bytes)(dtype);
    for (size_t r = 0; r < m; r += BLOCK_ROWS, x += BLOCK_ROWS * ldx, y += BLOCK_ROWS * ldy) {
        size_t rows = m - r < BLOCK_ROWS ? m - r : BLOCK_ROWS;
        for (size_t i = 0; i < rows; i++) {
            for (size_t c = 0; c < n; c++)
                y[i * ldy + c] = (accumulate ? y[i * ldy + c] : 0.0f) + (bias ? bias[c] : 0.0f);
        }
        const size_t most = rows <= FEW_ROWS ? IN_BLOCK : PACKED_BLOCK;
        for (size_t start = 0; start < k; start += most) {
            size_t block = k - start < most ? k - start : most;
            const char *piece = w + start * w_stride;
            if (rows == 1)
                AT_LEVEL(in_out_direct)(dtype, 1, piece, w_stride, x + start, ldx, y, ldy, n, block);
            else if (rows == 2)
                AT_LEVEL(in_out_direct)(dtype, 2, piece, w_stride, x + start, ldx, y, ldy, n, block);
            else
                AT_LEVEL(in_out_packed)(dtype, rows, piece, w_stride, x + start, ldx, y, ldy, n, block);
        }
    }
}

// w: k rows of n, ldw apart; x: m rows of k, ldx apart; y: m rows of n, ldy apart; bias: n or NULL.
// An output's sum starts from y and bias and takes the products in order of k, one by one.
static void AT_LEVEL(product_in_out)(swiftlet_dtype dtype, const void *w, size_t ldw, const float *x,
                                     size_t ldx, const float *bias, float *y, size_t ldy, size_t m, size_t n,
                                     size_t k, int accumulate) {
    switch (dtype) {
#define CASE(type) \
    case type: AT_LEVEL(in_out)(type, w, ldw, x, ldx, bias, y, ldy, m, n, k, accumulate); break;
        CASE(SWIFTLET_F32)
        CASE(SWIFTLET_F16)
        CASE(SWIFTLET_BF16)
#undef CASE
    }
}

#undef TILE_ROWS
#undef TILE_COLUMNS
#undef PANEL
#undef FEW_ROWS
#undef FEW_ROWS_COLUMNS
#undef TILE_SUMS

#endif
