import SwiftletBytes

/// Interprets a pickle as inert values, opcode by opcode as the reference's
/// `_weights_only_unpickler.py` does.
///
/// No name is looked up outside the closed table, no object is created and no code is run.
///
/// Time is linear in the length of the pickle; memory is bounded by the budget of the heap and the
/// stack limit. One machine reads all pickles of a file in sequence.
struct PickleMachine {
    /// The maximum number of values on the stack, and of marks.
    static let stackLimit = 1 << 20

    /// The bytes that contain the pickle.
    let source: ByteView
    /// The offset of the next byte to read.
    var offset = 0
    var heap: PickleHeap
    var storages: StorageTable

    private var stack: [PickleValue] = []
    /// The stack depth at each mark.
    ///
    /// Values below the last mark are not accessible.
    private var marks: [Int] = []
    private var memo: [UInt32: PickleValue] = [:]

    init(source: ByteView, heap: PickleHeap, storages: StorageTable) {
        self.source = source
        self.heap = heap
        self.storages = storages
    }

    /// Reads the pickle at ``offset`` and returns its value.
    mutating func run() throws(SwiftletError) -> PickleValue {
        stack = []
        marks = []
        memo = [:]
        while true {
            let start = offset
            guard UInt32(exactly: start) != nil else {
                throw SwiftletError(.torchMemory, "the pickle is longer than 4 GiB")
            }
            do throws(SwiftletError) {
                if let result = try step() { return result }
            } catch {
                throw error.at("pickle offset \(start)")
            }
        }
    }

    /// Executes one opcode.
    ///
    /// Returns the value of the pickle at STOP, nil before.
    private mutating func step() throws(SwiftletError) -> PickleValue? {
        let byte = try read()
        guard let opcode = PickleOpcode(rawValue: byte) else {
            if let name = PickleOpcode.refused[byte] {
                throw SwiftletError(
                    .torchPickleProtocol, "the pickle opcode \(name) is not supported",
                    hint: "save the file again with the default pickle_protocol of torch.save")
            }
            throw SwiftletError(.torchPickleOpcode, "byte \(byte) is not a pickle opcode")
        }
        switch opcode {
        case .stop: return try pop()
        case .protocol: _ = try read()
        case .mark:
            guard marks.count < Self.stackLimit else { throw stackFull() }
            marks.append(stack.count)
        case .none: try push(.none)
        case .newTrue: try push(.bool(true))
        case .newFalse: try push(.bool(false))
        case .binaryInt1: try push(.int(Int(try read())))
        case .binaryInt2: try push(.int(Int(try readNumber(UInt16.self))))
        case .binaryInt: try push(.int(Int(try readNumber(Int32.self))))
        case .long1: try push(try readLong())
        case .binaryFloat:
            try push(.float(Double(bitPattern: try readNumber(UInt64.self).byteSwapped)))
        case .unicode: try push(try readText(Int(try readNumber(UInt32.self))))
        case .shortString: try push(try readText(Int(try read())))
        case .emptyTuple: try push(try heap.tuple([]))
        case .emptyList: try push(try heap.list())
        case .emptyDict: try push(try heap.dict(.plain))
        case .emptySet: try push(.opaque(.set))
        case .tuple: try makeTuple(of: try itemsAboveMark())
        case .tuple1: try makeTuple(of: 1)
        case .tuple2: try makeTuple(of: 2)
        case .tuple3: try makeTuple(of: 3)
        case .append: try append(1)
        case .appends: try append(try itemsAboveMark())
        case .setItem: try setItems(2)
        case .setItems: try setItems(try itemsAboveMark())
        case .put: try remember(UInt32(try read()))
        case .longPut: try remember(try readNumber(UInt32.self))
        case .get: try recall(UInt32(try read()))
        case .longGet: try recall(try readNumber(UInt32.self))
        case .global: try push(try readGlobal())
        case .persistentID: try push(try loadStorage(try pop()))
        case .reduce:
            let arguments = try pop()
            try push(try call(try pop(), arguments))
        case .newObject:
            let arguments = try pop()
            try push(try construct(try pop(), arguments))
        case .build:
            let state = try pop()
            try build(try top(), state)
        }
        return nil
    }
}

// The stack.
extension PickleMachine {
    private var reachable: Int { stack.count - (marks.last ?? 0) }

    private mutating func push(_ value: PickleValue) throws(SwiftletError) {
        guard stack.count < Self.stackLimit else { throw stackFull() }
        stack.append(value)
    }

    private mutating func pop() throws(SwiftletError) -> PickleValue {
        guard reachable > 0, let value = stack.popLast() else { throw stackEmpty() }
        return value
    }

    private func top() throws(SwiftletError) -> PickleValue {
        guard reachable > 0, let value = stack.last else { throw stackEmpty() }
        return value
    }

    /// Removes the last mark and returns the number of values above it.
    private mutating func itemsAboveMark() throws(SwiftletError) -> Int {
        guard let mark = marks.popLast() else {
            throw SwiftletError(.torchPickleStack, "the stack has no mark")
        }
        return stack.count - mark
    }

