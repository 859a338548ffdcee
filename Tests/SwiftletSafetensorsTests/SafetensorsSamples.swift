import Foundation
import SwiftletBytes
import SwiftletSafetensors
import Testing

/// A file with the given header, followed by `data` bytes of data.
func safetensors(_ header: some Sequence<UInt8>, data: Int = 0) -> [UInt8] {
    let header = Array(header)
    let length = UInt64(header.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header
        + (0..<data).map { UInt8(truncatingIfNeeded: $0) }
}

/// A file with the given header text, followed by `data` bytes of data.
func safetensors(_ header: String, data: Int = 0) -> [UInt8] {
    safetensors(header.utf8, data: data)
}

/// The result of reading a file: the number of its tensors, or the error.
func verdict(_ bytes: [UInt8]) -> Result<Int, SwiftletError> {
    do throws(SwiftletError) {
        return .success(try SafetensorsFile(view: ByteView(bytes)).tensors.count)
    } catch {
        return .failure(error)
    }
}

/// Every dtype that torch 2.13 has, names that need escaping, a scalar and an empty tensor, as
/// written by `safetensors.torch.save(tensors, {"format": "pt"})` of safetensors 0.8.0.
let referenceFile = [UInt8](
    Data(
        base64Encoded: """
            yAQAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJ1NjQiOnsiZHR5cGUiOiJVNjQiLCJz
            aGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlswLDhdfSwiYi5taXhlZCI6eyJkdHlwZSI6Ikk2NCIsInNoYXBl
            IjpbM10sImRhdGFfb2Zmc2V0cyI6WzgsMzJdfSwiZjY0Ijp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOltdLCJk
            YXRhX29mZnNldHMiOlszMiw0MF19LCJjNjQiOnsiZHR5cGUiOiJDNjQiLCJzaGFwZSI6WzFdLCJkYXRhX29m
            ZnNldHMiOls0MCw0OF19LCJhXHRcInhcXMOpf1x1MDAwMSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMSwy
            XSwiZGF0YV9vZmZzZXRzIjpbNDgsNTZdfSwiZW1wdHkiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsM10s
            ImRhdGFfb2Zmc2V0cyI6WzU2LDU2XX0sInUzMiI6eyJkdHlwZSI6IlUzMiIsInNoYXBlIjpbMV0sImRhdGFf
            b2Zmc2V0cyI6WzU2LDYwXX0sImkzMiI6eyJkdHlwZSI6IkkzMiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0
            cyI6WzYwLDY0XX0sImJyYWluIjp7ImR0eXBlIjoiQkYxNiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6
            WzY0LDY2XX0sImhhbGYiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls2Niw3
            MF19LCJaIjp7ImR0eXBlIjoiVTE2Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNzAsNzJdfSwiaTE2
            Ijp7ImR0eXBlIjoiSTE2Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNzIsNzRdfSwiZTV6Ijp7ImR0
            eXBlIjoiRjhfRTVNMkZOVVoiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls3NCw3NV19LCJlNHoiOnsi
            ZHR5cGUiOiJGOF9FNE0zRk5VWiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6Wzc1LDc2XX0sImU4Ijp7
            ImR0eXBlIjoiRjhfRThNMCIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6Wzc2LDc3XX0sImU0Ijp7ImR0
            eXBlIjoiRjhfRTRNMyIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6Wzc3LDc4XX0sImU1Ijp7ImR0eXBl
            IjoiRjhfRTVNMiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6Wzc4LDc5XX0sImk4Ijp7ImR0eXBlIjoi
            STgiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls3OSw4MF19LCJ1OCI6eyJkdHlwZSI6IlU4Iiwic2hh
            cGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbODAsODFdfSwiYm9vbCI6eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6
            WzNdLCJkYXRhX29mZnNldHMiOls4MSw4NF19fSAgICAgICABAAAAAAAAAAEAAAAAAAAA/v////////8DAAAA
            AAAAAJqZmZmZmbk/AACAPwAAAEAAAMA/AAAAwAEAAAAJAAAAgD8APABBAAD+/0BAfzg8/wcBAAE=
            """, options: .ignoreUnknownCharacters) ?? Data())
