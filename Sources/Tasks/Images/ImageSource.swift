public import AsyncHTTPClient
import FoundationEssentials
public import Inference
import NIOCore
import NIOHTTP1
import TaskQueue

/// Where `predict_image` gets pictures from: inline, or by references that the operator allowed.
public struct ImageSource: Sendable {
    /// How large a picture may be.
    public let limits: ImageLimits
    private let allowedPrefixes: [String]
    private let http: HTTPClient

    /// How long a download may take.
    private static let timeoutSeconds: Int64 = 20

    /// Makes a source.
    /// - Parameters:
    ///   - allowedPrefixes: References must begin with one of these, such as `https://cdn.example.com/fish/`.
    ///   - http: Used for `https:` references.
    ///   - limits: How large a picture may be.
    public init(allowedPrefixes: [String], http: HTTPClient, limits: ImageLimits = ImageLimits()) {
        self.allowedPrefixes = allowedPrefixes
        self.http = http
        self.limits = limits
    }

    func bytes(of input: PredictImage.Input) async throws -> [UInt8] {
        if let reference = input.imageURL { return try await fetch(reference) }
        guard let data = Data(base64Encoded: input.image ?? input.imageBase64 ?? "") else {
            throw GiveUp("field 'image' is not base64")
        }
        return Array(data)
    }

    /// The server may do better at the next try.
    private struct ServerTrouble: Error, CustomStringConvertible {
        let description: String
    }

    private func fetch(_ reference: String) async throws -> [UInt8] {
        // A path that climbs could leave the allowed folder though it begins with it.
        let climbs = reference.contains("..") || reference.lowercased().contains("%2e")
        guard !climbs, allowedPrefixes.contains(where: { isBelow($0, reference) }) else {
            throw GiveUp("field 'image_url' is not below an allowed prefix; see images.allowed_prefixes")
        }
        if reference.hasPrefix("file:") { return try read(reference) }
        guard reference.hasPrefix("https:") || reference.hasPrefix("http://127.0.0.1") else {
            throw GiveUp("field 'image_url' must begin with file: or https:")
        }
        let response = try await http.execute(HTTPClientRequest(url: reference), timeout: .seconds(Self.timeoutSeconds))
        switch response.status.code {
        case 200: return try await body(of: response)
        case 408, 429, 500...: throw ServerTrouble(description: "the image server answered \(response.status.code)")
        default: throw GiveUp("the image server answered \(response.status.code)")
        }
    }

    /// Ends at a slash: `https://cdn.example.com` allows neither `https://cdn.example.com.evil.net` nor a user name.
    private func isBelow(_ prefix: String, _ reference: String) -> Bool {
        guard !prefix.isEmpty else { return false }
        return reference.hasPrefix(prefix.hasSuffix("/") ? prefix : prefix + "/")
    }

    private func body(of response: HTTPClientResponse) async throws -> [UInt8] {
        do {
            return try await response.body.collect(upTo: limits.bytesMax).withUnsafeReadableBytes { Array($0) }
        } catch is NIOTooManyBytesError {
            throw GiveUp("the picture is over the limit of \(limits.bytesMax) bytes")
        }
    }

    private func read(_ reference: String) throws -> [UInt8] {
        var path = reference.dropFirst("file:".count)
        while path.hasPrefix("//") { path = path.dropFirst() }
        let attributes = (try? FileManager.default.attributesOfItem(atPath: String(path))) ?? [:]
        // A link could lead out of the allowed folder, and a pipe would keep its reader for ever.
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw GiveUp("the file that 'image_url' names can't be read: there is no regular file")
        }
        let size = attributes[.size] as? Int ?? 0
        guard size <= limits.bytesMax else {
            throw GiveUp("the picture has \(size) bytes, over the limit of \(limits.bytesMax)")
        }
        guard let data = FileManager.default.contents(atPath: String(path)) else {
            throw GiveUp("the file that 'image_url' names can't be read")
        }
        return Array(data)
    }
}
