import SwiftletBytes
import SwiftletCompute
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

/// Reproducible matrices.
struct Samples {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// Uniform in −1..<1.
    mutating func number() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 33) % 1_000_003) / 1_000_003
    }

    mutating func matrix(_ rows: Int, _ columns: Int) -> Matrix {
        Matrix(rows: rows, columns: columns, (0..<rows * columns).map { _ in number() })
    }
}

extension Matrix {
    /// The largest difference from a table, relative to max(1, |expected|).
    func distance(from expected: Reference.Table) -> Double {
        precondition(rows == expected.rows && columns == expected.columns)
        return zip(values, expected.values).reduce(0) {
            let difference = abs(Double($1.0) - $1.1) / max(1, abs($1.1))
            return difference.isNaN ? .infinity : max($0, difference)
        }
    }

    func distance(from expected: Matrix) -> Double { distance(from: Reference.Table(expected)) }

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
