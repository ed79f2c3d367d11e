"use strict";
// The page draws what /events sends; every text goes in as text, never as markup.
const $ = (id) => document.getElementById(id);
const base = location.pathname.replace(/\/?$/, "/");
const HISTORY = 120;
const view = { page: null, tab: "all", query: "", history: new Map(), seen: new Map(), listed: null, found: null, open: null, follow: null };
const TABS = [
  ["all", "All", null], ["running", "Running", "PROCESSING"], ["waiting", "Waiting", "PENDING"], ["retry", "Retrying", "RETRY"],
  ["failed", "Failed", "FAILURE"], ["dead", "Dead", null],
];

// Making elements

function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}
function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}
const badge = (state) => el("span", { class: `state ${state}` }, state);

// Words for numbers

function count(n) {
  if (n >= 1e6) return (n / 1e6).toFixed(n >= 1e7 ? 0 : 1) + " M";
  if (n >= 1e5) return (n / 1e3).toFixed(0) + " k";
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
function rate(n) { return n >= 100 ? count(n) : n >= 10 ? n.toFixed(0) : n === 0 ? "0" : n.toFixed(1); }
function span(seconds) {
  if (seconds < 1) return `${Math.max(0, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}
const since = (time) => Math.max(0, (Date.parse(view.page?.at || new Date().toISOString()) - Date.parse(time)) / 1000);
const clock = (time) => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" });
const ago = (seconds) => seconds < 1 ? "now" : span(seconds);
/// An object's plain members in words; anything else as JSON.
function brief(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return JSON.stringify(value);
  const plain = Object.entries(value).filter(([, member]) => member === null || typeof member !== "object");
  const words = plain.map(([name, member]) => `${name.replaceAll("_", " ")} ${typeof member === "number" ? +member.toPrecision(4) : member}`);
  return words.length ? words.join(" \u00b7 ") : JSON.stringify(value);
}
const shortID = (id) => `${id.slice(0, 4)}…${id.slice(-8)}`;

// Asking

function headers(more) {
  const key = sessionStorage.getItem("key");
  return { ...(key ? { Authorization: `Bearer ${key}` } : {}), ...more };
}
async function ask(path, options = {}) {
  const answer = await fetch(base + path, { cache: "no-store", ...options, headers: headers(options.headers) });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  const error = new Error(problem.detail || `${answer.status} ${answer.statusText}`);
  error.status = answer.status;
  throw error;
}
async function* events(path, signal) {
  const answer = await ask(path, { headers: { Accept: "text/event-stream" }, signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer += value;
    let end;
    while ((end = buffer.indexOf("\n\n")) >= 0) {
      const lines = buffer.slice(0, end).split("\n");
      buffer = buffer.slice(end + 2);
      const name = lines.find((line) => line.startsWith("event: "))?.slice(7);
      const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
      if (name) yield { name, data: JSON.parse(data) };
    }
  }
}
function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").hidden = true; }, 6000);
}
async function confirmed(title, text, verb, isDangerous) {
  $("confirm-title").textContent = title;
  $("confirm-text").textContent = text;
  $("confirm-yes").textContent = verb;
  $("confirm-yes").className = isDangerous ? "danger" : "";
  const box = $("confirm");
  box.returnValue = "no";
  box.showModal();
  $("confirm-yes").focus();
  await new Promise((done) => box.addEventListener("close", done, { once: true }));
  return box.returnValue === "yes";
}
async function act(path, method, words) {
  try {
    const answer = await ask(path, { method });
    toast(words);
    return answer.status === 204 ? {} : await answer.json();
  } catch (error) {
    toast(error.status === 403 ? `Your key may not do this: ${error.message}` : error.message);
    if (error.status === 401) askForKey();
    return null;
  }
}

// Live

function live(kind, text) {
  $("live").className = `live ${kind}`;
  $("live-text").textContent = text;
}
async function watch() {
  for (;;) {
    try {
      for await (const { name, data } of events("events")) {
        if (name !== "overview") continue;
        if (data.unavailable) { live("off", "The broker does not answer"); continue; }
        live("on", "Live");
        view.page = data;
        remember(data);
        draw();
      }
      live("", "Reconnecting");
    } catch (error) {
      live("off", error.status === 401 ? "A key is needed" : "Not connected");
      if (error.status === 401 || error.status === 403) await askForKey();
    }
    await new Promise((done) => setTimeout(done, 1000));
  }
}
function remember(page) {
  const at = Date.parse(page.at) / 1000;
  for (const queue of page.queues) {
    const past = view.history.get(queue.queue) || [];
    const last = past[past.length - 1];
    const spent = last ? Math.max(0.2, at - last.at) : 1;
    past.push({
      at, depth: queue.ready + queue.scheduled, age: queue.oldest_age_seconds || 0, accepted: queue.accepted, finished: queue.finished,
      in: last ? Math.max(0, queue.accepted - last.accepted) / spent : 0, out: last ? Math.max(0, queue.finished - last.finished) / spent : 0,
    });
    if (past.length > HISTORY) past.shift();
    view.history.set(queue.queue, past);
  }
}
/// The mean of the last five readings: one second alone jumps about.
function recent(queue, what) {
  const past = (view.history.get(queue) || []).slice(1).slice(-5);
  return past.length ? past.reduce((sum, point) => sum + point[what], 0) / past.length : 0;
}

// Drawing

function chart(label, hue, series, heading) {
  const top = Math.max(1e-9, ...series.flat());
  // A young chart fills its width sooner: half a minute at first, then more and more of the two.
  const width = Math.min(HISTORY, Math.max(30, series[0].length));
  const path = (values) => values.map((value, index) => {
    const x = (100 * (index + width - values.length)) / (width - 1);
    return `${index ? "L" : "M"}${x.toFixed(2)} ${(39 - (36 * value) / top).toFixed(2)}`;
  }).join("");
  const first = path(series[0]);
  const start = (100 * (width - series[0].length)) / (width - 1);
  const parts = [svg("path", { class: "base", d: "M0 39.5H100" })];
  if (series[0].length > 1) {
    parts.push(svg("path", { class: "area", d: `${first}L100 39L${start.toFixed(2)} 39Z` }), svg("path", { class: "line", d: first }));
    if (series[1]) parts.push(svg("path", { class: "line second", d: path(series[1]) }));
  }
  return el("figure", { class: `hue-${hue}` }, el("figcaption", {}, ...heading),
    svg("svg", { class: "chart", viewBox: "0 0 100 40", preserveAspectRatio: "none", role: "img", "aria-label": label }, ...parts));
}
function fact(name, value) { return el("div", {}, el("dt", {}, name), el("dd", {}, value)); }
function total(name, value, note) { return el("dl", { class: "total" }, el("dt", {}, name), el("dd", {}, value, note ? el("small", {}, note) : null)); }

function drawTotals({ queues, workers, dead }) {
  const sum = (what) => queues.reduce((all, queue) => all + queue[what], 0);
  const busy = workers.filter((worker) => worker.holding > 0).length;
  const flow = (what) => queues.reduce((all, queue) => all + recent(queue.queue, what), 0);
  $("totals").replaceChildren(
    total("Ready", count(sum("ready"))), total("Running", count(sum("processing"))), total("Scheduled", count(sum("scheduled"))),
    total("In", rate(flow("in")), "a second"), total("Out", rate(flow("out")), "a second"),
    total("Workers", count(workers.length), busy ? `${busy} busy` : workers.length ? "idle" : ""),
    total("Dead", dead.length >= 100 ? "100+" : count(dead.length)));
}
function queueCard(queue) {
  const past = view.history.get(queue.queue) || [];
  const of = (what) => past.map((point) => point[what]);
  const age = queue.oldest_age_seconds || 0;
  const pause = el("button", { class: "quiet", type: "button", "data-focus": `pause-${queue.queue}`, onclick: () => setPaused(queue) }, queue.paused ? "Resume" : "Pause");
  return el("article", { class: "card", "data-queue": queue.queue },
    el("div", { class: "card-top" }, el("h3", { title: queue.queue }, queue.queue), queue.paused ? el("span", { class: "state paused" }, "Paused") : null, pause),
    el("dl", { class: "facts" }, fact("Ready", count(queue.ready)), fact("Running", count(queue.processing)), fact("Scheduled", count(queue.scheduled)), fact("Done", count(queue.finished))),
    el("div", { class: "charts" },
      chart(`Depth ${queue.ready + queue.scheduled}`, "accent", [of("depth")], ["Depth", el("b", {}, count(queue.ready + queue.scheduled))]),
      chart(`Oldest ${span(age)}`, "amber", [of("age")], ["Oldest", el("b", {}, age ? span(age) : "–")]),
      chart("Rates in and out", "blue", [of("in").slice(1), of("out").slice(1)], [el("span", {}, el("b", { class: "key-in" }, `in ${rate(recent(queue.queue, "in"))}`)), el("span", {}, el("b", { class: "key-out" }, `out ${rate(recent(queue.queue, "out"))}`))])));
}
function drawQueues({ queues }) {
  const cards = queues.map(queueCard);
  if (!cards.length) cards.push(el("p", { class: "empty" }, "No queue yet. The first task makes one."));
  keepingFocus(() => $("queues").replaceChildren(...cards));
}
function drawWorkers({ workers, tasks }) {
  const now = Date.parse(view.page.at);
  const cards = workers.map((worker) => {
    const isGone = Date.parse(worker.lease_expires_at) < now;
    // An older worker says nothing of itself.
    const runs = worker.tasks ?? tasks.filter((task) => task.worker === worker.worker && task.status === "PROCESSING");
    const names = [...new Set(runs.map((task) => task.task))].join(", ");
    const state = worker.holding ? `holds ${count(worker.holding)}${names ? `: ${names}` : ""}` : worker.draining ? "draining" : "idle";
    const slots = worker.slots ? `${worker.running} of ${worker.slots} slots` : null;
    const memory = worker.rss_bytes ? `${Math.round(worker.rss_bytes / 2 ** 20)} MB` : null;
    const words = isGone ? "lease lapsed" : [state, slots, memory, worker.version].filter(Boolean).join(" · ");
    return el("div", { class: `worker ${isGone ? "gone" : worker.holding ? "busy" : "idle"}` }, el("span", { class: "dot" }),
      el("div", {}, el("p", { class: "mono", title: worker.worker }, worker.worker), el("p", { class: "hint", title: words }, words)));
  });
  if (!cards.length) cards.push(el("p", { class: "hint" }, "No worker has a lease. Start one with: worker"));
  $("workers").replaceChildren(...cards);
}
function drawTabs({ queues, dead }) {
  const sum = (what) => queues.reduce((all, queue) => all + queue[what], 0);
  const numbers = { running: sum("processing"), dead: dead.length };
  keepingFocus(() => $("tabs").replaceChildren(...TABS.map(([id, name]) => el("button", {
    type: "button", role: "tab", id: `tab-${id}`, "data-focus": `tab-${id}`, "aria-selected": String(view.tab === id), tabindex: view.tab === id ? "0" : "-1",
    onclick: () => choose(id), onkeydown: turn,
  }, name, numbers[id] ? el("span", { class: "count" }, count(numbers[id])) : null))));
}
function outcome(task) {
  if (task.status === "PROCESSING" && task.progress) {
    const { fraction, message, eta_seconds: eta } = task.progress;
    const words = [`${Math.round(fraction * 100)} %`, message, eta ? `${span(eta)} left` : null].filter(Boolean).join(" · ");
    return [el("progress", { max: 1, value: fraction, "aria-label": `${Math.round(fraction * 100)} %` }), el("span", { class: "quiet-text" }, words)];
  }
  if (task.error) return [el("span", { class: "quiet-text", title: task.error.message }, task.error.message)];
  if (task.result !== undefined) return [el("span", { class: "quiet-text" }, brief(task.result).slice(0, 240))];
  if (task.due_at && Date.parse(task.due_at) > Date.parse(view.page.at)) return [el("span", { class: "quiet-text" }, `due ${clock(task.due_at)}`)];
  return [el("span", { class: "quiet-text" }, task.worker ? `on ${task.worker}` : "")];
}
function row(task) {
  const before = view.seen.get(task.id);
  const isFresh = before !== task.status && view.seen.size > 0;
  const show = () => open(task.id);
  return el("tr", {
    tabindex: "0", "data-id": task.id, "data-status": task.status, "data-focus": task.id, class: isFresh ? "fresh" : null, onclick: show,
    onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(); } },
  }, el("td", {}, badge(task.status)), el("td", { class: "name", title: task.task }, task.task), el("td", { title: task.queue }, task.queue),
    el("td", { class: "mono", title: task.id }, shortID(task.id)), el("td", {}, ...outcome(task)),
    el("td", { class: "right", title: task.enqueued_at }, ago(since(task.finished_at || task.started_at || task.enqueued_at))));
}
function rowsToShow() {
  const { tasks, dead } = view.page;
  let rows = tasks;
  if (view.tab === "dead") rows = dead.map((letter) => ({ ...letter, status: "FAILURE", finished_at: letter.died_at }));
  else if (view.tab !== "all") rows = view.listed || tasks.filter((task) => task.status === TABS.find(([id]) => id === view.tab)[2]);
  const words = view.query.trim().toLowerCase();
  if (!words) return rows;
  const text = (task) => [task.id, task.task, task.queue, task.status, task.worker, task.error?.message].join(" ").toLowerCase();
  const found = rows.filter((task) => words.split(/\s+/).every((word) => text(task).includes(word)));
  return found.length || !view.found ? found : [view.found];
}
function drawRows() {
  const rows = rowsToShow();
  keepingFocus(() => $("rows").replaceChildren(...rows.map(row)));
  for (const task of view.page.tasks) view.seen.set(task.id, task.status);
  if (view.seen.size > 5000) view.seen = new Map([...view.seen].slice(-1000));
  $("empty").hidden = rows.length > 0;
  $("empty").textContent = view.query ? "Nothing matches." : view.tab === "all" ? "No task yet." : view.tab === "dead" ? "No dead letters. Good." : "None right now.";
}
function draw() {
  if (!view.page) return;
  drawTotals(view.page);
  drawQueues(view.page);
  drawTabs(view.page);
  drawRows();
  drawWorkers(view.page);
  relist();
}
/// Drawing anew takes the keyboard's place away; it is given back to the element that has it by name.
function keepingFocus(change) {
  const name = document.activeElement?.dataset?.focus;
  change();
  if (name && document.activeElement === document.body) document.querySelector(`[data-focus="${CSS.escape(name)}"]`)?.focus({ preventScroll: true });
}
async function relist(isNow) {
  const state = TABS.find(([id]) => id === view.tab)[2];
  if (!state || (!isNow && Date.now() - (relist.last || 0) < 2000)) return;
  relist.last = Date.now();
  const tab = view.tab;
  try {
    const page = await (await ask(`tasks?state=${state}&limit=100`)).json();
    if (view.tab === tab) { view.listed = page.tasks; drawRows(); }
  } catch { /* The line at the top says that the gateway does not answer. */ }
}
function choose(tab) {
  view.tab = tab;
  view.listed = null;
  if (view.page) { drawTabs(view.page); drawRows(); }
  relist(true);
}
function turn(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const index = TABS.findIndex(([id]) => id === view.tab);
  choose(TABS[(index + step + TABS.length) % TABS.length][0]);
  $(`tab-${view.tab}`).focus();
}

// Doing

async function setPaused(queue) {
  const verb = queue.paused ? "Resume" : "Pause";
  const words = queue.paused ? "Its waiting tasks will run again." : "Its tasks will wait until it is resumed; running ones go on.";
  if (!(await confirmed(`${verb} queue ${queue.queue}?`, words, verb, !queue.paused))) return;
  await act(`queues/${encodeURIComponent(queue.queue)}/${queue.paused ? "resume" : "pause"}`, "POST", `${queue.queue} is ${queue.paused ? "running" : "paused"}`);
}
async function cancel(task) {
  if (!(await confirmed("Cancel this task?", `${task.task} ${task.id} will be revoked; if it runs, it is told to stop.`, "Cancel it", true))) return;
  await act(`tasks/${task.id}`, "DELETE", "Cancellation asked for");
}
async function retry(task) {
  if (!(await confirmed("Retry this task?", `${task.task} is submitted again with the same input, as a new task.`, "Retry it", false))) return;
  const made = await act(`dead/${task.id}/retry`, "POST", "Submitted again");
  if (made) open(made.id);
}
async function remove(task) {
  if (!(await confirmed("Remove this letter?", "Its input is forgotten and can't be retried.", "Remove it", true))) return;
  if (await act(`dead/${task.id}`, "DELETE", "Removed")) $("drawer").close();
}

// One task

const EVENTS = { enqueued: "Accepted", started: "Started", attempt_failed: "Attempt failed", handed_back: "Handed back", SUCCESS: "Succeeded", FAILURE: "Failed for good", REVOKED: "Revoked" };
function moment(entry, index, all) {
  const before = index ? (Date.parse(entry.at) - Date.parse(all[index - 1].at)) / 1000 : null;
  const hue = { started: "PROCESSING", attempt_failed: "RETRY" }[entry.event] || entry.event;
  const when = [clock(entry.at), before === null ? null : `+${span(before)}`, entry.attempt ? `attempt ${entry.attempt}` : null, entry.worker].filter(Boolean).join(" · ");
  return el("li", { class: hue }, el("p", { class: "what" }, EVENTS[entry.event] || entry.event), el("p", { class: "when" }, when),
    entry.error && entry.event !== "FAILURE" ? el("p", { class: "why" }, `${entry.error.reason}: ${entry.error.message}`) : null);
}
function block(title, value) {
  if (value === undefined) return null;
  return el("section", {}, el("h3", {}, title), el("pre", { tabindex: "0" }, typeof value === "string" ? value : JSON.stringify(value, null, 2)));
}
function pair(name, value) { return value === undefined || value === null ? [] : [el("dt", {}, name), el("dd", {}, value)]; }
function drawTask(task, letter) {
  $("drawer-task").textContent = task.task;
  $("drawer-title").textContent = task.id;
  const attempts = task.max_attempts ? `${task.attempt} of ${task.max_attempts}` : String(task.attempt ?? "");
  $("drawer-body").replaceChildren(
    el("dl", { class: "pairs" }, ...pair("State", badge(task.status)), ...pair("Queue", task.queue), ...pair("Attempt", attempts), ...pair("Worker", task.worker),
      ...(task.status === "PROCESSING" && task.progress ? pair("Progress", el("span", {}, ...outcome(task))) : []), ...pair("Due", task.due_at && clock(task.due_at))),
    ...[task.error ? el("p", { class: "wrong" }, task.error.message) : null,
      task.timeline ? el("section", {}, el("h3", {}, "Timeline"), el("ol", { class: "timeline" }, ...task.timeline.map(moment))) : null,
      block("Result", task.result), block("Input", letter?.input)].filter(Boolean));
  const isOver = ["SUCCESS", "FAILURE", "REVOKED"].includes(task.status);
  keepingFocus(() => $("drawer-foot").replaceChildren(...[
    letter ? el("button", { class: "quiet", type: "button", onclick: () => remove(task) }, "Remove") : null,
    letter ? el("button", { type: "button", id: "retry", onclick: () => retry(task) }, "Retry") : null,
    isOver ? null : el("button", { class: "danger", type: "button", id: "cancel", "data-focus": "cancel", onclick: () => cancel(task) }, "Cancel task"),
  ].filter(Boolean)));
}
async function open(id) {
  view.follow?.abort();
  const follow = (view.follow = new AbortController());
  view.open = id;
  if (!$("drawer").open) $("drawer").showModal();
  try {
    for (let isOver = false; !isOver && view.open === id;) {
      for await (const { name, data } of events(`status/${id}`, follow.signal)) {
        if (name === "end") isOver = data.reason === "final";
        if (name !== "status" || view.open !== id) continue;
        drawTask(data, null);
        if (data.status === "FAILURE") drawTask(data, await letterOf(id));
      }
      if (!isOver) await new Promise((done) => setTimeout(done, 1000));
    }
  } catch (error) {
    if (follow.signal.aborted) return;
    const letter = error.status === 404 ? await letterOf(id) : null;
    if (letter) drawTask({ ...letter, status: "FAILURE" }, letter);
    else { toast(error.message); $("drawer").close(); }
  }
}
async function letterOf(id) {
  try { return await (await ask(`dead/${id}`)).json(); } catch { return null; }
}
function close() {
  view.follow?.abort();
  view.open = null;
}

// Manners

async function askForKey() {
  if ($("key-box").open) return;
  $("key-button").hidden = false;
  $("key-input").value = "";
  $("key-box").returnValue = "no";
  $("key-box").showModal();
  await new Promise((done) => $("key-box").addEventListener("close", done, { once: true }));
  if ($("key-box").returnValue !== "yes") return;
  if ($("key-input").value) sessionStorage.setItem("key", $("key-input").value.trim());
  else sessionStorage.removeItem("key");
}
function theme(name) {
  document.documentElement.dataset.theme = name;
  try { localStorage.setItem("theme", name); } catch { /* Private windows may have no store. */ }
}
function search() {
  view.query = $("search").value;
  view.found = null;
  if (view.page) drawRows();
  const id = view.query.trim();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return;
  ask(`status/${id}`).then((answer) => answer.json()).then((task) => {
    if (view.query.trim() !== id) return;
    view.found = task;
    drawRows();
  }, () => {});
}
document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName);
  if (event.key === "/" && !isTyping) { event.preventDefault(); $("search").focus(); }
  if (event.key === "Escape" && isTyping && document.activeElement === $("search")) { $("search").value = ""; search(); $("search").blur(); }
});
$("key-button").hidden = !sessionStorage.getItem("key");
$("search").addEventListener("input", search);
$("key-button").addEventListener("click", askForKey);
$("drawer-close").addEventListener("click", () => $("drawer").close());
$("drawer").addEventListener("close", close);
$("drawer").addEventListener("click", (event) => { if (event.target === $("drawer") && event.offsetX < 0) $("drawer").close(); });
$("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme === "light" ? "dark" : "light"));
let remembered = null;
try { remembered = localStorage.getItem("theme"); } catch { /* Then the system decides. */ }
document.documentElement.dataset.theme = remembered || (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
watch();
