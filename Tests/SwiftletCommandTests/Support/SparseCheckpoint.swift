import Foundation
import Testing

/// A large checkpoint that takes no space: one tensor of zeros that no disk block holds.
enum SparseCheckpoint {
    /// Writes a safetensors file with a tensor of `count` singles.
    ///
    /// - Returns: the file's path.
    static func write(_ count: Int, to path: String) throws -> String {
        let header = """
            {"big":{"dtype":"F32","shape":[\(count)],"data_offsets":[0,\(4 * count)]}}
            """
        var length = UInt64(header.utf8.count).littleEndian
        let start = withUnsafeBytes(of: &length) { Array($0) } + Array(header.utf8)
        try Files.write(start, to: path)
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.truncate(atOffset: UInt64(start.count + 4 * count))
        try file.close()
        return path
    }

    /// The size of the first temporary file at any depth in a folder; 0 if there is none.
    static func temporarySize(in folder: String) -> Int {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasSuffix(".partial") {
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            if facts?[.type] as? FileAttributeType == .typeRegular {
                return facts?[.size] as? Int ?? 0
            }
        }
        return 0
    }

    /// Waits until a command has written a part of its output below a folder.
    static func waitForOutput(of tool: RunningTool, in folder: String) {
        while tool.isRunning, temporarySize(in: folder) < 1 << 20 { usleep(500) }
    }
}
