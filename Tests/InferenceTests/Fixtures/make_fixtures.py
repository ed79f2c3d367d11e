"""Write the fixtures beside this file: small ONNX models with what onnxruntime answers, and small pictures.

The input of every model is (i * 37 % 101) / 50 - 1 for element i, so only shapes and answers are stored.
"""

import json
import os
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
RNG = np.random.default_rng(7)
EXPECTED = {}


def formula(shape):
    return ((np.arange(np.prod(shape)) * 37 % 101) / 50.0 - 1).astype(np.float32).reshape(shape)


def model(name, nodes, shape, weights=(), opset=17, declared=None):
    inits = [numpy_helper.from_array(np.asarray(v), k) for k, v in weights]
    graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, declared or shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], inits)
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    data = proto.SerializeToString()
    session = onnxruntime.InferenceSession(data)
    answer = session.run(None, {"x": formula(shape)})[0]
    with open(os.path.join(HERE, name + ".onnx"), "wb") as file:
        file.write(data)
    EXPECTED[name] = {"input": list(shape), "shape": list(answer.shape),
                      "values": [float(f"{v:.7g}") for v in answer.ravel()]}


def weights(*shape):
    return (RNG.normal(0, 0.5, shape)).astype(np.float32)


def conv(name, shape, w, b=None, **attributes):
    inputs = ["x", "w"] + (["b"] if b is not None else [])
    model(name, [helper.make_node("Conv", inputs, ["y"], "conv", **attributes)], shape,
          [("w", w)] + ([("b", b)] if b is not None else []))


