import TaskQueue

/// The description of the interface: the document beside this file, with a path for every task that is known.
struct OpenAPIDocument: Sendable {
    /// As it is served.
    let json: [UInt8]

    /// Completes the document.
    /// - Parameters:
    ///   - tasks: The names that can be submitted.
    ///   - schemas: What their inputs look like.
    init(
        tasks: [String], schemas: [String: JSONValue], version: String, hasPredictor: Bool, hasAdvice: Bool,
        hasMetrics: Bool, hasAccess: Bool
    ) {
        let template = (try? PayloadCodec.decode(JSONValue.self, from: PackageResources.openapi_json)) ?? .object([:])
        var document = template.members
        var info = document["info"]?.members ?? [:]
        info["version"] = .text(version)
        document["info"] = .object(info)
        var paths = document["paths"]?.members ?? [:]
        let submit = paths.removeValue(forKey: "/tasks/{name}") ?? .null
        for task in tasks { paths["/tasks/\(task)"] = Self.path(submit, task, schemas[task] ?? .object([:])) }
        if !hasPredictor { paths = paths.filter { !$0.key.hasPrefix("/predict") && !$0.key.hasPrefix("/models") } }
        if !hasAdvice { paths["/autoscale"] = nil }
        if !hasMetrics { paths["/metrics"] = nil }
        if !hasAccess { paths = paths.mapValues(Self.withoutSecurity) }
        document["paths"] = .object(paths)
        json = (try? PayloadCodec.encode(JSONValue.object(document))) ?? Array("{}".utf8)
    }

    private static func path(_ template: JSONValue, _ task: String, _ schema: JSONValue) -> JSONValue {
        var path = template.members
        var post = path["post"]?.members ?? [:]
        post["operationId"] = .text("submit_\(task)")
        post["summary"] = .text("Submits \(task)")
        post["requestBody"] = .object([
            "required": .bool(true),
            "content": .object(["application/json": .object(["schema": schema])]),
        ])
        path["post"] = .object(post)
        return .object(path)
    }

    private static func withoutSecurity(_ path: JSONValue) -> JSONValue {
        .object(
            path.members.mapValues { operation in
                var members = operation.members
                members["security"] = nil
                members["description"] = nil
                return .object(members)
            })
    }
}

extension JSONValue {
    /// The members of an object; none of anything else.
    fileprivate var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }
}
