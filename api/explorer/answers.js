// What the service answered, as elements of a page: nothing is shown that an answer does not say.

export const element = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

export const words = (name) => name.replaceAll("_", " ");

// A fail or an unknown stands against the trade; one that warns changes no verdict.
const stands = (finding) => ["fail", "unknown"].includes(finding.outcome);
const decides = (finding) => stands(finding) && finding.effect !== "warn";

const AMOUNT = /^(-?)(\d+)(?:\.(\d+))?$/;

// Exact digits stand in the title and in the JSON; here integers are grouped and fractions end after eight digits.
function amount(value) {
  const parts = AMOUNT.exec(value);
  if (!parts) return value;
  const [, sign, whole, fraction] = parts;
  const shown = fraction && fraction.length > 8 ? `${fraction.slice(0, 8)}…` : fraction;
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${shown ? `.${shown}` : ""}`;
}

function table(titles, rows) {
  const labelled = rows.map(({ className, cells }) => element("tr", { className },
    ...cells.map((cell, column) => {
      cell.dataset.title = titles[column];
      return cell;
    })));
  return element("table", {},
    element("thead", {}, element("tr", {}, ...titles.map((title) => element("th", { scope: "col" }, title)))),
    element("tbody", {}, ...labelled));
}

// An id may be broken where one of its words ends.
const breakable = (id) => id.split(/(?<=[._|])/).flatMap((part) => [part, element("wbr")]);

const idLink = (list, id, asked) =>
  element("a", { href: `/v1/${list}/${encodeURIComponent(id)}?${new URLSearchParams(asked)}` }, element("code", {}, ...breakable(id)));

function compared(finding) {
  const told = [["found", finding.observed], ["limit", finding.limit]].filter(([, value]) => value !== undefined && value !== null);
  if (!told.length) return "";
  const unit = finding.unit ? ` (${finding.unit})` : "";
  return element("div", { className: "quiet" }, `${told.map(([name, value]) => `${name} ${amount(value)}`).join(", ")}${unit}`);
}

function questionOf(finding) {
  if (!finding.question) return "";
  const { ask, field, id } = finding.question;
  const by = field ? [" — ", element("code", {}, field)] : id ? [" — conditions_met: ", element("code", {}, id)] : [];
  return element("div", { className: "quiet" }, ask, ...by);
}

function findingsTable(findings, asked) {
  return table(["Outcome", "Rule", "What it found", "Sources"], findings.map((finding) => {
    const outcome = element("td", { className: `outcome ${decides(finding) || !stands(finding) ? finding.outcome : "warned"}` },
      finding.outcome, stands(finding) ? element("span", { className: "effect" }, ` (${finding.effect})`) : "");
    const flags = (finding.flags || []).map((flag) => element("span", { className: "flag" }, words(flag)));
    return { className: "finding", cells: [
      outcome,
      element("td", { className: "rule" }, idLink("rules", finding.rule, asked)),
      element("td", {}, finding.message, compared(finding), questionOf(finding), ...flags),
      element("td", { className: "sources" }, ...finding.sources.flatMap((id) => [idLink("sources", id, asked), " "])),
    ] };
  }));
}

const folded = (title, ...inside) => element("details", {}, element("summary", {}, title), ...inside);

function findingsIn(findings, asked) {
  const standing = findings.filter(stands);
  const rest = findings.filter((finding) => !stands(finding));
  return [
    ...(standing.length ? [findingsTable(standing.sort((one, other) => decides(other) - decides(one)), asked)] : []),
    ...(rest.length ? [folded(`${rest.length} rules that passed or were not evaluated`, findingsTable(rest, asked))] : []),
  ];
}

function verdictLine(verdict, text) {
  return element("p", { className: `verdict ${verdict}` }, verdict.toUpperCase(), " ", element("span", { className: "summary" }, text));
}

function remedyInWords(remedy) {
  const bounds = [];
  if (remedy.smallest_passing !== undefined) bounds.push(`at least ${amount(remedy.smallest_passing)}`);
  if (remedy.largest_passing !== undefined) bounds.push(`at most ${amount(remedy.largest_passing)}`);
  const named = new Map((remedy.instruments || []).map((one) => [one.venue, one.instrument]));
  const values = (remedy.values || (remedy.value === undefined ? [] : [remedy.value]))
    .map((value) => (named.has(value) ? `${value} (${named.get(value)})` : value));
  const told = bounds.join(", ") || values.join(" or ") || "to be stated";
  return [`${words(remedy.field)}: ${told}`, ...(remedy.alternatives || []).map(remedyInWords)].join("; or ");
}

function figuresIn(figures) {
  const told = Object.entries(figures).filter(([, value]) => value !== null && typeof value !== "object");
  return element("dl", { className: "figures" }, ...told.map(([name, value]) => element("div", { title: String(value) },
    element("dt", {}, words(name)), element("dd", {}, name === "currency" ? value : words(amount(String(value)))))));
}

function factsTable(facts, asked) {
  return table(["Fact", "Row", "In force", "Last seen", "Source"], facts.map((fact) => ({ cells: [
    element("td", {}, words(fact.kind)),
    element("td", {}, element("code", {}, ...breakable(fact.key))),
    element("td", { className: "day" }, fact.valid_from ? `from ${fact.valid_from}` : `certain from ${fact.certain_from}`,
      fact.valid_to ? ` until ${fact.valid_to}` : ""),
    element("td", { className: "day" }, fact.last_seen || ""),
    element("td", { className: "sources" }, idLink("sources", fact.source, asked)),
  ] })));
}

function list(title, items, className = "") {
  return items.length ? [element("h3", {}, title), element("ul", { className }, ...items.map((item) => element("li", {}, item)))] : [];
}

export function decisionElements(decision) {
  const asked = { release: decision.release, as_of: decision.as_of };
  const { evaluated, unknown, skipped } = decision.coverage;
  const notes = [...decision.notes, ...decision.figures.approximations, ...decision.figures.cost_notes];
  return [
    verdictLine(decision.verdict, decision.summary),
    element("p", { className: "quiet" },
      `As of ${decision.as_of}, release ${decision.release}, policy ${decision.policy.name}, rules ${decision.rules_version}: `
      + `${evaluated} rules evaluated, ${unknown} unknown, ${skipped} not asked for want of input.`),
    ...list("What would pass", decision.remedies.map(remedyInWords)),
    ...findingsIn(decision.findings, asked),
    element("h3", {}, "Figures"), figuresIn(decision.figures),
    ...list("What to know of them", notes, "quiet notes"),
    folded(`${decision.facts.length} facts behind them`, factsTable(decision.facts, asked)),
    folded("The answer as JSON", element("p", { className: "quiet" }, `Digest ${decision.digest}`),
      element("pre", {}, JSON.stringify(decision, null, 2))),
  ];
}

const venueBlocks = (rows, names, asked) => rows.map((row) => element("details", {},
  element("summary", {}, element("strong", { className: row.verdict }, row.verdict), ` ${names.get(row.venue) || row.venue}`),
  ...findingsIn(row.findings, asked)));

export function eligibilityElements(answer, names) {
  const asked = { release: answer.meta.release, as_of: answer.meta.as_of };
  return [
    element("p", { className: "quiet" }, `As of ${answer.meta.as_of}, release ${answer.meta.release}.`),
    ...venueBlocks(answer.data, names, asked),
  ];
}

function ranking(rows, names) {
  const figure = (value) => element("td", { title: value ?? "" }, value === null ? "not known" : amount(value));
  return table(["Rank", "Verdict", "Venue", "Cost", "Highest leverage", "Initial margin", "Liquidation price"], rows.map((row) => ({ cells: [
    element("td", {}, String(row.rank)),
    element("td", { className: `outcome ${row.verdict}` }, row.verdict),
    element("td", {}, names.get(row.venue) || row.venue, " ", element("code", {}, ...breakable(row.instrument)),
      ...(row.tie_break ? [element("div", { className: "quiet" }, row.tie_break)] : [])),
    figure(row.cost), figure(row.figures.max_leverage), figure(row.figures.initial_margin), figure(row.figures.liquidation_price),
  ] })));
}

export function comparisonElements(answer, names) {
  const { as_of, release, policy, rules_version: rules, not_listed: missing, notes } = answer.meta;
  return [
    element("p", { className: "quiet" }, `As of ${as_of}, release ${release}, policy ${policy.name}, rules ${rules}. `
      + "Those that may be used come first, then the cheapest. Cost is in the quote currency, margin in what each contract settles in."),
    ranking(answer.data, names),
    ...list("What to know of it", [
      ...notes,
      ...(missing.length ? [`Without such a contract on file: ${missing.map((venue) => names.get(venue) || venue).join(", ")}.`] : []),
    ], "quiet notes"),
    element("h3", {}, "What stands against each"),
    ...venueBlocks(answer.data, names, { release, as_of }),
  ];
}
