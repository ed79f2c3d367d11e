"""Write the onnx package's own backend test data as folders a test can read, and say which cases are in scope.

    cases.py FOLDER

Each case in scope becomes FOLDER/<name>/{model.onnx, input_N.pb, output_N.pb}; FOLDER/cases.json lists every case with
the rule that leaves it out, or none. The rules look at a case's model and data alone, never at what passes.
"""

import collections
import glob
import json
import os
import shutil
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.loader import load_node_model_tests

# What a vision network is made of: a case in scope uses these operators only.
OPERATORS = set("""
Conv ConvTranspose BatchNormalization InstanceNormalization GroupNormalization LayerNormalization LRN
Relu Clip LeakyRelu PRelu ThresholdedRelu Sigmoid HardSigmoid HardSwish Elu Selu Celu Gelu Mish Swish Softplus Softsign
Tanh Erf Softmax LogSoftmax
MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool
Gemm MatMul
Add Sub Mul Div Pow Mod Min Max Sum Mean Abs Neg Sign Exp Log Sqrt Reciprocal Floor Ceil Round Sin Cos
Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor Not Where
Concat Split Slice Gather Reshape Flatten Transpose Squeeze Unsqueeze Expand Tile Pad Resize DepthToSpace SpaceToDepth
ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare
ArgMax ArgMin
Shape Size Constant ConstantOfShape Cast CastLike Range Identity Dropout
""".split())

# Element types: what networks compute in, count with and are stored in.
TYPES = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "BOOL",
         "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"}
TYPE_NAMES = {number: name for name, number in TensorProto.DataType.items()}

# Networks of the `light` kind that are also tested with weights of their own; the others would need 250 to 600 MB.
WEIGHTED = ["densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet"]

Case = collections.namedtuple("Case", "kind name model sets")


def node_cases():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in load_node_model_tests():
            yield Case("node", case.name, case.model, case.data_sets)


def stored_cases(data, kind):
    for folder in sorted(glob.glob(f"{data}/{kind}/*/")):
        model = onnx.load(folder + "model.onnx")
        sets = []
        for data_set in sorted(glob.glob(folder + "test_data_set_*/")):
            sets.append([[read(f"{data_set}{role}_{i}.pb") for i in range(len(glob.glob(f"{data_set}{role}_*.pb")))]
                         for role in ("input", "output")])
        yield Case(kind, os.path.basename(folder[:-1]), model, sets)


def read(path):
    """A tensor, or None where the file holds something else, such as a sequence."""
    tensor = TensorProto()
    try:
        with open(path, "rb") as file:
            tensor.ParseFromString(file.read())
        return numpy_helper.to_array(tensor)
    except Exception:
        return None


def light_cases(data):
    for path in sorted(glob.glob(f"{data}/light/*.onnx")):
        name = os.path.basename(path)[:-5]
        model = onnx.load(path)
        expected = read(path[:-5] + "_output_0.pb")
        stored = {tensor.name for tensor in model.graph.initializer}
        image = next(value for value in model.graph.input if value.name not in stored)
        shape = [d.dim_value for d in image.type.tensor_type.shape.dim]
        # The input that the package's own runner feeds.
        ramp = (np.arange(np.prod(shape)).reshape(shape) / np.prod(shape)).astype(np.float32)
        yield Case("light", name, model, [[[ramp], [expected]]])
        if name.removeprefix("light_").removeprefix("bvlc_") in WEIGHTED:
            yield weighted(name + "_weighted", model, shape)


def weighted(name, model, shape):
    """The network with weights that tell one answer from another, and onnxruntime's answer."""
    random = np.random.default_rng(11)
    model = onnx.ModelProto.FromString(model.SerializeToString())
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    kept, added = [], []
    made = {node.output[0]: node for node in model.graph.node}
    roles = collections.defaultdict(set)
    for node in model.graph.node:
        for position, value in enumerate(node.input):
            roles[value].add((node.op_type, position))
    for node in model.graph.node:
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        size = [int(n) for n in stored[node.input[0]]]
        uses = roles[node.output[0]] | {role for reader in kept_readers(made, node.output[0]) for role in roles[reader]}
        if ("BatchNormalization", 4) in uses:
            values = random.uniform(0.5, 1.5, size)
        elif len(size) > 1:
            values = random.normal(0, (1.6 / max(np.prod(size[1:]), 1)) ** 0.5, size)
        else:
            values = random.normal(0, 0.1, size) + (1 if ("BatchNormalization", 1) in uses else 0)
        added.append(numpy_helper.from_array(values.astype(np.float32), node.output[0]))
    del model.graph.node[:]
    model.graph.node.extend(kept)
    model.graph.initializer.extend(added)
    image = random.normal(0, 1, shape).astype(np.float32)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    answer = session.run(None, {session.get_inputs()[0].name: image})
    return Case("light", name, model, [[[image], answer]])


