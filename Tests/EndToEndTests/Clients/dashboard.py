"""Drives the dashboard as an operator does, and exits 0 only if it showed what happened.

usage: dashboard.py PROGRAMS-FOLDER [SCREENSHOTS-FOLDER]
"""

import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

from browser import Browser, programs_environment

programs = pathlib.Path(sys.argv[1])
shots = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
repository = pathlib.Path(__file__).resolve().parents[3]


class Station:
    """A gateway on a port of its own, and workers to come and go."""

    def __init__(self, folder):
        self.environment = programs_environment(folder)
        self.processes = []
        log = self.start("gateway", "--listen", "127.0.0.1:0", errors=subprocess.PIPE).stderr
        for line in log:
            if found := re.search(r"listening address=(\S+)", line):
                self.base = f"http://{found.group(1)}"
                break

    def start(self, name, *arguments, errors=subprocess.DEVNULL):
        process = subprocess.Popen(
            [programs / name, *arguments], cwd=repository, env=self.environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=errors)
        self.processes.append(process)
        return process

    def submit(self, task, value):
        request = urllib.request.Request(f"{self.base}/tasks/{task}", json.dumps(value).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["id"]

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            if process.stderr:
                process.stderr.close()
            process.wait(60)


def state_of(task, state):
    return f"""document.querySelector('tr[data-id="{task}"]')?.dataset.status === '{state}'"""


def shown(browser, name):
    if shots:
        browser.screenshot(shots / f"{name}.png")


def watch_a_task(station, browser):
    task = station.submit("send_alert", {"severity": "info", "message": "the dashboard is watched"})
    browser.wait("the task PENDING", state_of(task, "PENDING"))
    worker = station.start("worker")
    browser.wait("the task SUCCESS, live", state_of(task, "SUCCESS"))
    browser.wait("the worker", "document.querySelectorAll('#workers .worker').length === 1")
    browser.click(f'tr[data-id="{task}"]')
    browser.wait("its timeline", "document.querySelectorAll('#drawer[open] .timeline li').length === 3")
    browser.wait("its result", "document.querySelector('#drawer-body pre').textContent.includes('delivered')")
    shown(browser, "task")
    browser.press("Escape")
    browser.wait("the drawer closed", "!document.querySelector('#drawer').open")
    return worker


def retry_a_dead_task(station, browser):
    task = station.submit("predict_image", {"image": "AAAA"})
    browser.wait("the task FAILURE", state_of(task, "FAILURE"))
    browser.click("#tab-dead")
    browser.click(f'tr[data-id="{task}"]')
    browser.wait("its input", "document.querySelector('#drawer-body')?.textContent.includes('AAAA')")
    browser.click("#retry")
    browser.wait("the question", "document.querySelector('#confirm').open")
    browser.click("#confirm-yes")
    browser.wait("the new task", f"!['', '{task}'].includes(document.querySelector('#drawer-title').textContent)")
    browser.wait("how it ended", "document.querySelector('#drawer-body .FAILURE') !== null")
    shown(browser, "retried")
    browser.click("#drawer-close")
    browser.click("#tab-all")


def pause_a_queue(station, browser):
    browser.click('article[data-queue="default"] button')
    browser.wait("the question", "document.querySelector('#confirm').open")
    browser.click("#confirm-yes")
    browser.wait("the queue paused", "document.querySelector('article[data-queue=\"default\"] .paused') !== null")
    task = station.submit("send_alert", {"severity": "info", "message": "this one waits"})
    browser.wait("the task waiting", state_of(task, "PENDING"))
    shown(browser, "paused")
    browser.click(f'tr[data-id="{task}"]')
    browser.click("#cancel")
    browser.click("#confirm-yes")
    browser.wait("the task revoked", state_of(task, "REVOKED"))
    browser.click("#drawer-close")
    browser.click('article[data-queue="default"] button')
    browser.click("#confirm-yes")
    browser.wait("the queue open", "document.querySelector('article[data-queue=\"default\"] .paused') === null")


def use_the_keyboard(browser):
    browser.press("/", "/")
    browser.wait("the search field", "document.activeElement.id === 'search'")
    browser.type("AAAA nothing has this")
    browser.wait("nothing", "!document.querySelector('#empty').hidden")
    browser.press("Escape")
    browser.wait("everything again", "document.querySelectorAll('#rows tr').length > 2")
    browser.run("document.querySelector('#rows tr').focus()")
    browser.press("Enter", "\r")
    browser.wait("the drawer, by keyboard", "document.querySelector('#drawer').open")
    browser.press("Escape")


def be_a_phone(browser):
    browser.resize(390, 844, is_phone=True)
    browser.wait("no sideways scrolling", "document.documentElement.scrollWidth <= 390")
    shown(browser, "phone")


def main():
    with tempfile.TemporaryDirectory(prefix="taskqueue-dashboard-") as folder:
        station = Station(folder)
        browser = Browser()
        try:
            browser.open(f"{station.base}/")
            browser.wait("that it is live", "document.querySelector('#live')?.classList.contains('on')")
            watch_a_task(station, browser)
            retry_a_dead_task(station, browser)
            pause_a_queue(station, browser)
            use_the_keyboard(browser)
            be_a_phone(browser)
            assert not browser.complaints, browser.complaints
        finally:
            browser.close()
            station.stop()
    print("the dashboard showed it all")


main()
