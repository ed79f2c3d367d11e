import Foundation
import NIOCore

/// Passes the bytes of one direction on to the other channel, or does to them what the mode says.
final class FaultRelay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let target: any Channel
    private let isAnswers: Bool
    private let onBytes: (Int) -> Void
    private var mode: FaultProxy.Mode
    private var lastDue = NIODeadline.now()

    init(to target: any Channel, _ mode: FaultProxy.Mode, isAnswers: Bool, onBytes: @escaping (Int) -> Void) {
        self.target = target
        self.mode = mode
        self.isAnswers = isAnswers
        self.onBytes = onBytes
    }

    func handlerAdded(context: ChannelHandlerContext) {
        apply(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let mode as FaultProxy.Mode:
            self.mode = mode
            if !isAnswers { target.pipeline.fireUserInboundEventTriggered(mode) }
            apply(context)
        case ChannelEvent.inputClosed:
            if case .blackHole = mode { return }
            target.close(mode: .output, promise: nil)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Does what concerns the connection itself; once is enough, so the client's side does it.
    private func apply(_ context: ChannelHandlerContext) {
        guard !isAnswers else { return }
        switch mode {
        case .halfClose:
            context.channel.close(mode: .output, promise: nil)
        case .reset:
            let channel = context.channel
            (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                .whenComplete { _ in channel.close(promise: nil) }
        case .refuse:
            context.close(promise: nil)
        case .pass, .delay, .blackHole, .drip:
            break
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        onBytes(bytes.readableBytes)
        switch mode {
        case .pass:
            write(bytes, after: .zero, context)
        case .delay(let amount):
            write(bytes, after: amount, context)
        case .drip(let pause) where isAnswers:
            while let byte = bytes.readSlice(length: 1) {
                write(byte, at: max(lastDue, .now()) + pause, context)
            }
        case .drip:
            write(bytes, after: .zero, context)
        case .blackHole, .halfClose, .reset, .refuse:
            break
        }
    }

    private func write(_ bytes: ByteBuffer, after pause: TimeAmount, _ context: ChannelHandlerContext) {
        write(bytes, at: max(lastDue, .now() + pause), context)
    }

    /// Never before what came earlier.
    private func write(_ bytes: ByteBuffer, at due: NIODeadline, _ context: ChannelHandlerContext) {
        guard due > .now() else { return target.writeAndFlush(bytes, promise: nil) }
        lastDue = due
        let target = target
        context.eventLoop.scheduleTask(deadline: due) { target.writeAndFlush(bytes, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
