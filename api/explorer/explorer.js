// The explorer: two forms over the public API.
import { comparisonElements, decisionElements, eligibilityElements, element, words } from "/assets/answers.js";

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

// A field's name is its path in the request: `account.equity` is the member `equity` of `account`.
function nested(fields) {
  const request = {};
  for (const [path, value] of Object.entries(fields)) {
    const names = path.split(".");
    const last = names.pop();
    const inside = names.reduce((table, name) => (table[name] ??= {}), request);
    inside[last] = value;
  }
  return request;
}

function onSubmit(id, target, act) {
  document.getElementById(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const shown = document.getElementById(target);
    try {
      shown.replaceChildren(...await act(filled(event.target), event.submitter?.value));
    } catch (error) {
      shown.replaceChildren(element("pre", { className: "deny" }, error.message));
    }
  });
}

const release = document.getElementById("release");
const venueList = document.querySelector("#clear [name=venue]");
const policyList = document.querySelector("#clear [name=policy]");
const venueNames = new Map();

// The same trade elsewhere is one in the same underlying and product, whatever each venue calls it.
async function compare({ venue, instrument, product, ...rest }) {
  const asked = new URLSearchParams({ venue, instrument, ...(rest.as_of ? { as_of: rest.as_of } : {}) });
  const [listed] = (await ask(`/v1/instruments?${asked}`)).data;
  if (!listed) throw new Error(`No instrument ${instrument} of ${venueNames.get(venue)} is on file on this day: what to compare is not known.`);
  const { base, quote } = listed;
  return ask("/v1/comparisons", { ...nested(rest), base, ...(quote ? { quote } : {}), product: product || listed.product });
}

onSubmit("clear", "decision", async (fields, what) => (what === "compare"
  ? comparisonElements(await compare(fields), venueNames)
  : decisionElements(await ask("/v1/decisions?record=false", nested(fields)))));
onSubmit("where", "eligibility", async (fields) =>
  eligibilityElements(await ask(`/v1/eligibility?${new URLSearchParams(fields)}`), venueNames));

async function fillInstruments() {
  const listed = await ask(`/v1/instruments?limit=1000&venue=${encodeURIComponent(venueList.value)}`);
  document.getElementById("instruments").replaceChildren(...listed.data.map((row) => new Option(row.unified || "", row.symbol)));
}

async function fillLists() {
  const [venues, policies] = await Promise.all([ask("/v1/venues?limit=1000"), ask("/v1/policies?limit=1000")]);
  for (const venue of venues.data) venueNames.set(venue.id, venue.name);
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
