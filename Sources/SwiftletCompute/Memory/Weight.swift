import CSwiftletKernels
import SwiftletBytes

/// A matrix of a model as it is stored: bytes in a mapped file or in memory, of any weight dtype, in
/// either order.
///
/// Products read a weight in place; no converted or transposed copy is made.
public struct Weight: Sendable {
    /// Which of the two indexes selects a row of the memory.
    public enum Order: Sendable {
        /// Row o holds the weights of output o: `torch.nn.Linear`.
        case outIn
        /// Row i holds the weights of input i: GPT-2's Conv1D, HDF5's Dense kernels.
        case inOut
    }

    /// The elements, without gaps between rows.
    public let bytes: ByteView
    /// The element type: f32, f16, bf16, i8 with ``scales``, or blocks of quantized elements.
    public let dtype: DType
    /// 1 × outSize: the factor that turns each output's integers into values; nil unless the dtype is
    /// i8.
    public let scales: Matrix?
    /// The number of outputs: the length of a product's result rows.
    public let outSize: Int
    /// The number of inputs: the length of a product's input rows.
    public let inSize: Int
    /// The order of the elements.
    public let order: Order
    /// The 16 bits that complete each bf16 to single precision, for a matrix in two halves
    /// (``HalfMatrix``).
    ///
    /// Products use the bf16; lookups of rows use both.
    var remainder: ByteView?
    /// Whether the bytes were copied because their address was misaligned for the dtype.
    public let wasCopied: Bool
    /// The row of the memory that each output is, for a weight whose file has them in another order than
    /// the model (`RowOrder`); nil for a weight whose row o is output o.
    private(set) var storedRows: [Int32]?

    /// Creates a weight over bytes, as a rule in a mapped file.
    ///
    /// - Parameters:
    ///   - bytes: outSize × inSize elements in `order`.
    ///   - dtype: the element type.
    ///   - outSize: outputs.
    ///   - inSize: inputs.
    ///   - order: the order of the elements.
    ///   - rows: the order in which the memory has the outputs, for `order` ``Order/outIn``; nil if it is
    ///     the model's.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/weightDType`` for a dtype other than f32, f16, bf16 and
    ///   blocks along the inputs; ``SwiftletBytes/SwiftletError/Code/weightSize`` if the number of bytes does not match
    ///   the sizes.
    public init(
        bytes: ByteView, dtype: DType, outSize: Int, inSize: Int, order: Order,
        rows: RowOrder? = nil
    ) throws(SwiftletError) {
        let isBlocks = dtype.block != nil && order == .outIn
        guard dtype.isWeightType || isBlocks else {
            throw SwiftletError(
                .weightDType, "weights of dtype \(dtype.rawValue) are not supported",
                hint: SinglePrecision(dtype) == nil
                    ? nil : "convert to F32, F16 or BF16 first")
        }
        let (count, overflow) = outSize.multipliedReportingOverflow(by: inSize)
        guard !overflow, outSize >= 0, inSize >= 0,
            dtype.byteCount(elements: count) == bytes.count,
            rows.map({ $0.count == outSize && order == .outIn && outSize <= Int(Int32.max) })
                ?? true,
            inSize.isMultiple(of: dtype.block?.elements ?? 1)
        else {
            throw SwiftletError(
                .weightSize,
                "\(bytes.count) bytes do not hold \(outSize) × \(inSize) elements of \(dtype.rawValue)"
            )
        }
        // Kernels read any address, but OpenBLAS needs elements on their natural boundary.
        wasCopied = !bytes.isAligned(to: dtype.byteCount ?? 1)
        storedRows = rows.map { rows in (0..<outSize).map { Int32(rows.storedRow($0)) } }
        self.bytes = wasCopied ? ByteView(bytes.copy()) : bytes
        self.dtype = dtype
        scales = nil
        self.outSize = outSize
        self.inSize = inSize
        self.order = order
    }

