import Postgres
import Testing

@Suite("A PostgreSQL URI")
struct ConfigurationTests {
    @Test(
        "is shown without its secrets",
        arguments: [
            ("postgres://user:hunter2@host/db", "host:5432/db"),
            ("postgresql://h1:1,h2:2/db?sslmode=verify-full&password=hunter2", "h1,h2:1,2/db"),
            ("postgres:///db", "localhost:5432/db"), ("postgres:///db?host=/run/pg", "/run/pg:5432/db"),
        ])
    func shown(_ uri: String, _ description: String) throws {
        #expect(try PostgresConfiguration(uri: uri).description == description)
    }

    @Test(
        "that makes no sense is refused without repeating it",
        arguments: [
            "postgres", "mysql://user:hunter2@h/db", "postgres://user:hunter2@[::1/db",
            "postgres://h/db?hunter2=1", "postgres://u:hunter2@h:1:2/db",
        ])
    func refused(_ uri: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(uri: uri) }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains("hunter2") == false, "\(String(describing: error))")
        #expect(error?.description.contains("\n") == false)
    }
}
