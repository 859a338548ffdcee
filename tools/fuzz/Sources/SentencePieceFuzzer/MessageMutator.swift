import CFuzzSupport

/// Mutates a message.
///
/// Messages are preceded by their lengths, so that inserting or removing a byte would break
/// everything around it; three of four mutations therefore change a field and update the lengths.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(
    _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maxSize: Int, _ seed: CUnsignedInt
) -> Int {
    var choices = Choices(state: UInt64(seed))
    guard choices.next(4) > 0,
        let mutated = mutatedMessage(
            Array(UnsafeBufferPointer(start: data, count: size)), maxSize, &choices),
        mutated.count <= maxSize
    else { return LLVMFuzzerMutate(data, size, maxSize) }
    for (index, byte) in mutated.enumerated() { data[index] = byte }
    return mutated.count
}

/// Returns the message with one field removed, doubled, moved or changed, or nil if the bytes are not
/// a message.
private func mutatedMessage(_ bytes: [UInt8], _ most: Int, _ choices: inout Choices) -> [UInt8]? {
    guard var fields = messageFields(bytes), !fields.isEmpty else { return nil }
    let index = choices.next(fields.count)
    switch choices.next(8) {
    case 0: fields.remove(at: index)
    case 1: fields.insert(fields[index], at: choices.next(fields.count + 1))
    case 2: fields.swapAt(index, choices.next(fields.count))
    default:
        let room = most - bytes.count
        if choices.next(2) == 0,
            let inner = mutatedMessage(
                fields[index].content, fields[index].content.count + room, &choices)
        {
            fields[index].content = inner
        } else {
            fields[index].content = mutated(fields[index].content, room)
        }
    }
    return fields.flatMap(\.bytes)
}

/// Applies the default mutation of libFuzzer, which may add up to `room` bytes.
private func mutated(_ bytes: [UInt8], _ room: Int) -> [UInt8] {
    let most = max(bytes.count + min(room, 64), 1)
    var bytes = bytes + [UInt8](repeating: 0, count: most - bytes.count)
    let size = min(bytes.count, most)
    let count = bytes.withUnsafeMutableBufferPointer {
        LLVMFuzzerMutate($0.baseAddress, size, most)
    }
    bytes.removeLast(bytes.count - count)
    return bytes
}

/// A field of a message: its tag and its content, without the length.
private struct MessageField {
    var tag: [UInt8]
    var content: [UInt8]
    var hasLength: Bool

    var bytes: [UInt8] { tag + (hasLength ? varint(content.count) : []) + content }
}

private func messageFields(_ bytes: [UInt8]) -> [MessageField]? {
    var fields: [MessageField] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        let start = rest.startIndex
        guard let number = takeVarint(&rest) else { return nil }
        let tag = Array(bytes[start..<rest.startIndex])
        var length: Int
        switch number & 7 {
        case 0:
            let value = rest
            guard takeVarint(&rest) != nil else { return nil }
            length = rest.startIndex - value.startIndex
            rest = value
        case 1: length = 8
        case 2:
            guard let stated = takeVarint(&rest) else { return nil }
            length = stated
        case 5: length = 4
        default: return nil
        }
        guard length <= rest.count else { return nil }
        fields.append(
            MessageField(tag: tag, content: Array(rest.prefix(length)), hasLength: number & 7 == 2))
        rest = rest.dropFirst(length)
    }
    return fields
}

private func takeVarint(_ bytes: inout ArraySlice<UInt8>) -> Int? {
    var value = 0
    for shift in stride(from: 0, to: 63, by: 7) {
        guard let byte = bytes.popFirst() else { return nil }
        value |= Int(byte & 0x7F) << shift
        if byte < 0x80 { return value }
    }
    return nil
}

private func varint(_ value: Int) -> [UInt8] {
    var value = value
    var bytes: [UInt8] = []
    while value > 127 {
        bytes.append(UInt8(value & 127) | 128)
        value >>= 7
    }
    return bytes + [UInt8(value)]
}

/// Random numbers that depend only on the seed from libFuzzer.
private struct Choices {
    var state: UInt64

    mutating func next(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }
}
