import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

@Suite struct TrainingLogTests {
    private func log(
        _ before: String, after step: Int, isOfRun: Bool
    ) throws -> String {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("log.jsonl")
        try AtomicFile.write([UInt8](before.utf8), to: path)
        do {
            try TrainingLog.check(path, isOfRun: isOfRun)
            let log = try TrainingLog(path: path, isOfRun: isOfRun)
            try log.drop(after: step)
            try log.append(["step": JSONValue(step + 1)])
            try log.synchronize()
        } catch {
            // Whatever was there is still there.
            #expect(try TestFiles.bytes(path) == [UInt8](before.utf8))
            throw error
        }
        return String(decoding: try TestFiles.bytes(path), as: UTF8.self)
    }

    @Test func stepsThatAreMadeAgainAreDropped() throws {
        let before = "{\"step\":1}\n{\"step\":1,\"eval_loss\":2}\n{\"step\":2}\n{\"step\":3,\"lo"
        #expect(
            try log(before, after: 1, isOfRun: true)
                == "{\"step\":1}\n{\"step\":1,\"eval_loss\":2}\n{\"step\":2}\n")
        #expect(try log(before, after: 0, isOfRun: true) == "{\"step\":1}\n")
        #expect(try log("", after: 0, isOfRun: false) == "{\"step\":1}\n")
    }

    @Test func whatIsNoLogIsNotTouched() {
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try log("{\"text\":\"training data\"}\n", after: 0, isOfRun: false)
        }
        #expect(throws: SwiftletError(.trainingState, "")) {
            try log("{\"text\":\"training data\"}\n", after: 0, isOfRun: true)
        }
        #expect(throws: SwiftletError(.trainingState, "")) {
            try log("{\"step\":1}\nnonsense\n{\"step\":2}\n", after: 2, isOfRun: true)
        }
    }
}
