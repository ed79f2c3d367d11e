import NIOCore
import NIOPosix

/// Accepts connections and answers whatever it hears with always the same words.
package final class NoiseServer: Sendable {
    private let listener: any Channel

    package static func start(saying words: String) async throws -> NoiseServer {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answer(words: words))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return NoiseServer(listener)
    }

    private init(_ listener: any Channel) {
        self.listener = listener
    }

    deinit {
        listener.close(promise: nil)
    }

    package var url: String { "redis://127.0.0.1:\(listener.localAddress?.port ?? 0)" }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let words: String

        init(words: String) {
            self.words = words
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: words)), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
