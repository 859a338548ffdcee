import SwiftletBytes

/// Memory that holds a copy of a tensor's elements: made contiguous, or converted to little-endian.
@safe
final class OwnedTensorBytes: Sendable {
    /// The allocated bytes, which are not written once the object is shared.
    private nonisolated(unsafe) let start: UnsafeMutableRawPointer

    private init(count: Int) {
        unsafe start = .allocate(byteCount: max(count, 1), alignment: 64)
    }

    deinit { unsafe start.deallocate() }

    private func view(count: Int) -> ByteView {
        // In bounds: callers pass the allocated count.
        unsafe ByteView(owner: self, start: UnsafeRawPointer(start), count: count)
    }

    /// Returns a copy of `bytes` with each group of `width` bytes reversed.
    static func swapped(_ bytes: ByteView, width: Int) -> ByteView {
        let owned = OwnedTensorBytes(count: bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            // A remainder shorter than a group keeps its order.
            let whole = source.count / width * width
            for place in 0..<source.count {
                let from =
                    place < whole ? place / width * width + width - 1 - place % width : place
                // In bounds: both places are below source.count.
                unsafe owned.start.storeBytes(
                    of: source[from], toByteOffset: place, as: UInt8.self)
            }
        }
        return owned.view(count: bytes.count)
    }

    /// Returns a contiguous copy of the elements of a tensor.
    ///
    /// - Parameters:
    ///   - layout: The layout, whose bounds were checked against `storage`.
    ///   - storage: The bytes of the tensor's storage.
    ///   - count: The size of the result in bytes: the number of elements times their size.
    /// - Returns: The elements in row-major order.
    static func contiguous(_ layout: TensorLayout, in storage: ByteView, count: Int) -> ByteView {
        let owned = OwnedTensorBytes(count: count)
        let size = layout.dtype.byteCount ?? 1
        let axes = zip(layout.shape, layout.strides).filter { $0.0 != 1 }.map {
            Axis(length: $0.0, step: $0.1 * size)
        }
        unsafe storage.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            // In bounds: the last element of the layout is inside the storage, and the product of
            // the dimensions times the element size is count.
            let from = unsafe base + layout.byteOffset
            switch size {
            case 1: unsafe copy(axes, from, owned.start, as: UInt8.self)
            case 2: unsafe copy(axes, from, owned.start, as: UInt16.self)
            case 4: unsafe copy(axes, from, owned.start, as: UInt32.self)
            default: unsafe copy(axes, from, owned.start, as: UInt64.self)
            }
        }
        return owned.view(count: count)
    }

    private struct Axis {
        let length: Int
        let step: Int
        var index = 0
    }

    /// Copies the elements: the last axis in a loop, the others counted up like digits.
    @unsafe
    private static func copy<Element: FixedWidthInteger>(
        _ axes: [Axis], _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer,
        as type: Element.Type
    ) {
        var outer = Array(axes.dropLast())
        let row = axes.last ?? Axis(length: 1, step: 0)
        var from = 0
        var to = 0
        while true {
            for index in 0..<row.length {
                let value = unsafe source.loadUnaligned(
                    fromByteOffset: from + index * row.step, as: Element.self)
                unsafe target.storeBytes(of: value, toByteOffset: to, as: Element.self)
                to += MemoryLayout<Element>.size
            }
            var axis = outer.count - 1
            while axis >= 0 {
                outer[axis].index += 1
                from += outer[axis].step
                if outer[axis].index < outer[axis].length { break }
                from -= outer[axis].length * outer[axis].step
                outer[axis].index = 0
                axis -= 1
            }
            if axis < 0 { return }
        }
    }
}
