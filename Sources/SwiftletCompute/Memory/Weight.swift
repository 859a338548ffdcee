import CSwiftletKernels
import SwiftletBytes

/// A matrix of a model as it lies in memory: bytes in a mapped file or owned, of any weight dtype,
/// in either order. Products read it where it is.
public struct Weight: Sendable {
    /// Which index runs along the memory.
    public enum Order: Sendable {
        /// Row o holds the weights of output o: `torch.nn.Linear`.
        case outIn
        /// Row i holds the weights of input i: GPT-2's Conv1D, HDF5's Dense kernels.
        case inOut
    }

    /// The elements, without gaps.
    public let bytes: ByteView
    /// The element type: f32, f16, bf16, or i8 with ``scales``.
    public let dtype: DType
    /// 1 × outSize: what an element of each output counts for; nil unless the dtype is i8.
    public let scales: Matrix?
    /// The length of the product's results.
    public let outSize: Int
    /// The length of the product's inputs.
    public let inSize: Int
    /// The order of the elements.
    public let order: Order
    /// Whether the bytes had to be copied because their address did not suit the dtype.
    public let wasCopied: Bool

    /// A weight in a file.
    ///
    /// - Parameters:
    ///   - bytes: outSize × inSize elements in `order`.
    ///   - dtype: the element type.
    ///   - outSize: outputs.
    ///   - inSize: inputs.
    ///   - order: the order of the elements.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/weightDType`` for other dtypes;
    ///   ``SwiftletBytes/SwiftletError/Code/weightSize`` when the bytes do not fit the sizes.
    public init(bytes: ByteView, dtype: DType, outSize: Int, inSize: Int, order: Order)
        throws(SwiftletError)
    {
        guard let element = dtype.byteCount, dtype.isWeightType else {
            throw SwiftletError(
                .weightDType, "weights of dtype \(dtype.rawValue) are not supported",
                hint: "convert to F32, F16 or BF16 first")
        }
        let (count, overflow) = outSize.multipliedReportingOverflow(by: inSize)
        guard !overflow, outSize >= 0, inSize >= 0,
            dtype.byteCount(elements: count) == bytes.count
        else {
            throw SwiftletError(
                .weightSize,
                "\(bytes.count) bytes are not \(outSize) × \(inSize) elements of \(dtype.rawValue)")
        }
        // Kernels read any address, OpenBLAS and vector code want elements on their own boundary.
        wasCopied = !bytes.isAligned(to: element)
        self.bytes = wasCopied ? ByteView(bytes.copy()) : bytes
        self.dtype = dtype
        scales = nil
        self.outSize = outSize
        self.inSize = inSize
        self.order = order
    }

    /// A weight of 8 bits over bytes that ``quantized(_:)`` made.
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

    /// A weight over a contiguous matrix, which goes on showing the matrix's present numbers:
    /// rows are outputs for ``Order/outIn``, inputs for ``Order/inOut``.
    public init(_ matrix: Matrix, order: Order) {
        bytes = matrix.bytes
        dtype = .f32
        scales = nil
        (outSize, inSize) =
            order == .outIn ? (matrix.rows, matrix.columns) : (matrix.columns, matrix.rows)
        self.order = order
        wasCopied = false
    }

    /// The dtype of the floats as the kernels name it.
    var kernelDType: swiftlet_dtype {
        switch dtype {
        case .f16: SWIFTLET_F16
        case .bf16: SWIFTLET_BF16
        default: SWIFTLET_F32
        }
    }

    /// Elements from one row of the memory to the next.
    var leadingDimension: Int { order == .outIn ? inSize : outSize }

    /// The bytes of one element.
    var elementSize: Int {
        switch dtype {
        case .f32: 4
        case .i8: 1
        default: 2
        }
    }

    /// The address of an element of the memory's rows × columns.
    func address(row: Int, column: Int) -> UnsafeRawPointer {
        let index = row * leadingDimension + column
        assert(index * elementSize <= bytes.count)
        return bytes.address + index * elementSize
    }

    /// Writes elements of one row of the memory in single precision, from a column on.
    func widen(row: Int, column: Int, count: Int, into target: UnsafeMutablePointer<Float>) {
        let source = address(row: row, column: column)
        guard let scales else { return swiftlet_widen(kernelDType, source, target, count) }
        let integers = source.assumingMemoryBound(to: Int8.self)
        switch order {
        case .outIn: swiftlet_widen_i8(integers, nil, scales.pointer[row], target, count)
        case .inOut: swiftlet_widen_i8(integers, scales.pointer + column, 1, target, count)
        }
    }

    /// The elements in single precision, in the weight's own order.
    public func widened() -> Matrix {
        let rows = order == .outIn ? outSize : inSize
        let matrix = Matrix(rows: rows, columns: leadingDimension)
        for row in 0..<rows {
            widen(row: row, column: 0, count: leadingDimension, into: matrix.row(row))
        }
        return matrix
    }
}

extension SwiftletError.Code {
    /// A weight's dtype is none that Swiftlet computes with.
    public static let weightDType = Self("weight.dtype", .unsupported)
    /// A weight's bytes do not fit its sizes.
    public static let weightSize = Self("weight.size", .badData)
}
