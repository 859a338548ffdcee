import CSwiftletUnicode
import SwiftletBytes

extension GeneralNormalizer.Step {
    /// Applies the step to a text that stands for an original of `originalCount` bytes.
    func apply(to text: inout AlignedBytes, originalCount: Int) throws(SwiftletError) {
        switch self {
        case .canonical(let form):
            // Where sources are empty, even a transformation that changes nothing may fail.
            guard let changes = text.bytes.withUnsafeBufferPointer({ form.changes(in: $0) }) else {
                return try text.hasEmptySources
                    ? Self.transform(&text, originalCount, text.characters { .init($0, 0) }) : ()
            }
            try Self.transform(&text, originalCount, changes)
        case .lowercase:
            let isLower = text.bytes.allSatisfy { $0 < 0x80 && !(0x41...0x5A).contains($0) }
            guard !isLower || text.hasEmptySources else { return }
            try Self.transform(&text, originalCount, Self.lowercased(text))
        case .stripAccents:
            try Self.filter(&text, originalCount) {
                swiftlet_reference_class($0) & UInt8(SWIFTLET_REFERENCE_MARK) == 0
            }
        case .nmt:
            try Self.filter(&text, originalCount) { !Self.isRemovedByNMT($0) }
            let mapped = text.characters { code in
                .init(Self.isSpaceInNMT(code) ? 0x20 : code, 0)
            }
            try Self.transform(&text, originalCount, mapped)
        case .strip(let left, let right):
            try Self.strip(&text, originalCount, left: left, right: right)
        case .replace(let pattern, let content):
            let matches = try text.bytes.withUnsafeBufferPointer { bytes throws(SwiftletError) in
                try pattern.matches(in: bytes)
            }
            guard !matches.isEmpty else { return }
            try Self.checkGrowth(
                of: text.bytes.count, by: matches.count, content.count, from: originalCount)
            text = text.replacing(matches, in: text.whole(of: originalCount), by: content)
        case .prepend(let prefix):
            var result = AlignedBytes()
            let piece = text.whole(of: originalCount)
            _ = try result.append(prefix: prefix, before: piece, of: text)
            text = result
        case .rules(let rules):
            guard let changes = text.bytes.withUnsafeBufferPointer({ rules.changes(in: $0) }) else {
                return
            }
            try Self.transform(&text, originalCount, changes)
        case .byteLevel:
            var result = AlignedBytes()
            _ = try result.append(spelled: text.whole(of: originalCount), of: text)
            text = result
        }
    }

    /// Refuses a text that a file's steps would make far longer than it is.
    ///
    /// A few steps that each double a letter would fill any memory.
    private static func checkGrowth(
        of count: Int, by matches: Int, _ added: Int, from originalCount: Int
    ) throws(SwiftletError) {
        let limit = min((16 << 20) + 16 * originalCount, AlignedBytes.maximumCount)
        let (growth, overflows) = matches.multipliedReportingOverflow(by: added)
        guard overflows || growth > limit - count else { return }
        throw SwiftletError(
            .tokenizerNormalization,
            "the tokenizer's Replace makes more than \(limit) bytes of \(originalCount)")
    }

    private static func transform(
        _ text: inout AlignedBytes, _ originalCount: Int, _ changes: [AlignedBytes.Change],
        removing removed: Int = 0
    ) throws(SwiftletError) {
        var result = AlignedBytes()
        _ = try result.append(
            changes, removing: removed, in: text.whole(of: originalCount), of: text)
        text = result
    }

    /// Removes the characters that `keeps` returns false for.
    private static func filter(
        _ text: inout AlignedBytes, _ originalCount: Int, _ keeps: (UInt32) -> Bool
    ) throws(SwiftletError) {
        var changes: [AlignedBytes.Change] = []
        var removedAtStart = 0
        var removed = 0
        text.forEachCharacter { code in
            if keeps(code) {
                changes.append(.init(code, 0))
            } else if let last = changes.indices.last {
                changes[last].change -= 1
                removed += 1
            } else {
                removedAtStart += 1
            }
        }
        guard removed + removedAtStart > 0 || text.hasEmptySources else { return }
        try transform(
            &text, originalCount, changes, removing: changes.isEmpty ? 0 : removedAtStart)
    }

    private static func strip(
        _ text: inout AlignedBytes, _ originalCount: Int, left: Bool, right: Bool
    ) throws(SwiftletError) {
        let characters = text.characters { .init($0, 0) }
        let isWord = { (change: AlignedBytes.Change) in CharacterClass(change.code) != .space }
        let start = left ? characters.firstIndex(where: isWord) ?? characters.count : 0
        let last = right ? characters.lastIndex(where: isWord) ?? -1 : characters.count - 1
        guard start > 0 || last < characters.count - 1 else { return }
        try transform(
            &text, originalCount, start <= last ? Array(characters[start...last]) : [],
            removing: start)
    }

    private static func lowercased(_ text: AlignedBytes) -> [AlignedBytes.Change] {
        var changes: [AlignedBytes.Change] = []
        changes.reserveCapacity(text.bytes.count)
        text.forEachCharacter { code in
            if code < 0x80 {
                let isUpper = code >= 0x41 && code <= 0x5A
                changes.append(.init(isUpper ? code | 0x20 : code, 0))
                return
            }
            var second: UInt32 = 0
            changes.append(.init(swiftlet_lower(code, &second), 0))
            if second != 0 { changes.append(.init(second, 1)) }
        }
        return changes
    }

    // MARK: The sets of Nmt

    private static func isRemovedByNMT(_ code: UInt32) -> Bool {
        switch code {
        case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: true
        default: false
        }
    }

    private static func isSpaceInNMT(_ code: UInt32) -> Bool {
        switch code {
        case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF,
            0xFFFD:
            true
        default: false
        }
    }
}
