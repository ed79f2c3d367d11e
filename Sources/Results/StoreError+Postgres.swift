public import Postgres
public import TaskQueue

extension StoreError {
    /// A failure of PostgreSQL as the engine knows failures.
    public init(_ error: PostgresError, _ what: String) {
        let code: Code =
            switch error.code {
            case .unavailable, .timeout, .connectionLost, .cancelled: .unavailable
            case .busy: .busy
            case .configuration: .invalidRequest
            case .unexpectedAnswer: .incompatible
            case .server(let state): Self.code(of: state)
            }
        let advice =
            switch error.sqlState {
            case .undefinedTable, .undefinedColumn: ". The schema is missing or too old: run queuectl migrate"
            default: ""
            }
        self.init(code, "could not \(what): \(error)\(advice)")
    }

    private static func code(of state: SQLState) -> Code {
        switch state {
        case .readOnly: return .readOnly
        case .diskFull: return .full
        case .tooManyConnections, .queryCanceled, .lockNotAvailable: return .busy
        default: break
        }
        switch state.kind {
        // Serialisation and deadlocks pass; so does what the operator does to a server, and a lost connection.
        case "40", "55": return .busy
        case "08", "57", "28", "3D", "58": return .unavailable
        case "53": return .full
        case "22", "23", "54": return .invalidRequest
        default: return .incompatible
        }
    }
}
