import Foundation
import NIOCore

/// Why an address can't be listened on.
public struct ListenError: Error, CustomStringConvertible {
    /// One sentence with the address, the cause and what to do.
    public let description: String

    /// Explains what binding an address threw.
    public init(_ address: ListenAddress, _ error: any Error) {
        let known: String? =
            switch (error as? IOError)?.errnoCode {
            case EADDRINUSE: "something else listens there; stop it or choose another port"
            case EADDRNOTAVAIL: "no interface of this machine has that address"
            case EACCES: "this user may not; choose a port from 1024 up"
            default: nil
            }
        let isUnknownHost = error is SocketAddressError.UnknownHost
        let cause = known ?? (isUnknownHost ? "no host has that name; give an address" : "\(error)")
        description = "can't listen on \(address): \(cause)"
    }
}
