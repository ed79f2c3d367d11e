public import AsyncHTTPClient

/// How the tasks call out.
public enum OutboundHTTP {
    /// Redirects are answers and never followed.
    ///
    /// A followed one would turn an alert's POST into a GET that "succeeds", and would lead a picture's address out of
    /// its allow-list.
    public static var configuration: HTTPClient.Configuration {
        HTTPClient.Configuration(redirectConfiguration: .disallow)
    }
}
