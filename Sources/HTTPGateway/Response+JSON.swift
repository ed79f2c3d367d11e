import HTTPTypes
import Hummingbird
import NIOCore
import TaskQueue

extension Response {
    /// Any value as JSON, in the engine's one way of writing it.
    static func json(
        _ value: some Encodable, _ status: HTTPResponse.Status = .ok, type: String = "application/json"
    ) -> Response {
        do throws(PayloadError) {
            return json(bytes: try PayloadCodec.encode(value), status, type: type)
        } catch {
            // Only a stored result that is no JSON gets here.
            return Response(status: .internalServerError)
        }
    }

    static func json(
        bytes: [UInt8], _ status: HTTPResponse.Status = .ok, type: String = "application/json"
    ) -> Response {
        data(bytes + [UInt8(ascii: "\n")], status, type: type)
    }

    static func data(_ bytes: [UInt8], _ status: HTTPResponse.Status = .ok, type: String) -> Response {
        Response(status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
