import Postgres
import TestSupport
import Testing

@Suite("A statement", .timeLimit(.minutes(1)))
struct StatementTests {
    private func connection() async throws -> PostgresConnection {
        try PostgresConnection(try await SharedPostgres.database())
    }

    @Test("carries values of every type there and back")
    func types() async throws {
        let row = try await connection().execute(
            "SELECT $1::bool, $2::int4, $3::int8, $4::text, $5::bytea, $6::timestamptz, $7::uuid, $8::text",
            [
                .bool(true), .int4(-7), .int8(.max), .text("träd"), .bytes([0, 255]),
                .time(milliseconds: 1_763_712_000_123), .uuid(1, 2), .null(.text),
            ])[0]
        #expect(try row.bool(0))
        #expect(try row.int4(1) == -7)
        #expect(try row.int8(2) == .max)
        #expect(try row.text(3) == "träd")
        #expect(row.bytes(4) == [0, 255])
        #expect(PostgresTime.milliseconds(try row.int8(5)) == 1_763_712_000_123)
        let halves = try row.uuid(6)
        #expect(halves.high == 1 && halves.low == 2)
        #expect(row.isNull(7) && row.optionalText(7) == nil)
    }

    @Test("takes arrays, which unnest turns into rows")
    func arrays() async throws {
        var (ids, names, documents) = (
            PostgresArray(of: .int8), PostgresArray(of: .text), PostgresArray(of: .jsonb)
        )
        for number in 0..<1000 {
            ids.append(Int64(number))
            if number == 500 { names.appendNull() } else { names.append("n\(number)") }
            documents.append(json: Array("{\"a\":\(number)}".utf8))
        }
        let rows = try await connection().execute(
            """
            SELECT id, name, document, document ->> 'a' FROM unnest($1::int8[], $2::text[], $3::jsonb[])
                AS t (id, name, document)
            """,
            [ids.parameter, names.parameter, documents.parameter])
        #expect(rows.count == 1000)
        #expect(rows[500].isNull(1))
        #expect(try rows[999].text(1) == "n999" && rows[999].text(3) == "999")
        #expect(rows[999].json(2).map { String(decoding: $0, as: UTF8.self) } == "{\"a\": 999}")
    }

    @Test("takes an array without elements")
    func emptyArray() async throws {
        let rows = try await connection().execute(
            "SELECT cardinality($1::text[])", [PostgresArray(of: .text).parameter])
        #expect(try rows[0].int4(0) == 0)
    }

    @Test("may return nothing, and asking for what is not there is an error and no trap")
    func nothing() async throws {
        let connection = try await connection()
        #expect(try connection.execute("SELECT 1 WHERE false").first == nil)
        let row = try connection.execute("SELECT 1::int4, NULL::int4")[0]
        for attempt in [
            { _ = try row.int8(0) }, { _ = try row.int4(1) }, { _ = try row.int4(2) }, { _ = try row.text(7) },
            { _ = try row.uuid(0) }, { _ = try row.int4(-1) },
        ] as [() throws -> Void] {
            let error = #expect(throws: PostgresError.self) { try attempt() }
            #expect(error?.code == .unexpectedAnswer)
        }
    }

    @Test("keeps the server's code in its error, and no value that it was given")
    func refusal() async throws {
        let connection = try await connection()
        let error = #expect(throws: PostgresError.self) {
            try connection.execute("SELECT $1::text::int4", [.text("hunter2")])
        }
        #expect(error?.sqlState == SQLState(rawValue: "22P02"))
        #expect(error?.description.contains("hunter2") == false)
        let absent = #expect(throws: PostgresError.self) { try connection.execute("SELECT * FROM no_such_table") }
        #expect(absent?.sqlState == .undefinedTable)
        // The connection is none the worse.
        #expect(try connection.execute("SELECT 1::int4")[0].int4(0) == 1)
    }

    @Test("that is one of a pipeline counts only if all of them do")
    func pipeline() async throws {
        let connection = try await connection()
        try connection.script("CREATE TABLE numbers (n int8 PRIMARY KEY)")
        let add: PostgresStatement = "INSERT INTO numbers VALUES ($1) RETURNING n"
        let rows = try connection.pipeline([(add, [.int8(1)]), (add, [.int8(2)]), ("SELECT 3::int8", [])])
        #expect(try rows.map { try $0[0].int8(0) } == [1, 2, 3])
        let error = #expect(throws: PostgresError.self) {
            try connection.pipeline([(add, [.int8(4)]), (add, [.int8(4)]), (add, [.int8(5)])])
        }
        #expect(error?.sqlState == .uniqueViolation)
        #expect(try connection.execute("SELECT count(*) FROM numbers")[0].int8(0) == 2)
    }

    @Test("copies rows, or none of them if one is refused")
    func copy() async throws {
        let connection = try await connection()
        try connection.script("CREATE TABLE copied (n int8 PRIMARY KEY, name text, document jsonb)")
        func rows(_ range: Range<Int64>) -> CopyRows {
            var rows = CopyRows(columns: 3)
            for number in range {
                rows.append([.int8(number), .text("name \(number)"), .json(Array("[\(number)]".utf8))])
            }
            return rows
        }
        // More than a socket takes at once.
        #expect(try connection.copy(into: "copied (n, name, document)", rows(0..<100_000)) == 100_000)
        let error = #expect(throws: PostgresError.self) {
            try connection.copy(into: "copied (n, name, document)", rows(99_999..<100_100))
        }
        #expect(error?.sqlState == .uniqueViolation)
        let absent = #expect(throws: PostgresError.self) { try connection.copy(into: "absent", rows(0..<1)) }
        #expect(absent?.sqlState == .undefinedTable)
        #expect(try connection.execute("SELECT count(*) FROM copied")[0].int8(0) == 100_000)
    }

    @Test("in a transaction that throws does not count")
    func transaction() async throws {
        let connection = try await connection()
        try connection.script("CREATE TABLE kept (n int8)")
        _ = #expect(throws: PostgresError.self) {
            try connection.transaction { (connection) throws(PostgresError) in
                try connection.execute("INSERT INTO kept VALUES (1)")
                try connection.execute("SELECT 1 / 0")
            }
        }
        try connection.transaction { (connection) throws(PostgresError) in
            _ = try connection.execute("INSERT INTO kept VALUES (2)")
        }
        #expect(try connection.execute("SELECT array_agg(n)::text FROM kept")[0].text(0) == "{2}")
    }

    @Test("never holds zero bytes in a text, which the server could not keep")
    func zeroBytes() async throws {
        var names = PostgresArray(of: .text)
        names.append("a\0b")
        let row = try await connection().execute("SELECT $1::text, ($2::text[])[1]", [.text("\0"), names.parameter])[0]
        #expect(try row.text(0) == "?" && row.text(1) == "a?b")
    }

    @Test(
        "times beyond what the server can hold become infinity, before 2000 they are exact",
        arguments: [
            (Int64.max, Int64.max), (.min, .min), (0, 0), (-1, -1), (946_684_799_999, 946_684_799_999),
            (9_224_318_015_999_999, 9_224_318_015_999_999), (9_224_318_016_000_000, .max),
        ] as [(Int64, Int64)])
    func times(_ given: Int64, _ expected: Int64) async throws {
        let row = try await connection().execute("SELECT $1::timestamptz", [.time(milliseconds: given)])[0]
        #expect(PostgresTime.milliseconds(try row.int8(0)) == expected)
    }
}