def models():
    node = helper.make_node
    conv("conv-grouped", (2, 4, 5, 6), weights(6, 2, 3, 3), weights(6), group=2, pads=[1, 0, 2, 1], strides=[2, 1])
    conv("conv-depthwise", (1, 3, 6, 5), weights(6, 1, 3, 3), weights(6), group=3, pads=[1, 1, 1, 1], strides=[1, 2])
    conv("conv-depthwise-unit-stride", (2, 3, 5, 5), weights(3, 1, 3, 3), group=3, pads=[1, 2, 0, 1])
    conv("conv-pointwise", (2, 5, 3, 4), weights(4, 5, 1, 1), weights(4))
    conv("conv-pointwise-strided", (1, 3, 5, 5), weights(4, 3, 1, 1), strides=[2, 2])
    conv("conv-dilated", (1, 2, 8, 9), weights(3, 2, 3, 2), dilations=[2, 3], pads=[2, 1, 1, 2])
    conv("conv-same-upper", (1, 2, 6, 7), weights(2, 2, 4, 3), auto_pad="SAME_UPPER", strides=[2, 2])
    conv("conv-same-lower", (1, 2, 6, 7), weights(2, 2, 4, 3), auto_pad="SAME_LOWER", strides=[2, 2])
    for kind in ("MaxPool", "AveragePool"):
        extra = {"count_include_pad": 1} if kind == "AveragePool" else {"dilations": [2, 1]}
        model(f"{kind}-ceil".lower(), [node(kind, ["x"], ["y"], "pool", kernel_shape=[3, 3], strides=[2, 2],
                                            pads=[1, 1, 1, 1], ceil_mode=1)], (1, 2, 8, 7))
        model(f"{kind}-options".lower(), [node(kind, ["x"], ["y"], "pool", kernel_shape=[2, 3], strides=[1, 2],
                                               pads=[0, 1, 1, 1], **extra)], (2, 2, 6, 7))
    bn = [("w", weights(4, 3, 3, 3)), ("s", weights(4)), ("o", weights(4)), ("m", weights(4)),
          ("v", np.abs(weights(4)) + 0.1)]
    model("folded-and-fused", [
        node("Conv", ["x", "w"], ["c"], "c", pads=[1, 1, 1, 1]),
        node("BatchNormalization", ["c", "s", "o", "m", "v"], ["n"], "n", epsilon=1e-3),
        node("Clip", ["n", "low", "high"], ["y"], "clip")], (1, 3, 4, 4),
        bn + [("low", np.float32(-0.5)), ("high", np.float32(1.5))])
    model("conv-read-twice", [
        node("Conv", ["x", "w"], ["c"], "c", pads=[1, 1, 1, 1]),
        node("BatchNormalization", ["c", "s", "o", "m", "v"], ["n"], "n"),
        node("Relu", ["n"], ["r"], "relu"), node("Sigmoid", ["c"], ["g"], "gate"),
        node("Mul", ["r", "g"], ["p"], "mul"), node("Add", ["p", "n"], ["y"], "add")], (1, 3, 4, 4), bn)
    model("shapes", [
        node("Identity", ["x"], ["i"]), node("Dropout", ["i"], ["d"]),
        node("Constant", [], ["t"], value=numpy_helper.from_array(np.array([0, -1, 4], np.int64))),
        node("Reshape", ["d", "t"], ["r"]), node("MatMul", ["r", "w"], ["p"]),
        node("Concat", ["p", "r"], ["k"], axis=-1), node("Mul", ["k", "channel"], ["u"]),
        node("Softmax", ["u"], ["s"], axis=1), node("Flatten", ["s"], ["y"], axis=2)],
        (2, 3, 8), [("w", weights(4, 3)), ("channel", weights(6, 1))])
    model("gemm", [node("Gemm", ["x", "w", "b"], ["y"], "gemm", alpha=0.5, beta=2.0, transA=1, transB=1)], (4, 3),
          [("w", weights(5, 4)), ("b", weights(3, 1))])
    model("opset-10", [node("Clip", ["x"], ["c"], min=-0.3, max=0.6), node("Softmax", ["c"], ["y"], axis=1)],
          (2, 3, 4), opset=10)
    tiny = [("w1", weights(4, 3, 3, 3)), ("s", weights(4)), ("o", weights(4)), ("m", weights(4)),
            ("v", np.abs(weights(4)) + 0.1), ("f", weights(6, 4)), ("fb", weights(6))]
    model("tiny-network", [
        node("Conv", ["x", "w1"], ["c"], "stem", pads=[1, 1, 1, 1], strides=[2, 2]),
        node("BatchNormalization", ["c", "s", "o", "m", "v"], ["n"], "bn"), node("Relu", ["n"], ["r"], "relu"),
        node("MaxPool", ["r"], ["p"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
        node("GlobalAveragePool", ["p"], ["a"], "mean"), node("Flatten", ["a"], ["l"], "flat"),
        node("Gemm", ["l", "f", "fb"], ["g"], "head", transB=1), node("Softmax", ["g"], ["y"], "soft")],
        (1, 3, 16, 16), tiny, declared=["batch", 3, 16, 16])


def hostile():
    """A convolution whose padding asks for an output of 16 TB; it is only written, never run here."""
    pads = [1_000_000] * 4
    nodes = [helper.make_node("Conv", ["x", "w"], ["y"], "vast", pads=pads)]
    graph = helper.make_graph(nodes, "vast", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 4, 4])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
                              [numpy_helper.from_array(np.ones((1, 1, 3, 3), np.float32), "w")])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with open(os.path.join(HERE, "vast.onnx"), "wb") as file:
        file.write(proto.SerializeToString())


def shipped():
    path = os.path.join(HERE, "..", "..", "..", "models", "fish", "v1", "model.onnx")
    answer = onnxruntime.InferenceSession(path).run(None, {"image": formula((1, 3, 64, 64))})[0]
    EXPECTED["fish"] = {"input": [1, 3, 64, 64], "shape": list(answer.shape),
                        "values": [float(f"{v:.7g}") for v in answer.ravel()]}


