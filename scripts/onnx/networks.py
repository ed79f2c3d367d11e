"""Write well-known networks with seeded random weights: their architecture decides what they cost, not their weights.

    networks.py FOLDER

The topologies are torchvision's (ResNet v1.5, MobileNetV2), batch open, as an exporter writes them: Conv,
BatchNormalization, Relu or Clip. Writes resnet50.onnx, resnet18.onnx and mobilenetv2.onnx.
"""

import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Network:
    def __init__(self):
        self.random = np.random.default_rng(5)
        self.nodes, self.weights, self.count = [], [], 0

    def node(self, kind, inputs, **attributes):
        self.count += 1
        output = f"{kind.lower()}_{self.count}"
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def weight(self, values):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def conv(self, x, cin, cout, kernel, stride=1, groups=1, gain=2.0):
        size = cin // groups * kernel * kernel
        w = self.weight(self.random.normal(0, (gain / size) ** 0.5, (cout, cin // groups, kernel, kernel)))
        pad = kernel // 2
        x = self.node("Conv", [x, w], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, group=groups)
        parts = [self.random.uniform(0.8, 1.2, cout), self.random.normal(0, 0.1, cout),
                 self.random.normal(0, 0.1, cout), self.random.uniform(0.8, 1.2, cout)]
        return self.node("BatchNormalization", [x, *map(self.weight, parts)], epsilon=1e-5)

    def relu(self, x):
        return self.node("Relu", [x])

    def relu6(self, x):
        if not any(tensor.name == "six" for tensor in self.weights):
            self.weights += [numpy_helper.from_array(np.float32(value), name) for value, name in [(0, "zero"), (6, "six")]]
        return self.node("Clip", [x, "zero", "six"])

    def head(self, x, cin):
        x = self.node("Flatten", [self.node("GlobalAveragePool", [x])], axis=1)
        w = self.weight(self.random.normal(0, cin ** -0.5, (1000, cin)))
        self.nodes.append(helper.make_node("Gemm", [x, w, self.weight(np.zeros(1000))], ["output"], "fc", transB=1))

    def save(self, path):
        value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, os.path.basename(path), [value("input", ["batch", 3, 224, 224])],
                                  [value("output", ["batch", 1000])], self.weights)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def resnet(depths, bottleneck):
    net = Network()
    x = net.relu(net.conv("input", 3, 64, 7, 2))
    x = net.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = 64
    for stage, depth in enumerate(depths):
        width = 64 << stage
        out = width * 4 if bottleneck else width
        for block in range(depth):
            stride = 2 if block == 0 and stage > 0 else 1
            if bottleneck:
                y = net.relu(net.conv(x, channels, width, 1))
                y = net.relu(net.conv(y, width, width, 3, stride))
                y = net.conv(y, width, out, 1, gain=0.5)
            else:
                y = net.relu(net.conv(x, channels, width, 3, stride))
                y = net.conv(y, width, out, 3, gain=0.5)
            short = net.conv(x, channels, out, 1, stride, gain=1.0) if stride > 1 or channels != out else x
            x = net.relu(net.node("Add", [y, short]))
            channels = out
    net.head(x, channels)
    return net


def mobilenetv2():
    net = Network()
    x = net.relu6(net.conv("input", 3, 32, 3, 2))
    channels = 32
    for expand, out, depth, first in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                      (6, 160, 3, 2), (6, 320, 1, 1)]:
        for block in range(depth):
            stride, wide = first if block == 0 else 1, channels * expand
            y = net.relu6(net.conv(x, channels, wide, 1)) if expand > 1 else x
            y = net.relu6(net.conv(y, wide, wide, 3, stride, groups=wide))
            y = net.conv(y, wide, out, 1, gain=1.0)
            x = net.node("Add", [x, y]) if stride == 1 and channels == out else y
            channels = out
    x = net.relu6(net.conv(x, channels, 1280, 1))
    net.head(x, 1280)
    return net


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    resnet([3, 4, 6, 3], True).save(sys.argv[1] + "/resnet50.onnx")
    resnet([2, 2, 2, 2], False).save(sys.argv[1] + "/resnet18.onnx")
    mobilenetv2().save(sys.argv[1] + "/mobilenetv2.onnx")
