// The panels that products of many rows read: what packs them and what multiplies them share these sizes.
//
// Both factors are cut into blocks of the sum. A panel of the left factor holds PANEL_ROWS rows: for each step
// of the sum their elements, one after the other. A panel of the right factor holds PANEL_COLUMNS columns in
// the same way. An element is an f32, or a pair of bf16: two steps of the sum at once, the earlier one in the
// lower half. The last panel of the left factor is as high as its rows; in the last panel of the right factor
// missing columns are 0.
//
// The accumulators of a tile of PANEL_ROWS x PANEL_COLUMNS stay in registers, with a row of the right panel and
// one factor: 14 x 2 + 2 + 1 of 32, or 6 x 2 + 2 + 1 of 16. No #pragma once: the sizes are those of the level.
#undef PANEL_ROWS
#undef PANEL_COLUMNS
#if LANES >= 16
#define PANEL_ROWS 14
#else
#define PANEL_ROWS 6
#endif
#define PANEL_COLUMNS (2 * LANES)
