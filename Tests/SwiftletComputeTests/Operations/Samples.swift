import SwiftletBytes
import SwiftletCompute
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

/// Reproducible matrices.
struct Samples {
    private var random: SplitMix64

    init(_ seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Returns a number that is uniform in −1..<1.
    mutating func number() -> Float { Float.random(in: -1..<1, using: &random) }

    mutating func matrix(_ rows: Int, _ columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns, (0..<rows * columns).map { _ in number() })
    }
}

/// Expects a matrix to agree with a table, within a tolerance relative to max(1, |expected|).
func expectClose(
    _ found: Matrix, _ expected: Reference.Table, within tolerance: Double,
    _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    precondition(found.rows == expected.rows && found.columns == expected.columns)
    expectClose(
        found.values, expected.values, within: relative(tolerance, to: expected.values), what(),
        sourceLocation: sourceLocation)
}

/// Expects two matrices to agree, within a tolerance relative to max(1, |expected|).
func expectClose(
    _ found: Matrix, _ expected: Matrix, within tolerance: Double,
    _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    expectClose(
        found, Reference.Table(expected), within: tolerance, what(),
        sourceLocation: sourceLocation)
}

extension Matrix {
    /// A copy of the values in 16 bits.
    func narrowed(to dtype: DType) -> ByteView {
        var bytes: [UInt8] = []
        _ = narrow(to: dtype) { bytes += $0 }
        return ByteView(bytes)
    }
}

/// Inputs and results of an operation, computed with PyTorch.
struct Vectors {
    private let file: SafetensorsFile

    init(_ name: String) throws {
        file = try SafetensorsFile(path: TestFiles.fixture("operations/\(name).safetensors"))
    }

    /// A tensor as a matrix; a tensor with fewer than two dimensions becomes one row.
    func matrix(_ name: String) throws -> Matrix {
        let tensor = try #require(file[name])
        let columns = tensor.shape.last ?? 1
        let values = try tensor.floats()
        return Matrix(
            rows: columns == 0 ? 0 : values.count / columns, columns: columns, values)
    }

    func integers(_ name: String) throws -> [Int] {
        let tensor = try #require(file[name])
        try #require(tensor.dtype == .i64)
        return try tensor.bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 8).map {
                Int(bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self))
            }
        }
    }
}

/// Contexts with different numbers of threads: tests that use them all also check that results do not
/// depend on that number.
let contexts = [1, 2, 3].map { ComputeContext(uncheckedThreadCount: $0) }