    private mutating func makeTuple(of count: Int) throws(SwiftletError) {
        guard reachable >= count else { throw stackEmpty() }
        let tuple = try heap.tuple(stack.suffix(count))
        stack.removeLast(count)
        try push(tuple)
    }

    private mutating func append(_ count: Int) throws(SwiftletError) {
        // The list is below the items.
        guard reachable > count, case .list(let list) = stack[stack.count - count - 1] else {
            throw SwiftletError(
                .torchPickleValue, "items are appended to a value that is not a list")
        }
        try heap.append(stack.suffix(count), to: list)
        stack.removeLast(count)
    }

    private mutating func setItems(_ count: Int) throws(SwiftletError) {
        guard count % 2 == 0 else {
            throw SwiftletError(.torchPickleStack, "a dictionary key has no value")
        }
        guard reachable > count, case .dict(let dict) = stack[stack.count - count - 1] else {
            throw SwiftletError(
                .torchPickleValue, "items are set in a value that is not a dictionary")
        }
        for place in stride(from: stack.count - count, to: stack.count, by: 2) {
            try heap.set(stack[place], to: stack[place + 1], in: dict)
        }
        stack.removeLast(count)
    }

    private mutating func remember(_ place: UInt32) throws(SwiftletError) {
        let value = try top()
        try heap.budget.charge(2 * PickleHeap.valueBytes)
        memo[place] = value
    }

    private mutating func recall(_ place: UInt32) throws(SwiftletError) {
        guard let value = memo[place] else {
            throw SwiftletError(.torchPickleMemo, "memo entry \(place) is not set")
        }
        try push(value)
    }

    private func stackEmpty() -> SwiftletError {
        SwiftletError(.torchPickleStack, "the stack has too few values")
    }

    private func stackFull() -> SwiftletError {
        SwiftletError(.torchPickleStack, "the stack exceeds \(Self.stackLimit) values or marks")
    }
}

// Reading.
extension PickleMachine {
    private mutating func read() throws(SwiftletError) -> UInt8 {
        guard let byte = source.byte(at: offset) else { throw cutShort() }
        offset += 1
        return byte
    }

    private mutating func readNumber<N: FixedWidthInteger>(
        _ type: N.Type
    ) throws(SwiftletError) -> N {
        guard let number: N = source.number(at: offset) else { throw cutShort() }
        offset += MemoryLayout<N>.size
        return number
    }

    /// Reads `count` bytes.
    private mutating func readBytes(_ count: Int) throws(SwiftletError) -> PickleValue.TextRange {
        guard count <= source.count - offset else { throw cutShort() }
        guard let range = PickleValue.TextRange(offset..<offset + count) else {
            throw SwiftletError(.torchMemory, "the pickle is longer than 4 GB")
        }
        offset += count
        return range
    }

    private mutating func readText(_ count: Int) throws(SwiftletError) -> PickleValue {
        let range = try readBytes(count)
        if let error = UTF8Check.firstError(in: source[range.range]) {
            throw SwiftletError(
                .torchPickleText,
                "a string is not UTF-8 at offset \(range.range.lowerBound + error)")
        }
        return .text(range)
    }

    /// Reads an integer of up to 255 bytes in two's complement.
    private mutating func readLong() throws(SwiftletError) -> PickleValue {
        let range = try readBytes(Int(try read()))
        let bytes = source[range.range]
        guard bytes.count > 0 else { return .int(0) }
        guard bytes.count <= 8 else { return .long(range) }
        var number: Int64 = 0
        for place in 0..<bytes.count {
            number |= Int64(bytes.byte(at: place) ?? 0) << (8 * place)
        }
        let unused = 64 - 8 * bytes.count
        return .int(Int((number << unused) >> unused))
    }

    /// Reads a module and a name, one line each, and looks them up in the closed table.
    private mutating func readGlobal() throws(SwiftletError) -> PickleValue {
        let module = try readLine()
        let name = "\(TorchGlobal.renamedModules[module] ?? module).\(try readLine())"
        guard let index = TorchGlobal.indices[name] else {
            throw SwiftletError(
                .torchGlobal, "the pickle refers to \"\(name.prefix(200))\", which is not allowed",
                hint: "only tensors are read; save a state_dict")
        }
        return .global(index)
    }

    private mutating func readLine() throws(SwiftletError) -> String {
        let start = offset
        while try read() != UInt8(ascii: "\n") {}
        let line = source[start..<offset - 1]
        if UTF8Check.firstError(in: line) != nil {
            throw SwiftletError(.torchPickleText, "a name is not UTF-8")
        }
        // No name in the table is longer, so the rest of a long line is not needed.
        return String(decoding: line[0..<min(line.count, 256)].copy(), as: UTF8.self)
    }

    private func cutShort() -> SwiftletError {
        SwiftletError(.torchPickleEnd, "the pickle is truncated")
    }

    /// Whether a value is the string `text`.
    func isText(_ value: PickleValue, _ text: String) -> Bool {
        guard case .text(let range) = value, Int(range.count) == text.utf8.count else {
            return false
        }
        return source[range.range].copy().elementsEqual(text.utf8)
    }
}
