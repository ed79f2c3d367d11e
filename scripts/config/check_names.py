"""Checks the names that monitoring and deployment use: metrics, runbooks, cases for every alert, settings.

What promtool can't know: that a metric exists, that a page is there, that every alert has a case in which it fires and
one in which it does not. What it can, it is given: the dashboards' expressions are printed as a file of rules.
"""

import json
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "config" / "prometheus"
METRIC = re.compile(r"\b(?:taskqueue|http|ml|process)_[a-z0-9_]+\b")
# Used already; the sources are about to export them.
AWAITED: set[str] = set()


def exported() -> set[str]:
    """Returns the metrics that the sources name; a line of help alone makes none."""
    sources = (ROOT / "Sources").rglob("*.swift")
    text = "\n".join(file.read_text() for file in sources if file.name != "MetricHelp.swift")
    return {name for name in re.findall(r'"([a-z0-9_]+)"', text) if METRIC.fullmatch(name)}


def rules() -> list[dict]:
    """Returns every rule of every group."""
    files = sorted((PROMETHEUS / "rules").glob("*.yml"))
    return [rule for file in files for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


def texts(node, wanted: str) -> list[str]:
    """Returns every text under a key, anywhere in a document."""
    if isinstance(node, list):
        return [text for item in node for text in texts(item, wanted)]
    if not isinstance(node, dict):
        return []
    own = [node[wanted]] if isinstance(node.get(wanted), str) else []
    return own + [text for value in node.values() for text in texts(value, wanted)]


def as_rules(expressions: list[str]) -> str:
    """Writes expressions for promtool to parse, with something in place of the dashboard's variables."""
    filled = [re.sub(r"\$\w+", ".*", text.replace("$__rate_interval", "5m")) for text in expressions]
    recorded = [{"record": f"dashboard:query{number}", "expr": text} for number, text in enumerate(filled)]
    return yaml.safe_dump({"groups": [{"name": "dashboards", "rules": recorded}]})


def metric_complaints(used: str):
    known = exported()
    for name in sorted(AWAITED & known):
        print(f"note: the sources export {name} by now; take it out of AWAITED in {__file__}", file=sys.stderr)
    for name in sorted(set(METRIC.findall(used))):
        if name not in known | AWAITED and re.sub("_(bucket|sum|count)$", "", name) not in known:
            yield f"no source exports {name}"


def alert_complaints(alerts: list[dict]):
    firing = set()
    for file in (PROMETHEUS / "tests").glob("*.yml"):
        for case in yaml.safe_load(file.read_text())["tests"]:
            checks = case.get("promql_expr_test", [])
            quiet_first = [check for check in checks if not check["exp_samples"]]
            fired = {label for check in checks for label in re.findall(r'alertname="(\w+)"', str(check["exp_samples"]))}
            firing |= fired if quiet_first else set()
    for name in sorted({alert["alert"] for alert in alerts} - firing):
        yield f"no case in {PROMETHEUS / 'tests'} has {name} quiet first and firing then"
    for alert in alerts:
        page = alert["annotations"].get("runbook", "none")
        if page != f"docs/runbooks/{alert['alert']}.md" or not (ROOT / page).is_file():
            yield f"{alert['alert']}: its runbook is {page}, which is not there or not its own"
    pages = {page.stem for page in (ROOT / "docs" / "runbooks").glob("*.md")} - {"README"}
    for page in sorted(pages - {alert["alert"] for alert in alerts}):
        yield f"docs/runbooks/{page}.md is about no alert"


def settings() -> set[str]:
    """Returns the variables that config/taskqueue.yaml's keys have in the environment, commented ones included."""
    text = re.sub(r"(?m)^#( \w+: )", r" \1", (ROOT / "config" / "taskqueue.yaml").read_text())

    def names(node, prefix):
        if not isinstance(node, dict):
            return {prefix}
        return {name for key, value in node.items() for name in names(value, f"{prefix}_{key.upper()}")}

    return names(yaml.safe_load(text), "TASKQUEUE")


def settings_complaints():
    files = [ROOT / "docker" / "Dockerfile", *(ROOT / "docker").glob("*.yaml"), *(ROOT / "deploy").rglob("*.yaml")]
    for file in files:
        used = set(re.findall(r"(?<![{$\w])TASKQUEUE_[A-Z_]+", file.read_text()))
        for name in sorted(used - settings()):
            yield f"{file.relative_to(ROOT)}: {name} is no setting"


def main() -> None:
    everything = rules()
    dashboards = [json.loads(file.read_text()) for file in (ROOT / "config" / "grafana" / "dashboards").glob("*.json")]
    hpa = (ROOT / "deploy" / "kubernetes" / "components" / "hpa" / "hpa.yaml").read_text()
    used = [rule["expr"] for rule in everything] + texts(dashboards, "expr") + texts(dashboards, "query") + [hpa]
    complaints = [
        *metric_complaints("\n".join(used)),
        *alert_complaints([rule for rule in everything if "alert" in rule]),
        *settings_complaints(),
    ]
    print(as_rules(texts(dashboards, "expr")), end="")
    sys.exit("\n".join(complaints) or None)


if __name__ == "__main__":
    main()
