import SwiftletBytes

extension SwiftletError.Code {
    /// OpenBLAS computes wrong products on this processor.
    public static let wrongProducts = Self("compute.wrongProducts", .defect)
}

extension ComputeContext {
    /// Checks OpenBLAS's products of small matrices against plain loops, in a few milliseconds.
    ///
    /// All the forms that operations use are checked: each factor transposed, overwriting and adding,
    /// scaled, rows with gaps. A release of OpenBLAS that is older than the processor may choose
    /// kernels that compute wrong results; without this check, models would run and produce nonsense.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/wrongProducts``; if the library cannot be used,
    ///   ``SwiftletBytes/SwiftletError/Code/productLibrary`` or
    ///   ``SwiftletBytes/SwiftletError/Code/noMemory``.
    public static func checkProducts() throws(SwiftletError) {
        try ProductLibrary.load()
        for (m, n, k) in [(9, 16, 5), (45, 67, 83), (130, 96, 64)] {
            for (aTransposed, bTransposed) in [(false, false), (false, true), (true, false)] {
                let a = wave(aTransposed ? (k, m) : (m, k))
                let b = wave(bTransposed ? (n, k) : (k, n))
                let (left, right) = (Reference.Table(a), Reference.Table(b))
                let expected = Reference.product(
                    aTransposed ? left.transposed : left, bTransposed ? right.transposed : right)
                for accumulates in [false, true] {
                    // A target of ones, with gaps between its rows.
                    let c = Matrix(rows: m, columns: n + 3).columns(0..<n)
                    c.fill(1)
                    gemm(
                        a, transposed: aTransposed, b, transposed: bTransposed, into: c,
                        accumulate: accumulates, scale: 0.5)
                    let before = accumulates ? 1.0 : 0.0
                    let agrees = zip(c.values, expected.values).allSatisfy {
                        abs(Double($0) - before - 0.5 * $1) < 1e-4
                    }
                    if !agrees { throw wrongProducts }
                }
            }
        }
    }

    private static var wrongProducts: SwiftletError {
        SwiftletError(
            .wrongProducts, "OpenBLAS computes wrong products on this processor",
            hint: "set OPENBLAS_CORETYPE=Haswell in the environment, or update OpenBLAS")
    }

    /// Numbers between −1 and 1, without a pattern that could hide a misplaced element.
    private static func wave(_ shape: (rows: Int, columns: Int)) -> Matrix {
        let matrix = Matrix(rows: shape.rows, columns: shape.columns)
        for row in 0..<shape.rows {
            for column in 0..<shape.columns {
                let mixed = SplitMix64.mix(UInt64(row * 1009 + column))
                matrix[row, column] = Float(mixed % 2001) / 1000 - 1
            }
        }
        return matrix
    }
}
