"""Validates what deploy/kubernetes renders to: schemas, that names and selectors meet, and what a drain needs."""

import pathlib
import sys

import jsonschema
import kubernetes_validate
import kustomize
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
CRDS = yaml.safe_load((ROOT / "scripts" / "config" / "crds.yaml").read_text())
# The oldest that is still looked after, and a newer one.
VERSIONS = ("1.32", "1.35")
# Made by hand or by another tool: docs/deployment.md.
SECRETS = {"taskqueue-stores", "taskqueue-keys", "taskqueue-monitoring", "taskqueue-tls"}


def schema_complaints(resource: dict):
    """Says what a resource's schema has against it."""
    try:
        if resource["kind"] in CRDS:
            jsonschema.validate(resource["spec"], {**CRDS[resource["kind"]], "$defs": CRDS["$defs"]})
        else:
            for version in VERSIONS:
                kubernetes_validate.validate(resource, version, strict=True)
    except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
        yield f"{error.message} at {'.'.join(map(str, error.path))}"


def pod_complaints(name: str, pod: dict, grace: int):
    """Says what keeps a pod from the restricted profile, or from draining."""
    security = pod.get("securityContext", {})
    if not security.get("runAsNonRoot") or security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "runs as root, or without a seccomp profile"
    for container in pod["containers"]:
        own = container.get("securityContext", {})
        dropped = own.get("capabilities", {}).get("drop") == ["ALL"]
        if own.get("allowPrivilegeEscalation") is not False or not own.get("readOnlyRootFilesystem") or not dropped:
            yield "could gain privileges, or write to its image"
        if "memory" not in container["resources"].get("limits", {}):
            yield "has no limit of memory"
    if name == "taskqueue-worker" and pod["terminationGracePeriodSeconds"] < grace + 10:
        yield f"is killed before {grace} s of grace and 10 s for handing back are over"
    if name == "taskqueue-gateway":
        drain = next(int(v["value"]) for v in pod["containers"][0]["env"] if v["name"].endswith("DRAIN_SECONDS"))
        if pod["terminationGracePeriodSeconds"] < drain + 20:
            yield f"is killed before {drain} s of draining and the last requests are over"


def reference_complaints(resource: dict, pods: list[dict], names: set[tuple[str, str]]):
    """Says what a resource names that is not there."""
    spec = resource.get("spec", {})
    labels = spec.get("podSelector", spec.get("selector", {}))
    labels = labels.get("matchLabels", labels) if resource["kind"] != "Job" else {}
    if labels and not any(labels.items() <= pod["metadata"]["labels"].items() for pod in pods):
        yield f"no pod has the labels {labels}"
    if target := spec.get("scaleTargetRef"):
        if ("Deployment", target["name"]) not in names:
            yield f"there is no deployment {target['name']} to scale"
    for kind, name in _uses(resource):
        if (kind, name) not in names and name not in SECRETS:
            yield f"there is no {kind} {name}"


def _uses(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "configMapRef":
                yield "ConfigMap", value["name"]
            elif key == "secretName":
                yield "Secret", value
            else:
                yield from _uses(value)
    elif isinstance(node, list):
        for item in node:
            yield from _uses(item)


def complaints(overlay: pathlib.Path, extra: list[dict]):
    """Says all that is wrong with an overlay, one sentence each."""
    resources = kustomize.render(overlay) + extra
    names = {(resource["kind"], resource["metadata"]["name"]) for resource in resources}
    if len(names) != len(resources):
        yield f"{overlay.name}: two resources have the same kind and name"
    pods = [resource["spec"]["template"] for resource in resources if "template" in resource.get("spec", {})]
    settings = next(r["data"] for r in resources if r["kind"] == "ConfigMap")
    grace = int(settings["TASKQUEUE_WORKER_GRACE_SECONDS"])
    for resource in resources:
        name = resource["metadata"]["name"]
        found = [*schema_complaints(resource), *reference_complaints(resource, pods, names)]
        if "template" in resource.get("spec", {}):
            found += pod_complaints(name, resource["spec"]["template"]["spec"], grace)
        for complaint in found:
            yield f"{overlay.name}: {resource['kind']} {name}: {complaint}"


def main() -> None:
    rules = yaml.safe_load(sys.stdin)
    found = []
    for overlay in sorted((KUBERNETES / "overlays").iterdir()):
        found += complaints(overlay, [rules])
    # The component that no overlay uses.
    for name in ("hpa", "keda", "monitoring"):
        component = kustomize.render(KUBERNETES / "components" / name)
        found += [f"{name}: {complaint}" for resource in component for complaint in schema_complaints(resource)]
    sys.exit("\n".join(found) or None)


if __name__ == "__main__":
    main()
