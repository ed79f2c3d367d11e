import HTTPTypes
import NIOCore
import NIOHTTPTypes
import TaskQueue

/// Says why what is no HTTP request, or has too long a head, is refused; the server below answers it with nothing.
final class RefusalInWords: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Every other answer of this status has a body.
        guard case .head(var head) = unwrapOutboundIn(data), head.status == .badRequest,
            head.headerFields[.contentLength] == "0"
        else { return context.write(data, promise: promise) }
        let problem = Problem(
            .badRequest, "the head is no HTTP request, or too long; send a shorter address and headers")
        let body = problem.json(to: "\(TaskID())")
        head.headerFields[.contentType] = Problem.mediaType
        head.headerFields[.contentLength] = "\(body.count)"
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: promise)
    }
}
