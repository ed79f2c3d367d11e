"""Trains the demonstration model on rendered fish and writes it as ONNX with its manifest.

    python train.py --out ../v1

The network is five small convolution blocks (Conv, BatchNormalization, Relu), one with a residual, global average
pooling and one fully connected layer: 64 x 64 pixels in, six probabilities out. Seeds are fixed; two runs on one
machine give the same file.
"""

import argparse
import hashlib
import io
import json
import pathlib
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from render import LABELS, picture

SIZE = 64
MEAN, STD = np.array([0.45, 0.45, 0.45], np.float32), np.array([0.25, 0.25, 0.25], np.float32)
# (name, output channels, stride); "res" adds its input to its output.
LAYERS = [("stem", 24, 2), ("c1", 32, 1), ("c2", 64, 2), ("res", 64, 1), ("c3", 96, 2), ("c4", 128, 1)]


def load(split, job):
    label, index = job
    image = Image.open(io.BytesIO(picture(split, label, index))).convert("RGB")
    return np.asarray(image.resize((SIZE, SIZE), Image.BILINEAR)), LABELS.index(label)


def dataset(split, count):
    jobs = [(label, index) for label in LABELS for index in range(count)]
    with ProcessPoolExecutor() as pool:
        pairs = list(pool.map(partial(load, split), jobs, chunksize=64))
    pixels = np.stack([p for p, _ in pairs])
    return pixels, np.array([l for _, l in pairs])


def normalise(pixels):
    return ((pixels.astype(np.float32) / 255 - MEAN) / STD).transpose(0, 3, 1, 2)


def initial(key):
    params, state, channels = {}, {}, 3
    for name, width, _ in LAYERS:
        key, sub = jax.random.split(key)
        params[name] = {
            "w": jax.random.normal(sub, (width, channels, 3, 3)) * np.sqrt(2 / (channels * 9)),
            "scale": jnp.ones(width), "shift": jnp.zeros(width),
        }
        state[name] = {"mean": jnp.zeros(width), "var": jnp.ones(width)}
        channels = width
    key, sub = jax.random.split(key)
    params["fc"] = {"w": jax.random.normal(sub, (len(LABELS), channels)) * np.sqrt(1 / channels), "b": jnp.zeros(len(LABELS))}
    return params, state


def forward(params, state, x, training):
    kept = {}
    for name, _, stride in LAYERS:
        layer = params[name]
        y = jax.lax.conv_general_dilated(x, layer["w"], (stride, stride), ((1, 1), (1, 1)), dimension_numbers=("NCHW", "OIHW", "NCHW"))
        if training:
            mean, var = y.mean((0, 2, 3)), y.var((0, 2, 3))
            kept[name] = {key: 0.9 * state[name][key] + 0.1 * new for key, new in (("mean", mean), ("var", var))}
        else:
            mean, var = state[name]["mean"], state[name]["var"]
        y = (y - mean[:, None, None]) * (layer["scale"] / jnp.sqrt(var + 1e-5))[:, None, None] + layer["shift"][:, None, None]
        if name == "res":
            y = y + x
        x = jax.nn.relu(y)
    return x.mean((2, 3)) @ params["fc"]["w"].T + params["fc"]["b"], kept


def loss(params, state, x, labels):
    logits, kept = forward(params, state, x, True)
    target = jax.nn.one_hot(labels, len(LABELS)) * 0.95 + 0.05 / len(LABELS)
    decay = sum(jnp.sum(p["w"] ** 2) for p in params.values())
    return -(jax.nn.log_softmax(logits) * target).sum(1).mean() + 1e-4 * decay, kept


@jax.jit
def step(params, state, moments, x, labels, rate):
    (value, kept), slope = jax.value_and_grad(loss, has_aux=True)(params, state, x, labels)
    moments = jax.tree.map(lambda m, g: 0.9 * m + g, moments, slope)
    params = jax.tree.map(lambda p, m: p - rate * m, params, moments)
    return params, kept, moments, value


def train(pixels, labels, epochs, batch=64):
    params, state = initial(jax.random.PRNGKey(7))
    moments = jax.tree.map(jnp.zeros_like, params)
    rng = np.random.default_rng(7)
    steps = epochs * (len(pixels) // batch)
    done = 0
    for epoch in range(epochs):
        order = rng.permutation(len(pixels))
        total = 0.0
        for start in range(0, len(order) - batch + 1, batch):
            chosen = order[start : start + batch]
            x = pixels[chosen]
            if rng.random() < 0.5:
                x = x[:, :, ::-1]
            rate = 0.05 * 0.5 * (1 + np.cos(np.pi * done / steps)) * min(1, (done + 1) / 100)
            params, state, moments, value = step(params, state, moments, normalise(x), labels[chosen], rate)
            total += float(value)
            done += 1
        print(f"epoch {epoch + 1}/{epochs}: loss {total / (len(order) // batch):.3f}", flush=True)
    return params, state


def export(params, state, path):
    """Writes plain operators, batch normalisation unfolded, as an exporter would."""
    nodes, weights, x = [], [], "image"
    add = lambda name, value: weights.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
    for name, _, stride in LAYERS:
        add(f"{name}.w", params[name]["w"])
        for key, value in (("scale", params[name]["scale"]), ("shift", params[name]["shift"]), ("mean", state[name]["mean"]), ("var", state[name]["var"])):
            add(f"{name}.{key}", value)
        nodes.append(helper.make_node("Conv", [x, f"{name}.w"], [f"{name}.conv"], name=f"{name}.conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[stride, stride]))
        nodes.append(helper.make_node("BatchNormalization", [f"{name}.conv", *(f"{name}.{k}" for k in ("scale", "shift", "mean", "var"))], [f"{name}.bn"], name=f"{name}.bn", epsilon=1e-5))
        out = f"{name}.bn"
        if name == "res":
            nodes.append(helper.make_node("Add", [out, x], [f"{name}.sum"], name=f"{name}.sum"))
            out = f"{name}.sum"
        nodes.append(helper.make_node("Relu", [out], [f"{name}.out"], name=f"{name}.relu"))
        x = f"{name}.out"
    add("fc.w", params["fc"]["w"])
    add("fc.b", params["fc"]["b"])
    nodes.append(helper.make_node("GlobalAveragePool", [x], ["pool"], name="pool"))
    nodes.append(helper.make_node("Flatten", ["pool"], ["flat"], name="flat", axis=1))
    nodes.append(helper.make_node("Gemm", ["flat", "fc.w", "fc.b"], ["logits"], name="fc", transB=1))
    nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], name="softmax", axis=1))
    graph = helper.make_graph(
        nodes, "fish", [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(LABELS)])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--per-label", type=int, default=1500)
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    # Both are drawn first: drawing forks, which a process must not do once JAX has started its threads.
    pixels, labels = dataset("train", options.per_label)
    held_out, truth = dataset("held-out", 60)
    params, state = train(pixels, labels, options.epochs)
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "model.onnx"
    export(params, state, path)
    manifest = {
        "name": "fish", "version": options.out.name, "labels": LABELS,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "preprocessing": {"width": SIZE, "height": SIZE, "mean": MEAN.tolist(), "std": STD.tolist()},
    }
    (options.out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")

    # Judged by ONNX Runtime, on pictures whose seeds training never saw.
    import onnxruntime
    session = onnxruntime.InferenceSession(str(path))
    answers = session.run(None, {"image": normalise(held_out).astype(np.float32)})[0].argmax(1)
    print(f"held-out accuracy (ONNX Runtime): {(answers == truth).mean():.4f} of {len(truth)}")


if __name__ == "__main__":
    main()
