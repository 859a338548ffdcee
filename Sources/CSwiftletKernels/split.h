// Singles cut into a bf16 and the rest, for the level that is being compiled. Included once per level.
//
// The bf16 is the single rounded to nearest, ties away from zero, so that it can be used as it is; the lower
// 16 bits of the single complete it. As a signed number they say whether the bf16 was rounded up:
// single = (bf16 << 16) + (int16_t)low. Only the payload of a NaN is lost.

INLINE vf AT_LEVEL(join_lanes)(vh high, vh low) {
    vu below = (vu)((vi)(__builtin_convertvector(low, vu) << 16) >> 16);
    return (vf)((__builtin_convertvector(high, vu) << 16) + below);
}

INLINE void AT_LEVEL(split_lanes)(vf v, vh *high, vh *low) {
    vu bits = (vu)v;
    // With any other payload rounding could turn a NaN into a number.
    bits = select_bits((vi)(v != v), (bits & 0x80000000u) | 0x7fc00000u, bits);
    *high = __builtin_convertvector((bits + 0x8000u) >> 16, vh);
    *low = __builtin_convertvector(bits & 0xffffu, vh);
}
