/// The files of a `multipart/form-data` body.
///
/// Source: RFC 7578 and RFC 2046, section 5.1.
enum MultipartForm {
    /// The bytes of every part with this name, in order.
    /// - Throws: `Problem` for a body that is no such form.
    static func files(named name: String, in body: [UInt8], boundary: String) throws -> [[UInt8]] {
        let delimiter = Array("--\(boundary)".utf8)
        var files: [[UInt8]] = []
        guard var position = find(delimiter, in: body, from: 0).map({ $0 + delimiter.count }) else { throw malformed }
        while true {
            // Two dashes behind the delimiter end the form.
            if body[position...].starts(with: Array("--".utf8)) { return files }
            guard let headersEnd = find(Array("\r\n\r\n".utf8), in: body, from: position),
                let end = find(Array("\r\n".utf8) + delimiter, in: body, from: headersEnd)
            else { throw malformed }
            let headers = String(decoding: body[position..<headersEnd], as: UTF8.self)
            if self.name(in: headers) == name { files.append(Array(body[(headersEnd + 4)..<max(end, headersEnd + 4)])) }
            position = end + 2 + delimiter.count
            guard files.count <= 16 else { throw Problem(.invalidInput, "file: at most 16 at once", field: "file") }
        }
    }

    /// The boundary that a content type names.
    static func boundary(in contentType: String) -> String? {
        guard contentType.lowercased().hasPrefix("multipart/form-data"),
            let start = contentType.firstRange(of: "boundary=")
        else { return nil }
        let rest = contentType[start.upperBound...]
        let text = rest.hasPrefix("\"") ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != ";" }
        return (1...70).contains(text.utf8.count) ? String(text) : nil
    }

    private static let malformed = Problem(.invalidInput, "the body is no multipart form with the boundary it names")

    private static func name(in headers: String) -> String? {
        for line in headers.split(whereSeparator: \.isNewline)
        where line.lowercased().hasPrefix("content-disposition:") {
            for part in line.split(separator: ";").map({ $0.drop { $0 == " " } }) where part.hasPrefix("name=") {
                return String(part.dropFirst(5).filter { $0 != "\"" })
            }
        }
        return nil
    }

    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard let first = pattern.first, bytes.count >= pattern.count else { return nil }
        var index = start
        while index <= bytes.count - pattern.count {
            guard let next = bytes[index...(bytes.count - pattern.count)].firstIndex(of: first) else { return nil }
            if bytes[next..<next + pattern.count].elementsEqual(pattern) { return next }
            index = next + 1
        }
        return nil
    }
}
