import SwiftletBytes

/// The messages of an object, which together describe it.
struct ObjectHeader {
    let address: UInt64
    private(set) var messages: [HeaderMessage] = []

    /// The blocks of continuation messages that have not been read yet.
    private var pending: [(address: UInt64, count: Int)] = []
    private var seen: Set<UInt64> = []

    init(at address: UInt64, _ reader: inout MetadataReader) throws(SwiftletError) {
        self.address = address
        seen.insert(address)
        let probe = try reader.space.slice(at: address, count: 4, "an object header")
        if probe.matches("OHDR") {
            try readVersion2(&reader)
        } else {
            try readVersion1(&reader)
        }
    }

    /// The first message of a kind, or nil if there is none.
    func first(_ kind: HeaderMessage.Kind) -> HeaderMessage? {
        messages.first { $0.kind == kind }
    }

    /// Returns the fields of a message that the object must have.
    func required(
        _ kind: HeaderMessage.Kind, _ what: String, _ reader: MetadataReader
    ) throws(SwiftletError) -> FieldReader {
        guard let message = first(kind) else {
            throw SwiftletError(
                .hdf5ObjectHeader, "the object lacks \(what)", at: reader.space.place(address))
        }
        return try message.fields(what)
    }

    private mutating func append(
        _ number: Int, flags: Int, order: Int, _ body: FieldReader
    ) throws(SwiftletError) {
        let message = try HeaderMessage(number, flags: flags, creationOrder: order, body: body)
        if message.kind == .continuation {
            var fields = try message.fields("a header continuation")
            let next = try fields.definedAddress("block")
            let count = try fields.length()
            guard seen.insert(next).inserted else {
                throw fields.failure(.hdf5Cycle, "refers back to a block of the same header")
            }
            pending.append((next, count))
        }
        messages.append(message)
    }
}

// Version 1: eight-byte units, no checksum.
extension ObjectHeader {
    private mutating func readVersion1(_ reader: inout MetadataReader) throws(SwiftletError) {
        var prefix = try reader.block(at: address, count: 16, "an object header")
        _ = try prefix.version(1...1)
        try prefix.skip(1)
        let stated = try prefix.small(2)
        // The reference count.
        try prefix.skip(4)
        let count = try prefix.small(4)
        let (start, overflow) = address.addingReportingOverflow(16)
        guard !overflow else { throw prefix.failure(.hdf5Address, "has an address that overflows") }
        pending = [(start, count)]
        while let next = pending.popLast() {
            var block = try reader.block(
                at: next.address, count: next.count, "an object header block")
            while block.remaining >= 8 {
                let number = try block.small(2)
                let size = try block.small(2)
                let flags = try block.small()
                try block.skip(3)
                try append(
                    number, flags: flags, order: messages.count,
                    try block.part(size, "a header message"))
            }
        }
        guard messages.count <= stated else {
            throw prefix.failure(
                .hdf5ObjectHeader, "declares \(stated) messages and has \(messages.count)")
        }
    }
}

// Version 2: signatures and checksums around each block.
extension ObjectHeader {
    private mutating func readVersion2(_ reader: inout MetadataReader) throws(SwiftletError) {
        let what = "an object header"
        // The length of the prefix depends on its flags, and is at most 34 bytes.
        let room = reader.space.bytes.count - (Int(exactly: address) ?? 0)
        var prefix = FieldReader(
            try reader.space.slice(at: address, count: min(room, 34), what), what, at: address,
            in: reader.space)
        try prefix.expect("OHDR")
        _ = try prefix.version(2...2)
        let flags = try prefix.small()
        // Four timestamps; two limits for compact attributes.
        if flags & 0x20 != 0 { try prefix.skip(16) }
        if flags & 0x10 != 0 { try prefix.skip(4) }
        let count = try prefix.count(1 << (flags & 3))
        let (total, overflow) = count.addingReportingOverflow(prefix.position + 4)
        guard !overflow else { throw prefix.failure(.hdf5Address, "has a size of \(count)") }
        var block = try reader.checkedBlock(at: address, count: total, signature: "OHDR", what)
        try block.skip(prefix.position - 4)
        try readMessages(&block, ordered: flags & 4 != 0)
        while let next = pending.popLast() {
            var block = try reader.checkedBlock(
                at: next.address, count: next.count, signature: "OCHK", "a header continuation")
            try readMessages(&block, ordered: flags & 4 != 0)
        }
    }

    /// Reads the messages of a block.
    ///
    /// A remainder that is too small for a message is a gap.
    private mutating func readMessages(
        _ block: inout FieldReader, ordered: Bool
    ) throws(SwiftletError) {
        while block.remaining >= (ordered ? 6 : 4) {
            let number = try block.small()
            let size = try block.small(2)
            let flags = try block.small()
            let order = ordered ? try block.small(2) : messages.count
            try append(
                number, flags: flags, order: order, try block.part(size, "a header message"))
        }
    }
}
