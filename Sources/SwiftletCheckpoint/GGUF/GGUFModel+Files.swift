import SwiftletBytes
import SwiftletGGUF

extension GGUFModel {
    /// The files besides configuration and weights that a folder of the model would have: the settings
    /// of generation, and the tokenizer.
    ///
    /// - Returns: names and bytes; and sentences for the user about files that cannot be made.
    func carriedFiles() -> (files: [(name: String, bytes: [UInt8])], notes: [String]) {
        var files: [(name: String, bytes: [UInt8])] = []
        let object = configuration.object
        if let end = object["eos_token_id"], end != .null {
            var settings = JSONObject()
            for key in ["bos_token_id", "eos_token_id", "pad_token_id"] {
                if let value = object[key], value != .null { settings.append(key, value) }
            }
            let text = JSONValue.object(settings).text(pretty: true) + "\n"
            files.append(("generation_config.json", Array(text.utf8)))
        }
        guard GGUFTokenizer.isPresent(in: file) else { return (files, []) }
        let (json, settings) = ("tokenizer.json", "tokenizer_config.json")
        do throws(SwiftletError) {
            let tokenizer = try GGUFTokenizer(file)
            files.append((json, tokenizer.json))
            files.append((settings, tokenizer.configuration))
        } catch {
            let place = error.place.map { ", \($0)" } ?? ""
            let note =
                "no tokenizer is written (\(json), \(settings)), because the file's cannot be "
                + "translated: \(error.reason)\(place); the model takes ids until it gets one"
            return (files, [note])
        }
        return (files, [])
    }
}
