import SwiftletBytes

/// Reads every tensor: its bytes are those of its shape and dtype, and lie inside the input or in
/// memory of their own.
///
/// - Returns: the bytes that do not lie in the input.
@discardableResult
public func read(_ tensors: [StoredTensor], of input: ByteView) -> Int {
    var owned = 0
    for tensor in tensors {
        require(
            tensor.dtype.byteCount(elements: tensor.elementCount) == tensor.bytes.count,
            "\(tensor.name) has \(tensor.bytes.count) bytes")
        if tensor.bytes.owner !== input.owner {
            owned += tensor.bytes.count
        } else if tensor.bytes.count > 0 {
            require(lies(tensor.bytes, in: input), "\(tensor.name) lies outside the file")
        }
        // Touches every byte, for AddressSanitizer to see.
        let sum = tensor.bytes.withUnsafeBytes { $0.reduce(UInt8(0)) { $0 ^ $1 } }
        withExtendedLifetime(sum) {}
    }
    return owned
}

private func lies(_ part: ByteView, in whole: ByteView) -> Bool {
    part.withUnsafeBytes { part in
        whole.withUnsafeBytes { whole in
            guard let start = part.baseAddress, let first = whole.baseAddress else { return false }
            return start >= first && start + part.count <= first + whole.count
        }
    }
}

/// Whether two readings gave the same tensors.
public func areEqual(_ a: [StoredTensor], _ b: [StoredTensor]) -> Bool {
    a.count == b.count
        && zip(a, b).allSatisfy { a, b in
            a.name.utf8.elementsEqual(b.name.utf8) && a.dtype == b.dtype && a.shape == b.shape
                && areEqual(a.bytes, b.bytes)
        }
}

/// Whether two views have the same bytes.
public func areEqual(_ a: ByteView, _ b: ByteView) -> Bool {
    a.withUnsafeBytes { a in b.withUnsafeBytes { b in a.elementsEqual(b) } }
}
