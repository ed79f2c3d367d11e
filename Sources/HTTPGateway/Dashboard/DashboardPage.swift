import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// The dashboard as one page: markup, style and script from the files beside this one, and a policy that lets the
/// browser run just these.
struct DashboardPage: Sendable {
    /// The page never changes while a process lives.
    static let shared = DashboardPage()

    private let html: [UInt8]
    private let policy: String

    private init() {
        let style = String(decoding: PackageResources.dashboard_css, as: UTF8.self)
        let script = String(decoding: PackageResources.dashboard_js, as: UTF8.self)
        let frame = String(decoding: PackageResources.dashboard_html, as: UTF8.self)
        html = Array(frame.replacing("/*STYLE*/", with: style).replacing("/*SCRIPT*/", with: script).utf8)
        policy =
            "default-src 'none'; style-src '\(Self.source(style))'; script-src '\(Self.source(script))'; "
            + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    private static func source(_ text: String) -> String {
        "sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())"
    }

    var response: Response {
        var response = Response.data(html, type: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] = policy
        response.headers[.cacheControl] = "no-cache"
        return response
    }
}
