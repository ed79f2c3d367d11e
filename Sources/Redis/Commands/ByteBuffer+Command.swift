internal import NIOCore

extension ByteBuffer {
    /// Writes a command as the protocol wants it: a list of binary strings.
    ///
    /// The room is reserved once and filled through one pointer: a script call may have hundreds of arguments.
    mutating func write(_ command: RedisCommand) {
        let room = command.arguments.reduce(command.name.utf8.count + 2 * RequestPen.headerRoom) {
            $0 + $1.byteLimit + RequestPen.headerRoom
        }
        writeWithUnsafeMutableBytes(minimumWritableBytes: room) { bytes in
            var pen = RequestPen(bytes)
            pen.writeHeader("*", command.arguments.count + 1)
            pen.write(command.name)
            for argument in command.arguments { pen.write(argument) }
            return pen.written
        }
    }
}

extension RedisArgument {
    /// At most so many bytes on the wire.
    fileprivate var byteLimit: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        case .integer: 20
        }
    }
}

/// Fills reserved memory with a request.
private struct RequestPen {
    /// A type byte, at most 20 digits and two line ends.
    static let headerRoom = 25

    private let memory: UnsafeMutableRawBufferPointer
    private(set) var written = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    mutating func write(_ argument: RedisArgument) {
        switch argument {
        case .string(let text): write(text)
        case .bytes(let bytes): bytes.withUnsafeBytes { writeString($0) }
        case .integer(let number): write(String(number))
        }
    }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { writeString(UnsafeRawBufferPointer($0)) }
    }

    private mutating func writeString(_ bytes: UnsafeRawBufferPointer) {
        writeHeader("$", bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: memory[written...]).copyMemory(from: bytes)
        written += bytes.count
        writeLineEnd()
    }

    mutating func writeHeader(_ type: Unicode.Scalar, _ number: Int) {
        put(UInt8(ascii: type))
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            put(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
        writeLineEnd()
    }

    private mutating func writeLineEnd() {
        put(UInt8(ascii: "\r"))
        put(UInt8(ascii: "\n"))
    }

    private mutating func put(_ byte: UInt8) {
        memory[written] = byte
        written += 1
    }
}
