/// Every operator that is implemented; a new family is added here.
enum OperatorTable {
    private static let families: [any Operator.Type] = [
        Activation.self, Arithmetic.self, BatchNormalization.self, Concatenation.self, Convolution.self, Gemm.self,
        GlobalAveragePool.self, MatrixProduct.self, Pooling.self, Reshaping.self, Sigmoid.self, Softmax.self,
    ]

    /// Types that disappear while the graph is prepared.
    static let dissolved = ["Constant", "Dropout", "Identity"]

    private static let byType: [String: any Operator.Type] = families.reduce(into: [:]) { table, family in
        for type in family.types { table[type] = family }
    }

    /// The names of all supported types, sorted.
    static let supported: [String] = (byType.keys + dissolved).sorted()

    static func family(of type: String) -> (any Operator.Type)? { byType[type] }
}
