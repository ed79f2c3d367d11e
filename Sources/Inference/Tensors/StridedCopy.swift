/// Copies elements that lie apart into dense row-major memory: transposing, slicing and repeating are all this.
struct StridedCopy {
    private let elementSize: Int
    private var sizes: [Int] = []
    private var strides: [Int] = []

    /// Reads `shape`, one element being `strides[axis]` elements from its neighbour; a stride may be zero or negative.
    init(shape: [Int], strides: [Int], elementSize: Int) {
        self.elementSize = elementSize
        // Neighbouring dimensions that form one even run are merged, those of one element left out.
        for (size, stride) in zip(shape, strides) where size != 1 {
            if let outer = self.strides.last, let last = sizes.last, outer == stride * size {
                sizes[sizes.count - 1] = last * size
                self.strides[self.strides.count - 1] = stride
            } else {
                sizes.append(size)
                self.strides.append(stride)
            }
        }
    }

    func run(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
        guard !sizes.contains(0) else { return }
        switch elementSize {
        case 1: copy(UInt8.self, source, target)
        case 2: copy(UInt16.self, source, target)
        case 4: copy(UInt32.self, source, target)
        default: copy(UInt64.self, source, target)
        }
    }

    private func copy<T: BitwiseCopyable>(_: T.Type, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) {
        var to = target.assumingMemoryBound(to: T.self)
        line(0, source.assumingMemoryBound(to: T.self), &to)
    }

    private func line<T: BitwiseCopyable>(_ axis: Int, _ from: UnsafePointer<T>, _ to: inout UnsafeMutablePointer<T>) {
        guard axis < sizes.count else {
            to.pointee = from.pointee
            return
        }
        let (size, stride) = (sizes[axis], strides[axis])
        if axis < sizes.count - 1 {
            for index in 0..<size { line(axis + 1, from + index * stride, &to) }
            return
        }
        if stride == 1 {
            to.update(from: from, count: size)
        } else {
            for index in 0..<size { to[index] = from[index * stride] }
        }
        to += size
    }
}
