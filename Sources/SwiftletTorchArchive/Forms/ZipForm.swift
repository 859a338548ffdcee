import SwiftletBytes

/// The form of PyTorch 1.6 and later: a zip with the pickle and a record for each storage.
enum ZipForm {
    /// The bytes that such a file begins with. The reference looks for nothing else.
    static let signature: UInt32 = 0x0403_4b50

    /// Versions that the reference reads.
    private static let versions = 1...10

    /// Reads the pickle; the value and the machine that knows what it means.
    static func read(_ view: ByteView) throws(SwiftletError) -> (PickleMachine, PickleValue) {
        let archive = try ZipArchive(view)
        guard archive["constants.pkl"] == nil else {
            throw SwiftletError(
                .torchScript, "is a TorchScript program, whose code is not read",
                hint: "save its state_dict() with torch.save")
        }
        try checkVersion(of: archive)
        let order = try byteOrder(of: archive)
        try checkAlignment(of: archive)
        if let id = archive[".data/serialization_id"], UTF8Check.firstError(in: id) != nil {
            throw SwiftletError(
                .torchRecord, "the record .data/serialization_id is not UTF-8")
        }
        guard let pickle = archive["data.pkl"] else {
            throw SwiftletError(.torchNoRecord, "the zip has no record data.pkl")
        }
        var machine = PickleMachine(
            source: pickle,
            heap: PickleHeap(
                budget: MemoryBudget(fileOf: view.count, floor: MemoryBudget.valueFloor)),
            storages: StorageTable(source: .records(archive, byteOrder: order)))
        let value = try machine.run()
        return (machine, value)
    }

    private static func checkVersion(of archive: ZipArchive) throws(SwiftletError) {
        guard let record = archive[".data/version"] ?? archive["version"] else {
            throw SwiftletError(.torchNoRecord, "the zip has no record version")
        }
        // A number, perhaps with something behind it.
        let text = text(record).drop { $0.isWhitespace || $0 == "+" }.prefix { $0.isASCIIDigit }
        guard let version = Int(text), version >= versions.lowerBound else {
            throw SwiftletError(.torchRecord, "the record version is \"\(self.text(record))\"")
        }
        guard versions ~= version else {
            throw SwiftletError(
                .torchVersion, "has version \(version); up to \(versions.upperBound) is read")
        }
    }

    /// Little-endian unless a record says otherwise.
    private static func byteOrder(
        of archive: ZipArchive
    ) throws(SwiftletError) -> StorageTable.ByteOrder {
        guard let record = archive["byteorder"] else { return .little }
        switch text(record) {
        case "little": return .little
        case "big": return .big
        case let other:
            throw SwiftletError(.torchRecord, "the record byteorder is \"\(other)\"")
        }
    }

    /// The alignment is a help for readers that guess offsets; ours knows them. It is checked as
    /// the reference does.
    private static func checkAlignment(of archive: ZipArchive) throws(SwiftletError) {
        guard let record = archive[".storage_alignment"] else { return }
        let text = text(record)
        let digits = text.drop { $0.isWhitespace }.prefix { $0.isASCIIDigit }
        guard !digits.isEmpty,
            text.allSatisfy({ $0.isASCIIDigit || $0.isWhitespace }),
            text[digits.endIndex...].allSatisfy(\.isWhitespace)
        else {
            throw SwiftletError(.torchRecord, "the record .storage_alignment is \"\(text)\"")
        }
    }

    /// The text of a short record, cut where no such record is longer.
    private static func text(_ record: ByteView) -> String {
        String(decoding: record[0..<min(record.count, 64)].copy(), as: UTF8.self)
    }
}

extension Character {
    /// 0 to 9.
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
