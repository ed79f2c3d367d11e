/// Every operator that is implemented; a new family is added here.
enum OperatorTable {
    private static let families: [any Operator.Type] = [
        Activation.self, ArgumentOfExtreme.self, BatchNormalization.self, Casting.self, Clip.self, Comparison.self,
        Concatenation.self, ConstantOfShape.self, Convolution.self, DepthAndSpace.self, Dropout.self,
        Elementwise.self, Expansion.self, Gathering.self, Gemm.self, GroupedNormalization.self,
        LocalResponseNormalization.self, MatrixProduct.self, Not.self, NumberRange.self, Padding.self, Pooling.self,
        Reduction.self, Reshaping.self, Resizing.self, Selection.self, ShapeOf.self, Slicing.self, Softmax.self,
        Splitting.self, TransposedConvolution.self, Transposition.self, UnaryFunction.self,
    ]

    private static let byType: [String: any Operator.Type] = families.reduce(into: [:]) { table, family in
        for type in family.types { table[type] = family }
    }

    /// The names of all supported types, sorted; the last two disappear while the graph is prepared.
    static let supported: [String] = (byType.keys + ["Constant", "Identity"]).sorted()

    static func family(of type: String) -> (any Operator.Type)? { byType[type] }
}