    /// Creates an 8-bit weight over bytes that ``quantized(_:)`` produced.
    init(quantized bytes: ByteView, scales: Matrix, inSize: Int, order: Order) {
        precondition(bytes.count == scales.columns * inSize && scales.rows == 1)
        self.bytes = bytes
        dtype = .i8
        self.scales = scales
        outSize = scales.columns
        self.inSize = inSize
        self.order = order
        wasCopied = false
    }

    /// Creates a weight over a contiguous matrix, whose later changes the weight shows.
    ///
    /// Rows are outputs for ``Order/outIn`` and inputs for ``Order/inOut``.
    public init(_ matrix: Matrix, order: Order) {
        bytes = matrix.bytes
        dtype = .f32
        scales = nil
        (outSize, inSize) =
            order == .outIn ? (matrix.rows, matrix.columns) : (matrix.columns, matrix.rows)
        self.order = order
        wasCopied = false
    }

    /// The same memory with outputs as it has them.
    var inStoredOrder: Weight {
        var weight = self
        weight.storedRows = nil
        return weight
    }

    /// The kernels' name of the dtype; not for i8 and blocks.
    var kernelDType: swiftlet_dtype {
        switch dtype {
        case .f16: SWIFTLET_F16
        case .bf16: SWIFTLET_BF16
        default: SWIFTLET_F32
        }
    }

    /// Elements from the start of one row of the memory to the start of the next.
    var leadingDimension: Int { order == .outIn ? inSize : outSize }

    /// Bytes per element; not for blocks.
    var elementSize: Int {
        switch dtype {
        case .f32: 4
        case .i8: 1
        default: 2
        }
    }

    /// The address of an element, by its row and column in memory; not for blocks.
    func address(row: Int, column: Int) -> UnsafeRawPointer {
        assert(dtype.block == nil)
        let index = row * leadingDimension + column
        assert(index * elementSize <= bytes.count)
        return bytes.address + index * elementSize
    }

    /// Writes a part of one row in single precision: of an output's for ``Order/outIn``, else an input's.
    func widen(row: Int, column: Int, count: Int, into target: UnsafeMutablePointer<Float>) {
        let row = storedRows.map { Int($0[row]) } ?? row
        if dtype.block != nil {
            return widenBlocks(row: row, column: column, count: count, into: target)
        }
        let source = address(row: row, column: column)
        guard let scales else { return swiftlet_widen(kernelDType, source, target, count) }
        let integers = source.assumingMemoryBound(to: Int8.self)
        switch order {
        case .outIn: swiftlet_widen_i8(integers, nil, scales.pointer[row], target, count)
        case .inOut: swiftlet_widen_i8(integers, scales.pointer + column, 1, target, count)
        }
    }

    /// Writes one row of a table in single precision, with the bits that products leave out.
    func lookUp(row: Int, into target: UnsafeMutablePointer<Float>) {
        guard let remainder else {
            return widen(row: row, column: 0, count: leadingDimension, into: target)
        }
        let start = row * leadingDimension * elementSize
        assert(start + leadingDimension * elementSize <= remainder.count)
        swiftlet_join(
            bytes.address + start, remainder.address + start, target, leadingDimension)
    }

    /// A copy of the elements in single precision, in the weight's order.
    public func widened() -> Matrix {
        let matrix = Matrix(
            rows: order == .outIn ? outSize : inSize, columns: leadingDimension)
        widen(into: matrix)
        return matrix
    }

    /// Writes the elements in single precision, in the weight's order.
    ///
    /// - Parameter matrix: outSize × inSize for ``Order/outIn``, inSize × outSize for
    ///   ``Order/inOut``; overwritten.
    public func widen(into matrix: Matrix) {
        precondition(matrix.rows == (order == .outIn ? outSize : inSize))
        precondition(matrix.columns == leadingDimension)
        for row in 0..<matrix.rows {
            widen(row: row, column: 0, count: leadingDimension, into: matrix.row(row))
        }
    }
}

extension SwiftletError.Code {
    /// A weight has a dtype that Swiftlet cannot compute with.
    public static let weightDType = Self("weight.dtype", .unsupported)
    /// The number of a weight's bytes does not match its sizes.
    public static let weightSize = Self("weight.size", .badData)
}
