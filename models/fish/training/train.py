"""Train the fish classifier with JAX on rendered pictures and export it to ONNX. Reproducible by seed."""

import argparse
import hashlib
import io
import json
import multiprocessing
import os
import time

import numpy as np
from PIL import Image

import render

SIZE = 64
MEAN, STD = 0.45, 0.25
TRAIN_SEED, VALIDATION_SEED = 1_000_000, 5_000_000  # the held-out set starts at 9,000,000
CONVS = [  # name, in, out, kernel, stride
    ("stem", 3, 16, 3, 2), ("down1", 16, 32, 3, 2), ("res1a", 32, 32, 3, 1), ("res1b", 32, 32, 3, 1),
    ("widen", 32, 64, 3, 1), ("res2a", 64, 64, 3, 1), ("res2b", 64, 64, 3, 1), ("last", 64, 96, 3, 1),
]


def sample(task):
    label, seed = task
    image = render.render(render.LABELS[label], seed)
    image = Image.open(io.BytesIO(render.jpeg(image, render.jpeg_quality(seed)))).convert("RGB")
    return np.asarray(image.resize((SIZE, SIZE), Image.BILINEAR)), label


def dataset(first_seed, per_class):
    tasks = [(label, first_seed + i) for i in range(per_class) for label in range(len(render.LABELS))]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pairs = pool.map(sample, tasks, chunksize=32)
    return np.stack([p[0] for p in pairs]), np.array([p[1] for p in pairs])


def init(rng):
    params, state = {}, {}
    for name, cin, cout, k, _ in CONVS:
        params[name] = dict(w=rng.normal(0, (2 / (k * k * cin)) ** 0.5, (k, k, cin, cout)).astype(np.float32),
                            g=np.ones(cout, np.float32), b=np.zeros(cout, np.float32))
        state[name] = dict(m=np.zeros(cout, np.float32), v=np.ones(cout, np.float32))
    params["fc"] = dict(w=rng.normal(0, 0.05, (96, len(render.LABELS))).astype(np.float32),
                        b=np.zeros(len(render.LABELS), np.float32))
    return params, state


def forward(params, state, x, training):
    import jax
    import jax.numpy as jnp
    updated = {}

    def conv(x, name):
        stride = next(c[4] for c in CONVS if c[0] == name)
        p = params[name]
        x = jax.lax.conv_general_dilated(x, p["w"], (stride, stride), ((1, 1), (1, 1)),
                                         dimension_numbers=("NHWC", "HWIO", "NHWC"))
        if training:
            m, v = jnp.mean(x, (0, 1, 2)), jnp.var(x, (0, 1, 2))
            updated[name] = dict(m=0.95 * state[name]["m"] + 0.05 * m, v=0.95 * state[name]["v"] + 0.05 * v)
        else:
            m, v = state[name]["m"], state[name]["v"]
        return (x - m) * (p["g"] / jnp.sqrt(v + 1e-5)) + p["b"]

    relu = jax.nn.relu
    x = relu(conv(x, "stem"))
    x = relu(conv(x, "down1"))
    x = relu(x + conv(relu(conv(x, "res1a")), "res1b"))
    n, h, w, c = x.shape
    x = x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))
    x = relu(conv(x, "widen"))
    x = relu(x + conv(relu(conv(x, "res2a")), "res2b"))
    x = relu(conv(x, "last")).mean((1, 2))
    return x @ params["fc"]["w"] + params["fc"]["b"], updated


def augment(rng, x):
    """Mirror, shift by up to three pixels, change brightness and contrast: uint8 pictures to normalised floats."""
    x = np.where(rng.random(len(x))[:, None, None, None] < 0.5, x[:, :, ::-1], x)
    padded = np.pad(x, ((0, 0), (3, 3), (3, 3), (0, 0)), "edge")
    offsets = rng.integers(0, 7, (len(x), 2))
    x = np.stack([p[a:a + SIZE, b:b + SIZE] for p, (a, b) in zip(padded, offsets)]).astype(np.float32) / 255
    x = x * rng.uniform(0.85, 1.15, (len(x), 1, 1, 1)) + rng.uniform(-0.06, 0.06, (len(x), 1, 1, 3))
    return ((x - MEAN) / STD).astype(np.float32)


