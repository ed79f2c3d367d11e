"""Checks in docker/compose.yaml what its schema can't: that names meet, and that every service is held to the same."""

import pathlib
import sys

import yaml

DOCKER = pathlib.Path(__file__).resolve().parents[2] / "docker"


def complaints(plan: dict, made: pathlib.Path):
    """Says all that is wrong, one sentence each; `made` is where make-secrets has run."""
    for secret in plan["secrets"].values():
        if not (made / secret["file"]).is_file():
            yield f"make-secrets does not make {secret['file']}"
    for name, service in plan["services"].items():
        for kind in ("secrets", "networks"):
            listed = service.get(kind, [])
            yield from (f"{name}: {kind}: {one} is not defined" for one in listed if one not in plan[kind])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if not (DOCKER / source).exists() if "/" in source else source not in plan["volumes"]:
                yield f"{name}: there is no {source} to mount"
        for other in service.get("depends_on", {}):
            if other not in plan["services"]:
                yield f"{name}: depends on {other}, which is no service"
        if not service.get("read_only") or service.get("cap_drop") != ["ALL"]:
            yield f"{name}: may write to its image, or keeps capabilities"
        # Our own image has a health check.
        if not {"mem_limit", "pids_limit"} <= service.keys() or not {"healthcheck", "build"} & service.keys():
            yield f"{name}: has no limit, or no health check"
    fleet = plan["services"]["fleet"]
    grace = fleet["environment"]["TASKQUEUE_WORKER_GRACE_SECONDS"]
    if int(fleet["stop_grace_period"].removesuffix("s")) < grace + 10:
        yield f"fleet: is killed before {grace} s of grace and 10 s for handing back are over"


def main() -> None:
    plan = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    sys.exit("\n".join(complaints(plan, pathlib.Path(sys.argv[1]))) or None)


if __name__ == "__main__":
    main()
