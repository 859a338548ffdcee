import SwiftletBytes

/// A source of memory for state that lives through a whole run: parameters, gradients and optimizer
/// moments.
///
/// Everything that trains takes its memory from a store, so where the state is kept is decided
/// once: in anonymous memory (``AnonymousFloats``) or in a file (``MappedFloats``). Results do not
/// depend on the store.
public protocol FloatStore: Sendable {
    /// Returns memory for `count` zeros, which may outlive the store.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noMemory`` or, from a store on disk,
    ///   ``/SwiftletBytes/SwiftletError/Code/writeFailed``.
    func makeBuffer(count: Int) throws(SwiftletError) -> FloatBuffer
}

extension FloatStore {
    /// Returns a matrix of zeros in a new buffer.
    ///
    /// - Throws: The errors of ``makeBuffer(count:)``.
    public func makeMatrix(rows: Int, columns: Int) throws(SwiftletError) -> Matrix {
        Matrix(
            try makeBuffer(count: rows * columns), offset: 0, rows: rows, columns: columns,
            stride: columns)
    }
}

/// Ordinary memory, which the system backs with RAM and swap space.
public struct AnonymousFloats: FloatStore {
    /// Creates the store.
    public init() {}

    /// Returns memory for `count` zeros.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noMemory``.
    public func makeBuffer(count: Int) throws(SwiftletError) -> FloatBuffer {
        guard let memory = FloatBuffer.anonymousMemory(count: count) else {
            throw MemoryExhaustion.error(requested: count * MemoryLayout<Float>.stride)
        }
        return FloatBuffer(owning: memory.start, count: count, mappedBytes: memory.mappedBytes)
    }
}
