// The explorer: two forms over the public API, nothing the API does not say.
"use strict";

const element = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

const words = (name) => name.replaceAll("_", " ");

// The key stands in this variable and nowhere else: no address, no storage, no attribute of the page holds it.
let key = "";
const keyForm = document.getElementById("key");

async function ask(path, body) {
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  const reply = await fetch(path, body === undefined ? { headers } : {
    method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const answer = await reply.json();
  if (!reply.ok) {
    if ([401, 403].includes(reply.status)) keyForm.hidden = false;
    const errors = (answer.errors || []).map((error) => (error.pointer ? `${error.pointer}: ${error.detail}` : error.detail));
    throw new Error([answer.title, ...(errors.length ? errors : [answer.detail])].join("\n"));
  }
  return answer;
}

const filled = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));

function verdictLine(verdict, text) {
  return element("p", { className: `verdict ${verdict}` }, verdict.toUpperCase(), element("span", { className: "quiet" }, `  ${text}`));
}

// What a finding that stands against the trade does: a fail that warns is not one that denies.
const stands = (finding) => ["fail", "unknown"].includes(finding.outcome);
const outcomeOf = (finding) => stands(finding) ? `${finding.outcome} (${finding.effect})` : finding.outcome;

function remedyInWords(remedy) {
  const bounds = [];
  if (remedy.smallest_passing !== undefined) bounds.push(`at least ${remedy.smallest_passing}`);
  if (remedy.largest_passing !== undefined) bounds.push(`at most ${remedy.largest_passing}`);
  const values = remedy.values || (remedy.value === undefined ? [] : [remedy.value]);
  const told = bounds.join(", ") || values.join(" or ") || "to be stated";
  return [`${words(remedy.field)}: ${told}`, ...(remedy.alternatives || []).map(remedyInWords)].join("; or ");
}

function findingsTable(findings) {
  const body = element("tbody");
  for (const finding of findings) {
    const sources = element("td", { className: "quiet" });
    for (const id of finding.sources) {
      sources.append(element("a", { href: `/v1/sources?id=${encodeURIComponent(id)}` }, id), " ");
    }
    body.append(element("tr", {},
      element("td", { className: finding.outcome }, outcomeOf(finding)),
      element("td", {}, element("code", {}, finding.rule)),
      element("td", {}, finding.message, finding.question ? element("div", { className: "quiet" }, finding.question.ask) : ""),
      sources));
  }
  return element("table", {}, element("thead", {}, element("tr", {},
    ...["Outcome", "Rule", "What it found", "Sources"].map((title) => element("th", { scope: "col" }, title)))), body);
}

function showDecision(decision) {
  const figures = element("div", { className: "figures" });
  for (const [name, value] of Object.entries(decision.figures)) {
    if (value === null || typeof value === "object") continue;
    const shown = String(value).replace(/(\.\d{6})\d+$/, "$1…");
    figures.append(element("div", { title: String(value) }, element("span", { className: "quiet" }, words(name)), element("span", {}, shown)));
  }
  const standing = decision.findings.filter(stands);
  const rest = decision.findings.filter((finding) => !standing.includes(finding));
  const remedies = (decision.remedies || []).map((remedy) => element("li", {}, remedyInWords(remedy)));
  const told = [...(decision.notes || []), ...decision.figures.approximations, ...decision.figures.cost_notes];
  const notes = told.map((note) => element("li", {}, note));
  document.getElementById("decision").replaceChildren(
    verdictLine(decision.verdict, decision.summary),
    figures,
    ...(notes.length ? [element("ul", { className: "quiet notes" }, ...notes)] : []),
    ...(remedies.length ? [element("h3", {}, "What would pass"), element("ul", {}, ...remedies)] : []),
    ...(standing.length ? [findingsTable(standing)] : []),
    element("details", {}, element("summary", {}, `${rest.length} rules that passed or were not evaluated`), findingsTable(rest)),
    element("details", {}, element("summary", {}, "The answer as JSON"), element("pre", {}, JSON.stringify(decision, null, 2))));
}

function showEligibility(answer) {
  const blocks = answer.data.map((row) => element("details", {},
    element("summary", {}, element("strong", { className: row.verdict }, row.verdict), ` ${row.venue}`), findingsTable(row.findings)));
  document.getElementById("eligibility").replaceChildren(
    element("p", { className: "quiet" }, `As of ${answer.meta.as_of}, release ${answer.meta.release}.`), ...blocks);
}

function onSubmit(id, target, act) {
  document.getElementById(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await act(filled(event.target));
    } catch (error) {
      document.getElementById(target).replaceChildren(element("pre", { className: "deny" }, error.message));
    }
  });
}

onSubmit("clear", "decision", async (form) => {
  const { residence, client_class, equity, ...trade } = form;
  const body = { ...trade, client: { residence, client_class } };
  if (equity) body.account = { equity };
  showDecision(await ask("/v1/decisions?record=false", body));
});

onSubmit("where", "eligibility", async (form) => {
  showEligibility(await ask(`/v1/eligibility?${new URLSearchParams(form)}`));
});

const release = document.getElementById("release");
const venueList = document.querySelector("#clear [name=venue]");
const policyList = document.querySelector("#clear [name=policy]");

async function fillInstruments() {
  const listed = await ask(`/v1/instruments?limit=1000&venue=${encodeURIComponent(venueList.value)}`);
  document.getElementById("instruments").replaceChildren(...listed.data.map((row) => new Option(row.unified || "", row.symbol)));
}

async function fillLists() {
  const [venues, policies] = await Promise.all([ask("/v1/venues?limit=1000"), ask("/v1/policies?limit=1000")]);
  venueList.replaceChildren(...venues.data.map((venue) => new Option(venue.name, venue.id, false, venue.id === "binance")));
  policyList.replaceChildren(...policies.data.map((policy) => new Option(words(policy.name), policy.name, false, policy.name === "standard")));
  release.textContent = `Facts: release ${venues.meta.release}.`;
  await fillInstruments();
}

const tell = (error) => { release.textContent = error.message; };

venueList.addEventListener("change", () => fillInstruments().catch(tell));

keyForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = keyForm.querySelector("input");
  key = field.value.trim();
  field.value = "";
  document.getElementById("forget").hidden = false;
  await fillLists().catch(tell);
});

document.getElementById("forget").addEventListener("click", () => {
  key = "";
  document.getElementById("forget").hidden = true;
  release.textContent = "The key is forgotten.";
});

// A link sends no key: where one is needed, the page asks and shows the answer itself.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href^='/v1/']");
  if (!link || keyForm.hidden || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const address = link.getAttribute("href");
  const shown = document.getElementById("answer");
  shown.querySelector("h2").textContent = address;
  shown.querySelector("pre").textContent = await ask(address).then((answer) => JSON.stringify(answer, null, 2), (error) => error.message);
  if (!shown.open) shown.showModal();
});

fillLists().catch(tell);
