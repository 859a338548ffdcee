import SwiftletBytes

/// Reads tensors that are views of a file or of what its reader copied: each has the bytes of its
/// shape and dtype, inside the input or in memory of their own.
///
/// - Returns: the bytes that do not lie in the input.
@discardableResult
public func read(_ tensors: [StoredTensor], of input: ByteView) -> Int {
    var owned = 0
    for tensor in tensors {
        require(tensor.isView, "\(tensor.name) has to be made")
        owned += read(tensor, bytes(of: tensor), of: input)
    }
    return owned
}

/// Reads a tensor's bytes: they are those of its shape and dtype, and lie inside the input or in
/// memory of their own.
///
/// - Returns: the bytes that do not lie in the input.
@discardableResult
public func read(_ tensor: StoredTensor, _ bytes: ByteView, of input: ByteView) -> Int {
    require(tensor.byteCount == bytes.count, "\(tensor.name) has \(bytes.count) bytes")
    // Touches every byte, for AddressSanitizer to see.
    let sum = bytes.withUnsafeBytes { $0.reduce(UInt8(0)) { $0 ^ $1 } }
    withExtendedLifetime(sum) {}
    if bytes.owner !== input.owner { return bytes.count }
    require(bytes.count == 0 || lies(bytes, in: input), "\(tensor.name) lies outside the file")
    return 0
}

/// The bytes of a tensor that is a view, which nothing can make fail.
public func bytes(of tensor: StoredTensor) -> ByteView {
    do throws(SwiftletError) {
        return try tensor.bytes
    } catch {
        fatalError("\(tensor.name) cannot be read: \(error)")
    }
}

private func lies(_ part: ByteView, in whole: ByteView) -> Bool {
    part.withUnsafeBytes { part in
        whole.withUnsafeBytes { whole in
            guard let start = part.baseAddress, let first = whole.baseAddress else { return false }
            return start >= first && start + part.count <= first + whole.count
        }
    }
}

/// Whether two readings gave the same tensors, all of them views.
public func areEqual(_ a: [StoredTensor], _ b: [StoredTensor]) -> Bool {
    a.count == b.count
        && zip(a, b).allSatisfy { a, b in
            a.name.utf8.elementsEqual(b.name.utf8) && a.dtype == b.dtype && a.shape == b.shape
                && areEqual(bytes(of: a), bytes(of: b))
        }
}

/// Whether two views have the same bytes.
public func areEqual(_ a: ByteView, _ b: ByteView) -> Bool {
    a.withUnsafeBytes { a in b.withUnsafeBytes { b in a.elementsEqual(b) } }
}
