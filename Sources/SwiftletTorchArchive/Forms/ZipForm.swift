import SwiftletBytes

/// The zip format of PyTorch 1.6 and later: a zip with the pickle and one record per storage.
enum ZipForm {
    /// The first four bytes of the file, by which alone the reference recognizes the format.
    static let signature: UInt32 = 0x0403_4b50

    /// The versions that the reference reads.
    private static let versions = 1...10

    /// Reads the pickle.
    ///
    /// - Parameter view: The whole file.
    /// - Returns: The value, with the machine that owns its contents.
    /// - Throws: ``SwiftletError`` with a `torch.…` code if the file is malformed.
    static func read(_ view: ByteView) throws(SwiftletError) -> (PickleMachine, PickleValue) {
        let archive = try ZipArchive(view)
        guard archive["constants.pkl"] == nil else {
            throw SwiftletError(
                .torchScript, "TorchScript programs are not supported",
                hint: "save the module's state_dict() with torch.save")
        }
        try checkVersion(of: archive)
        let order = try byteOrder(of: archive)
        try checkAlignment(of: archive)
        if let id = archive[".data/serialization_id"], UTF8Check.firstError(in: id) != nil {
            throw SwiftletError(
                .torchRecord, "the record \".data/serialization_id\" is not UTF-8")
        }
        guard let pickle = archive["data.pkl"] else {
            throw SwiftletError(.torchNoRecord, "missing record \"data.pkl\"")
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
            throw SwiftletError(.torchNoRecord, "missing record \"version\"")
        }
        // As in the reference, anything may follow the number.
        let text = text(record).drop { $0.isWhitespace || $0 == "+" }.prefix { $0.isASCIIDigit }
        guard let version = Int(text), version >= versions.lowerBound else {
            throw SwiftletError(.torchRecord, "invalid version \"\(self.text(record))\"")
        }
        guard versions ~= version else {
            throw SwiftletError(
                .torchVersion,
                "format version \(version) is not supported, only up to \(versions.upperBound)")
        }
    }

    /// The byte order of the storages: little-endian, unless a record specifies another.
    private static func byteOrder(
        of archive: ZipArchive
    ) throws(SwiftletError) -> StorageTable.ByteOrder {
        guard let record = archive["byteorder"] else { return .little }
        switch text(record) {
        case "little": return .little
        case "big": return .big
        case let other:
            throw SwiftletError(.torchRecord, "unknown byte order \"\(other)\"")
        }
    }

    /// Checks the alignment record as the reference does.
    ///
    /// Its value serves readers that compute offsets from it and is not needed here.
    private static func checkAlignment(of archive: ZipArchive) throws(SwiftletError) {
        guard let record = archive[".storage_alignment"] else { return }
        let text = text(record)
        let digits = text.drop { $0.isWhitespace }.prefix { $0.isASCIIDigit }
        guard !digits.isEmpty,
            text.allSatisfy({ $0.isASCIIDigit || $0.isWhitespace }),
            text[digits.endIndex...].allSatisfy(\.isWhitespace)
        else {
            throw SwiftletError(.torchRecord, "invalid storage alignment \"\(text)\"")
        }
    }

    /// The text of a short record, at most 64 bytes of it.
    private static func text(_ record: ByteView) -> String {
        String(decoding: record[0..<min(record.count, 64)].copy(), as: UTF8.self)
    }
}

extension Character {
    /// 0 to 9.
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
