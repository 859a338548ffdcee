/// Operations on masks with one bit per byte, the first byte at the lowest bit.
enum Bits {
    /// `seeds`, and all bits of `mask` below them that are connected to one without a gap.
    @inline(__always)
    static func floodDown(_ seeds: UInt64, through mask: UInt64) -> UInt64 {
        var flood = seeds
        var mask = mask
        flood |= mask & (flood &>> 1)
        mask &= mask &>> 1
        flood |= mask & (flood &>> 2)
        mask &= mask &>> 2
        flood |= mask & (flood &>> 4)
        mask &= mask &>> 4
        flood |= mask & (flood &>> 8)
        mask &= mask &>> 8
        flood |= mask & (flood &>> 16)
        mask &= mask &>> 16
        return flood | mask & (flood &>> 32)
    }

    /// The bits of each run of `mask` from a seed on upwards, where every seed is in `mask`.
    ///
    /// There is at most one seed per run, or later ones do not count.
    @inline(__always)
    static func floodUp(_ seeds: UInt64, through mask: UInt64) -> UInt64 {
        var left = seeds
        var flood: UInt64 = 0
        while left != 0 {
            let seed = left & (0 &- left)
            // The sum carries through the run, which clears it.
            flood |= mask & ~(mask &+ seed)
            left &= ~flood
            left &= ~seed
        }
        return flood
    }
}