def chunk(kind, data):
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def pictures():
    y, x = np.mgrid[0:23, 0:37]
    rgb = Image.fromarray(np.stack([(x * 7) % 256, (y * 11) % 256, (x * y) % 256], -1).astype(np.uint8))
    save = lambda image, name, **options: image.save(os.path.join(HERE, name), **options)
    save(rgb, "rgb.png")
    save(rgb, "rgb.jpg", quality=92)
    save(rgb, "progressive.jpg", quality=90, progressive=True)
    save(rgb.convert("L"), "gray.jpg", quality=92)
    save(rgb.convert("L"), "gray.png")
    save(rgb.convert("P"), "palette.png")
    save(rgb.convert("CMYK"), "cmyk.jpg", quality=92)
    save(rgb, "picture.webp")
    save(rgb, "picture.gif")
    clear = rgb.convert("RGBA")
    clear.putalpha(0)
    save(clear, "transparent.png")
    save(Image.fromarray((np.asarray(rgb)[..., 0].astype(np.uint16) * 257)), "gray16.png")
    header = (60000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    with open(os.path.join(HERE, "bomb.png"), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(4000)))
                   + chunk(b"IEND", b""))
    for size in ((16, 12), (50, 31)):
        resized = np.asarray(rgb.resize(size, Image.BILINEAR))
        EXPECTED[f"resize-{size[0]}x{size[1]}"] = {"input": [], "shape": [size[1], size[0], 3],
                                                   "values": [float(v) for v in resized.ravel()]}
    orientations(save)
    kinds(save, rgb)
    photographs(save)


def orientations(save):
    """The same upright picture stored in each of EXIF's eight ways, as JPEG, and turned as PNG and WebP."""
    y, x = np.mgrid[0:16, 0:24]
    upright = Image.fromarray(np.stack([x * 10, y * 15, (x + y) * 5], -1).astype(np.uint8))
    save(upright, "upright.png")
    flip = Image.Transpose
    stored = [None, flip.FLIP_LEFT_RIGHT, flip.ROTATE_180, flip.FLIP_TOP_BOTTOM, flip.TRANSPOSE, flip.ROTATE_90,
              flip.TRANSVERSE, flip.ROTATE_270]
    for value, change in enumerate(stored, 1):
        image = upright if change is None else upright.transpose(change)
        exif = Image.Exif()
        exif[0x0112] = value
        save(image, f"orientation-{value}.jpg", quality=100, subsampling=0, exif=exif)
        if value == 6:
            save(image, "orientation-6.png", exif=exif)
            save(image, "orientation-6.webp", lossless=True, exif=exif)


def kinds(save, rgb):
    """Forms of WebP and PNG that need care: lossless, alpha, animations, 16 bits a channel."""
    save(rgb, "lossless.webp", lossless=True)
    half = rgb.convert("RGBA")
    half.putalpha(128)
    save(half, "alpha.webp", lossless=True)
    for name in ("animated.webp", "animated.png"):
        save(rgb, name, save_all=True, append_images=[rgb.rotate(180)], lossless=True)
    rows = (np.asarray(rgb).astype(np.uint16) * 257).astype(">u2")
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows), 9)
    header = rgb.width.to_bytes(4, "big") + rgb.height.to_bytes(4, "big") + bytes([16, 2, 0, 0, 0])
    with open(os.path.join(HERE, "rgb16.png"), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def photographs(save):
    """What Pillow makes of a photograph-sized JPEG, stretched, and scaled and cropped as torchvision does."""
    image = Image.open(os.path.join(HERE, "..", "..", "..", "models", "fish", "samples", "trout-1000px.jpg"))
    save(image.resize((64, 64), Image.BILINEAR), "trout-stretched.png")
    short = 72
    width, height = short * image.width // min(image.size), short * image.height // min(image.size)
    left, top = round((width - 64) / 2), round((height - 56) / 2)
    save(image.resize((width, height), Image.BILINEAR).crop((left, top, left + 64, top + 56)), "trout-cropped.png")


if __name__ == "__main__":
    models()
    hostile()
    shipped()
    pictures()
    with open(os.path.join(HERE, "expected.json"), "w") as file:
        json.dump(EXPECTED, file, separators=(",", ":"))
        file.write("\n")