def kept_readers(made, value):
    return [name for name, node in made.items() if value in node.input and node.op_type in ("Unsqueeze", "Reshape")]


def flaw(case):
    """The first rule that leaves the case out, or None."""
    model = case.model
    opset = max([i.version for i in model.opset_import if i.domain in ("", "ai.onnx")], default=0)
    if any(i.domain not in ("", "ai.onnx") for i in model.opset_import):
        return "uses another operator domain"
    if model.functions:
        return "brings functions of its own"
    if opset < 6:
        return "operator set before 6"
    strangers = {node.op_type for node in model.graph.node} - OPERATORS
    if strangers:
        return "operator outside the list"
    if any(value.type.WhichOneof("value") != "tensor_type" for value in [*model.graph.input, *model.graph.output]):
        return "a sequence, optional or map as input or output"
    types = {TYPE_NAMES[value.type.tensor_type.elem_type] for value in [*model.graph.input, *model.graph.output]}
    types |= {TYPE_NAMES[tensor.data_type] for tensor in model.graph.initializer}
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                types.add(TYPE_NAMES[attribute.t.data_type])
            if attribute.name == "to" and node.op_type == "Cast":
                types.add(TYPE_NAMES[attribute.i])
    if types - TYPES:
        return "element type outside the list"
    if trains(case):
        return "training mode"
    if any(value is None for data in case.sets for values in data for value in values) or not case.sets:
        return "no data to compare with"
    return None


def trains(case):
    for node in case.model.graph.node:
        if any(attribute.name == "training_mode" and attribute.i for attribute in node.attribute):
            return True
        if node.op_type == "BatchNormalization" and len(node.output) > 1:
            return True
        if node.op_type == "Dropout" and len(node.input) > 2 and node.input[2]:
            return True
    return False


def judge(case, data):
    """Whether onnxruntime itself gives the expected answer: agrees, differs or refuses."""
    names = [v.name for v in case.model.graph.input if v.name not in {t.name for t in case.model.graph.initializer}]
    try:
        session = onnxruntime.InferenceSession(case.model.SerializeToString(), providers=["CPUExecutionProvider"])
        answers = session.run(None, dict(zip(names, map(array, data[0]))))
    except Exception:
        return "refuses"
    same = len(answers) == len(data[1]) and all(
        a.shape == e.shape and np.allclose(a.astype(np.float64), e.astype(np.float64), 1e-3, 1e-4, equal_nan=True)
        for a, e in zip(answers, map(array, data[1])))
    return "agrees" if same else "differs"


def proto(value):
    return value if isinstance(value, TensorProto) else numpy_helper.from_array(np.asarray(value))


def array(value):
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def write(case, folder):
    verdicts = []
    for number, data in enumerate(case.sets):
        path = f"{folder}/{case.name}" + (f"-{number}" if number else "")
        os.makedirs(path)
        onnx.save(case.model, path + "/model.onnx")
        for role, values in zip(("input", "output"), data):
            for index, value in enumerate(values):
                with open(f"{path}/{role}_{index}.pb", "wb") as file:
                    file.write(proto(value).SerializeToString())
        verdicts.append({"name": os.path.basename(path), "kind": case.kind, "onnxruntime": judge(case, data)})
    return verdicts


def main(folder):
    onnxruntime.set_default_logger_severity(4)
    data = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    index = []
    sources = [node_cases(), light_cases(data)]
    sources += [stored_cases(data, kind) for kind in ("simple", "pytorch-converted", "pytorch-operator")]
    for source in sources:
        for case in source:
            reason = flaw(case)
            index += [{"name": case.name, "kind": case.kind, "leftOut": reason}] if reason else write(case, folder)
    with open(folder + "/cases.json", "w") as file:
        json.dump(index, file, indent=1)
    counts = collections.Counter(entry.get("leftOut") or "in scope" for entry in index)
    for reason, count in counts.most_common():
        print(f"{count:6} {reason}")
    verdicts = collections.Counter(entry["onnxruntime"] for entry in index if "leftOut" not in entry)
    print(f"onnxruntime {onnxruntime.__version__} on those in scope: {dict(verdicts)}")


if __name__ == "__main__":
    main(sys.argv[1])
