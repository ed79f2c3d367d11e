import HTTPTypes
import Hummingbird
import NIOCore
import TaskQueue

/// Server-sent events, as the HTML standard has them.
enum EventStream {
    /// What goes down the stream.
    enum Event: Sendable {
        /// Something with a name and JSON.
        case named(String, [UInt8])
        /// The last one, and why it is.
        case end(End)
        /// Nothing to say; proxies and clients see that the stream lives.
        case keepAlive
    }

    /// Why a stream ends.
    enum End: String {
        /// The task has ended.
        case final
        /// The gateway stops; ask again, another may answer.
        case closing
        /// The stream has lasted as long as one may; ask again.
        case renew
    }

    /// An answer that sends events until there are no more or the client is gone.
    ///
    /// The first thing sent tells the client how soon to come back after a break.
    static func response<Events: AsyncSequence & Sendable>(
        _ events: Events
    ) -> Response where Events.Element == Event {
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
            for try await event in events { try await writer.write(bytes(of: event)) }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .accelBuffering: "no"], body: body)
    }

    /// Whether the caller asks for events rather than one answer.
    static func isWanted(by request: Request) -> Bool {
        request.headers[.accept]?.lowercased().contains("text/event-stream") ?? false
    }

    private static func bytes(of event: Event) -> ByteBuffer {
        switch event {
        case .keepAlive: ByteBuffer(string: ": still here\n\n")
        case .end(let reason): bytes(of: .named("end", Array(#"{"reason":"\#(reason.rawValue)"}"#.utf8)))
        case .named(let name, let json):
            ByteBuffer(bytes: Array("event: \(name)\ndata: ".utf8) + json + [0x0A, 0x0A])
        }
    }
}
