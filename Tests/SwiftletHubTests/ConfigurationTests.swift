import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletHub

/// The meaning of the environment variables.
struct ConfigurationTests {
    private func configuration(_ values: [String: String]) throws -> HubConfiguration {
        try HubConfiguration { values[$0] }
    }

    @Test("the defaults")
    func defaults() throws {
        let configuration = try configuration(["HOME": "/nowhere"])
        #expect(configuration.endpoint == "https://huggingface.co")
        #expect(configuration.cache == "/nowhere/.cache/huggingface/hub")
        #expect(configuration.token == nil)
        #expect(!configuration.isOffline)
        #expect(configuration.stallTimeout == .seconds(30))
        #expect(throws: SwiftletError(.usage, "")) { try self.configuration([:]) }
    }

    @Test("the token from the variable, the named file, the file in HF_HOME, or none")
    func token() throws {
        let folder = try TestFiles.temporaryFolder()
        try AtomicFile.write(Array(" hf_home\n".utf8), to: folder.file("token"))
        try AtomicFile.write(Array("hf_named\r\n".utf8), to: folder.file("named"))
        var values = ["HF_HOME": folder.path]
        #expect(try configuration(values).token == "hf_home")
        values["HF_TOKEN_PATH"] = folder.file("named")
        #expect(try configuration(values).token == "hf_named")
        values["HF_TOKEN_PATH"] = folder.file("absent")
        #expect(try configuration(values).token == nil)
        values["HUGGING_FACE_HUB_TOKEN"] = "hf_old"
        #expect(try configuration(values).token == "hf_old")
        values["HF_TOKEN"] = "hf_new\n"
        #expect(try configuration(values).token == "hf_new")
        values["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1"
        #expect(try configuration(values).token == nil)
    }

    @Test(
        "offline",
        arguments: [("1", true), ("yes", true), ("True", true), ("0", false), ("", false)])
    func offline(_ value: String, _ expected: Bool) throws {
        #expect(try configuration(["HOME": "/", "HF_HUB_OFFLINE": value]).isOffline == expected)
        #expect(
            try configuration(["HOME": "/", "TRANSFORMERS_OFFLINE": value]).isOffline == expected)
    }

    @Test("the timeout", arguments: [("5", 5), ("0", nil), ("-1", nil), ("x", nil)])
    func timeout(_ value: String, _ seconds: Int?) throws {
        let values = ["HOME": "/", "HF_HUB_DOWNLOAD_TIMEOUT": value]
        if let seconds {
            #expect(try configuration(values).stallTimeout == .seconds(seconds))
        } else {
            #expect(throws: SwiftletError(.usage, "")) { try configuration(values) }
        }
    }

    @Test(
        "invalid requests",
        arguments: [
            ("a/b/c", "main", "http://h", ""), ("../a", "main", "http://h", ""),
            ("a", "../b", "http://h", ""), ("a", "", "http://h", ""), ("a", "main", "h", ""),
            ("a", "main", "http://h", "hf\u{7}"), ("a", "main", "http://h", "hf é"),
        ])
    func usage(_ id: String, _ revision: String, _ endpoint: String, _ token: String) {
        var configuration = HubConfiguration(cache: "/nowhere")
        configuration.endpoint = endpoint
        if !token.isEmpty { configuration.token = token }
        #expect(throws: SwiftletError(.usage, "")) {
            try HubDownload(id, revision: revision, configuration: configuration)
        }
    }
}