def train(images, labels, checks, check_labels, epochs, seed):
    import jax
    import jax.numpy as jnp
    rng = np.random.default_rng(seed)
    params, state = init(rng)
    batch = 64
    steps = epochs * (len(images) // batch)

    def loss_of(params, state, x, y):
        logits, updated = forward(params, state, x, True)
        target = jax.nn.one_hot(y, len(render.LABELS)) * 0.95 + 0.05 / len(render.LABELS)
        decay = sum(jnp.sum(p["w"] ** 2) for p in params.values())
        return -jnp.mean(jnp.sum(target * jax.nn.log_softmax(logits), -1)) + 1e-4 * decay, updated

    @jax.jit
    def step(params, state, first, second, x, y, i):
        (loss, updated), grads = jax.value_and_grad(loss_of, has_aux=True)(params, state, x, y)
        rate = 3e-3 * 0.5 * (1 + jnp.cos(jnp.pi * i / steps)) * jnp.minimum(1, (i + 1) / 60)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, grads)
        second = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, grads)
        params = jax.tree.map(
            lambda p, m, v: p - rate * (m / (1 - 0.9 ** (i + 1))) / (jnp.sqrt(v / (1 - 0.99 ** (i + 1))) + 1e-8),
            params, first, second)
        return params, updated, first, second, loss

    infer = jax.jit(lambda params, state, x: forward(params, state, x, False)[0])
    first = jax.tree.map(np.zeros_like, params)
    second = jax.tree.map(np.zeros_like, params)
    i, start = 0, time.time()
    for epoch in range(epochs):
        order = rng.permutation(len(images))
        for at in range(0, len(order) - batch + 1, batch):
            pick = order[at:at + batch]
            params, state, first, second, loss = step(
                params, state, first, second, augment(rng, images[pick]), labels[pick], i)
            i += 1
        logits = infer(params, state, ((checks / 255.0 - MEAN) / STD).astype(np.float32))
        accuracy = float((np.argmax(logits, 1) == check_labels).mean())
        print(f"epoch {epoch + 1}: loss {float(loss):.3f}, validation {accuracy:.4f}, {time.time() - start:.0f} s",
              flush=True)
    return jax.tree.map(np.asarray, params), jax.tree.map(np.asarray, state), accuracy


def export(params, state, path):
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    nodes, weights = [], []

    def constant(name, value):
        weights.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    def conv(x, name, relu=True):
        _, _, _, k, stride = next(c for c in CONVS if c[0] == name)
        p, s = params[name], state[name]
        w = constant(f"{name}.weight", p["w"].transpose(3, 2, 0, 1))
        nodes.append(helper.make_node("Conv", [x, w], [f"{name}.conv"], f"{name}/Conv", kernel_shape=[k, k],
                                      strides=[stride, stride], pads=[1, 1, 1, 1]))
        bn = [constant(f"{name}.bn.{key}", value)
              for key, value in (("scale", p["g"]), ("bias", p["b"]), ("mean", s["m"]), ("var", s["v"]))]
        nodes.append(helper.make_node("BatchNormalization", [f"{name}.conv", *bn], [f"{name}.bn"],
                                      f"{name}/BatchNormalization", epsilon=1e-5))
        return act(f"{name}.bn", name) if relu else f"{name}.bn"

    def act(x, name):
        nodes.append(helper.make_node("Relu", [x], [f"{name}.out"], f"{name}/Relu"))
        return f"{name}.out"

    def residual(x, a, b):
        y = conv(conv(x, a), b, relu=False)
        nodes.append(helper.make_node("Add", [y, x], [f"{b}.sum"], f"{b}/Add"))
        return act(f"{b}.sum", b)

    x = conv(conv("image", "stem"), "down1")
    x = residual(x, "res1a", "res1b")
    nodes.append(helper.make_node("MaxPool", [x], ["pool"], "pool/MaxPool", kernel_shape=[2, 2], strides=[2, 2]))
    x = residual(conv("pool", "widen"), "res2a", "res2b")
    x = conv(x, "last")
    nodes.append(helper.make_node("GlobalAveragePool", [x], ["mean"], "head/GlobalAveragePool"))
    nodes.append(helper.make_node("Flatten", ["mean"], ["flat"], "head/Flatten", axis=1))
    nodes.append(helper.make_node("Gemm", ["flat", constant("fc.weight", params["fc"]["w"].T),
                                           constant("fc.bias", params["fc"]["b"])], ["logits"], "head/Gemm", transB=1))
    nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], "head/Softmax", axis=1))
    graph = helper.make_graph(
        nodes, "fish", [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", len(render.LABELS)])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8,
                              producer_name="taskqueue-fish")
    onnx.checker.check_model(model)
    onnx.save(model, path)


def write_manifest(folder):
    with open(os.path.join(folder, "model.onnx"), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    manifest = {
        "name": "fish", "version": os.path.basename(os.path.abspath(folder)), "description": "Fish species from one picture; trained on renderings only.",
        "file": "model.onnx", "sha256": digest, "opset": 17, "labels": render.LABELS,
        "preprocessing": {"width": SIZE, "height": SIZE, "resize": "stretch", "layout": "NCHW", "colour": "RGB",
                          "mean": [MEAN] * 3, "std": [STD] * 3},
    }
    with open(os.path.join(folder, "manifest.json"), "w") as file:
        json.dump(manifest, file, indent=2)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser(description="Train the classifier and write model.onnx and manifest.json.")
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "v1"))
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--per-class", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.time()
    images, labels = dataset(TRAIN_SEED, options.per_class)
    checks, check_labels = dataset(VALIDATION_SEED, 100)
    print(f"{len(images)} training pictures rendered in {time.time() - start:.0f} s", flush=True)
    params, state, accuracy = train(images, labels, checks, check_labels, options.epochs, options.seed)
    os.makedirs(options.out, exist_ok=True)
    export(params, state, os.path.join(options.out, "model.onnx"))
    write_manifest(options.out)
    print(f"validation accuracy {accuracy:.4f}, written to {options.out}")


if __name__ == "__main__":
    main()
