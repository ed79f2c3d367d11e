import NIOCore
import NIOPosix

extension ListenAddress {
    /// Listens for a moment, to find out whether the address can be had before anything is started that would have to be
    /// stopped again.
    /// - Throws: `ListenError` if it can't be had.
    public func tryBinding() async throws {
        do {
            let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            try await bootstrap.bind(host: host, port: port).get().close()
        } catch {
            throw ListenError(self, error)
        }
    }
}
