"""What `kubectl kustomize` would print, for as much of kustomize as deploy/kubernetes uses."""

import copy
import pathlib
import re

import yaml

KNOWN = {
    "apiVersion", "kind", "namespace", "resources", "components", "images", "replicas", "patches",
    "configMapGenerator", "secretGenerator",
}  # fmt: skip


def render(folder: pathlib.Path, resources: list | None = None) -> list[dict]:
    """Returns a folder's resources; a component adds to and changes those that are given."""
    resources = [] if resources is None else resources
    plan = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if unknown := plan.keys() - KNOWN:
        raise ValueError(f"{folder}: kustomize.py does not know {', '.join(sorted(unknown))}")
    for name in plan.get("resources", []):
        path = folder / name
        resources += render(path) if path.is_dir() else yaml.safe_load_all(path.read_text())
    for name in plan.get("components", []):
        render(folder / name, resources)
    resources += [_generated("ConfigMap", "data", made) for made in plan.get("configMapGenerator", [])]
    resources += [_generated("Secret", "stringData", made) for made in plan.get("secretGenerator", [])]
    for patch in plan.get("patches", []):
        _apply(patch, folder, resources)
    for resource in resources:
        _transform(resource, plan)
    return resources


def _generated(kind: str, field: str, made: dict) -> dict:
    pairs = dict(literal.split("=", 1) for literal in made["literals"])
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": made["name"]}, field: pairs}


def _apply(patch: dict, folder: pathlib.Path, resources: list) -> None:
    change = yaml.safe_load(patch["patch"] if "patch" in patch else (folder / patch["path"]).read_text())
    target = patch.get("target") or {"kind": change["kind"], "name": change["metadata"]["name"]}
    matched = [
        resource
        for resource in resources
        if re.fullmatch(target["kind"], resource["kind"])
        and re.fullmatch(target.get("name", ".*"), resource["metadata"]["name"])
    ]
    if not matched:
        raise ValueError(f"{folder}: nothing is a {target}, which a patch is for")
    for resource in matched:
        if change.get("$patch") == "delete":
            resources.remove(resource)
        else:
            _merge(resource, {key: change[key] for key in change.keys() - {"apiVersion", "kind", "metadata"}})


def _merge(base: dict, change: dict) -> None:
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        elif isinstance(value, list) and all(isinstance(item, dict) and "name" in item for item in value):
            _merge_named(base.setdefault(key, []), value)
        else:
            base[key] = copy.deepcopy(value)


def _merge_named(base: list, items: list) -> None:
    for item in items:
        known = next((candidate for candidate in base if candidate.get("name") == item["name"]), None)
        if known is None:
            base.append(copy.deepcopy(item))
        else:
            _merge(known, item)


def _transform(resource: dict, plan: dict) -> None:
    metadata = resource["metadata"]
    if "namespace" in plan and resource["kind"] != "Namespace":
        metadata["namespace"] = plan["namespace"]
    for replicas in plan.get("replicas", []):
        if resource["kind"] == "Deployment" and metadata["name"] == replicas["name"]:
            resource["spec"]["replicas"] = replicas["count"]
    for container in resource.get("spec", {}).get("template", {}).get("spec", {}).get("containers", []):
        for image in plan.get("images", []):
            if container.get("image") == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
