/// What a node became when it was prepared.
struct PreparedNode: Sendable {
    /// What runs.
    var kernel: any Operator
    /// The values it reads while running; constants taken in at load are no longer among them.
    let reads: [String]
}
