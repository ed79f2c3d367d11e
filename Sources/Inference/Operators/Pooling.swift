import CKernels

/// MaxPool and AveragePool; in one and two dimensions with the channels innermost, else by `GeneralPooling`.
struct Pooling: Operator {
    static let types = ["MaxPool", "AveragePool", "LpPool"]

    private let kind: PoolingKind
    private let kernel: [Int]
    private let window: Window
    private let countsPadding: Bool
    /// Whether indices count the columns first.
    private let columnsFirst: Bool

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let kind: PoolingKind
        switch node.node.type {
        case "MaxPool": kind = .maximum
        case "AveragePool": kind = .average
        default: kind = .norm(power: Double(try node.integer("p", default: 2)))
        }
        let window = try Window(node)
        guard let kernel = window.kernel, !kernel.isEmpty else { throw node.corrupt("it has no kernel_shape") }
        return Pooling(
            kind: kind, kernel: kernel, window: window, countsPadding: try node.flag("count_include_pad"),
            columnsFirst: try node.flag("storage_order"))
    }

    var arithmetic: Arithmetic { kind == .maximum ? .numbers : .float32 }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.input(0)
        guard input.shape.count == kernel.count + 2 else {
            throw call.mismatch("its input has the shape \(input.shape) and its window \(kernel.count) dimensions")
        }
        let axes = try window.axes(kernel: kernel, over: Array(input.shape[2...]), call)
        let shape = Array(input.shape[..<2]) + axes.map(\.output)
        let count = try Shape.count(shape, place: call.place)
        try WorkLimit.check([max(count, axes.map(\.output).max() ?? 0)] + kernel, at: call.place)
        let isPlain = input.type == .float32 && axes.count <= 2 && call.outputCount == 1 && kind.hasKernel
        guard isPlain, count > 0, input.count > 0 else {
            try WorkLimit.check([max(count, 1)] + kernel, at: call.place, most: WorkLimit.stepsMax)
            return try GeneralPooling(kind: kind, axes: axes, countsPadding: countsPadding, columnsFirst: columnsFirst)
                .run(input, shape, call)
        }
        try WorkLimit.check([count / shape[1]] + kernel, at: call.place, most: WorkLimit.lookupsMax)
        let output = try call.output(shape, layout: .channelsLast)
        let (y, x) = axes.count == 2 ? (axes[0], axes[1]) : (.single, axes[0])
        try pool(try call.inChannelsLast(input), output, y, x, call)
        return [output]
    }

    private func pool(
        _ input: Tensor, _ output: Tensor, _ y: WindowAxis, _ x: WindowAxis, _ call: Invocation
    ) throws(InferenceError) {
        var filter = ck_filter()
        filter.window = ck_window(y, x)
        filter.channels = input.shape[1]
        let padding = try call.scratch(Float.self, filter.channels)
        padding.initialize(repeating: kind == .maximum ? -.infinity : 0, count: filter.channels)
        filter.padding = UnsafePointer(padding)
        filter.pointers = try call.scratch(UnsafePointer<Float>?.self, filter.window.taps * Int(CK_TILE_MAX))
        filter.row_counts = UnsafePointer(try counts(y, call))
        filter.column_counts = UnsafePointer(try counts(x, call))
        let images = input.shape[0]
        for image in 0..<images {
            filter.input = UnsafePointer(input.pointer() + image * (input.count / images))
            filter.output = output.pointer() + image * (output.count / images)
            if kind == .maximum {
                Kernels.current.pool_maximum(&filter)
            } else {
                Kernels.current.pool_average(&filter)
            }
        }
    }

    private func counts(_ axis: WindowAxis, _ call: Invocation) throws(InferenceError) -> UnsafeMutablePointer<Float> {
        let counts = try call.scratch(Float.self, axis.output)
        for (index, count) in axis.counts(includingPadding: countsPadding).enumerated() {
            counts[index] = max(count, 1)
        }
        return counts
    }
}
