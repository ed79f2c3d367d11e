extension Tensor {
    /// Where the elements start; valid while the storage is referred to.
    func pointer<T: Element>(_: T.Type = T.self) -> UnsafeMutablePointer<T> {
        storage.start.assumingMemoryBound(to: T.self)
    }

    /// The elements converted to a type, row by row; a copy.
    func elements<T: Element>(as _: T.Type) -> [T] {
        let tensor = inRowMajor()
        return withExtendedLifetime(tensor.storage) {
            [T](unsafeUninitializedCapacity: count) { buffer, initialized in
                if let start = buffer.baseAddress { tensor.convert(into: start) }
                initialized = count
            }
        }
    }

    /// Writes the elements, in the order they lie in memory, converted to a type.
    func convert<T: Element>(into target: UnsafeMutablePointer<T>) {
        guard T.type != type else {
            target.update(from: pointer(), count: count)
            return
        }
        write(self.type.element, target)
    }

    private func write<S: Element, T: Element>(_: S.Type, _ target: UnsafeMutablePointer<T>) {
        let source: UnsafeMutablePointer<S> = pointer()
        if S.isInteger && T.isInteger {
            for index in 0..<count { target[index] = T(wrapping: source[index].integer) }
        } else {
            for index in 0..<count { target[index] = T(nearest: source[index].double) }
        }
    }

    /// The same values as another type, in memory of its own and the same order.
    func converted(to type: ElementType) -> Tensor {
        guard type != self.type else { return self }
        let storage = Storage(byteCount: count * type.size)
        convert(to: type.element, storage)
        return Tensor(shape: shape, type: type, layout: layout, count: count, storage: storage)
    }

    private func convert<T: Element>(to _: T.Type, _ storage: Storage) {
        convert(into: storage.start.assumingMemoryBound(to: T.self))
    }

    /// The same tensor with its elements in row-major order: itself, or a copy in memory of its own.
    func inRowMajor() -> Tensor {
        guard layout != .rowMajor else { return self }
        let copy = Storage(byteCount: count * type.size)
        StridedCopy(shape: shape, strides: layout.strides(shape), elementSize: type.size)
            .run(from: storage.start, to: copy.start)
        return Tensor(shape: shape, type: type, count: count, storage: copy)
    }

    /// The same tensor row by row in memory of its own, which outlives a run.
    func copied() -> Tensor {
        if layout != .rowMajor { return inRowMajor() }
        let copy = Storage(byteCount: count * type.size)
        copy.start.copyMemory(from: storage.start, byteCount: count * type.size)
        return Tensor(shape: shape, type: type, count: count, storage: copy)
    }

    /// The same elements under another shape of as many.
    func viewed(as shape: [Int]) -> Tensor {
        Tensor(shape: shape, type: type, layout: .rowMajor, count: count, storage: storage)
    }
}
