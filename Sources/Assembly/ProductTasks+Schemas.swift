public import TaskQueue

extension ProductTasks {
    /// What the inputs look like, by task, as JSON Schema; exact: it takes what decodes, and nothing else.
    public static let schemas: [String: JSONValue] = [
        "predict_image": PackageResources.predict_image_json, "send_alert": PackageResources.send_alert_json,
        "store_sensor_data": PackageResources.store_sensor_data_json,
    ].compactMapValues { try? PayloadCodec.decode(JSONValue.self, from: $0) }
}
