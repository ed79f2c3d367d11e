import FoundationEssentials
import Testing

/// Where the tests find models and fixtures, relative to this file.
enum Repository {
    static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    static let models = root + "/models"
    static let fixtures = root + "/Tests/InferenceTests/Fixtures"

    static func fixture(_ name: String) throws -> [UInt8] { try bytes("\(fixtures)/\(name)") }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try #require(FileManager.default.contents(atPath: path), "\(path) is missing"))
    }
}
