import SwiftletBytes

/// Reads tensors that are views of the input or of copies, and checks the location and size of each.
///
/// - Parameters:
///   - tensors: The tensors.
///   - input: The input that they were read from.
/// - Returns: The number of bytes that are not in the input.
@discardableResult
public func read(_ tensors: [StoredTensor], of input: ByteView) -> Int {
    var owned = 0
    for tensor in tensors {
        require(tensor.isView, "\(tensor.name) is not a view")
        owned += read(tensor, bytes(of: tensor), of: input)
    }
    return owned
}

/// Reads the bytes of a tensor, and checks that their number is right and that they are inside the
/// input or in separate memory.
///
/// - Parameters:
///   - tensor: The tensor.
///   - bytes: The bytes of the tensor.
///   - input: The input that it was read from.
/// - Returns: The number of bytes that are not in the input.
@discardableResult
public func read(_ tensor: StoredTensor, _ bytes: ByteView, of input: ByteView) -> Int {
    require(tensor.byteCount == bytes.count, "\(tensor.name) has \(bytes.count) bytes")
    // Reads every byte, for AddressSanitizer to check.
    let sum = bytes.withUnsafeBytes { $0.reduce(UInt8(0)) { $0 ^ $1 } }
    withExtendedLifetime(sum) {}
    if bytes.owner !== input.owner { return bytes.count }
    require(bytes.count == 0 || isPart(bytes, of: input), "\(tensor.name) is outside the file")
    return 0
}

/// The bytes of a tensor that is a view, which cannot fail.
public func bytes(of tensor: StoredTensor) -> ByteView {
    do throws(SwiftletError) {
        return try tensor.bytes
    } catch {
        fatalError("\(tensor.name) cannot be read: \(error)")
    }
}

private func isPart(_ part: ByteView, of whole: ByteView) -> Bool {
    part.withUnsafeBytes { part in
        whole.withUnsafeBytes { whole in
            guard let start = part.baseAddress, let first = whole.baseAddress else { return false }
            return start >= first && start + part.count <= first + whole.count
        }
    }
}

/// Whether two lists have the same tensors, which must all be views.
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
