"use strict";

// The types of a scheme, counted at once; the others when they are asked for.
const first = ["Patient", "Group", "Organization", "Practitioner", "Location", "InsurancePlan", "Contract", "Coverage", "Invoice", "PaymentNotice", "Claim", "ClaimResponse"];
const atOnce = 4; // counts under way at a time
const shownMax = 200000; // characters of an answer that are shown

const $ = (id) => document.getElementById(id);
const base = new URL("fhir", document.baseURI).href;
let types = new Map(); // what can be searched by, by type
let links = {};

function element(name, text) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  return e;
}

async function get(path) {
  const response = await fetch(path, { headers: { Accept: "application/fhir+json" } });
  const text = await response.text();
  let body = null;
  try { body = JSON.parse(text); } catch { /* not JSON: shown as it is */ }
  return { response, text, body };
}

function problem(answer) {
  const issue = answer.body && answer.body.issue && answer.body.issue[0];
  return `${answer.response.status} ${issue ? issue.diagnostics || issue.code : answer.response.statusText}`;
}

// What a resource is, in a few words.
function words(r) {
  const name = Array.isArray(r.name) ? r.name[0] : r.name;
  if (typeof name === "string") return name;
  if (name) return name.text || [...(name.given || []), name.family].filter(Boolean).join(" ");
  const identifier = Array.isArray(r.identifier) ? r.identifier[0] : r.identifier;
  const code = r.code && (r.code.text || (r.code.coding && (r.code.coding[0].display || r.code.coding[0].code)));
  return r.title || code || (identifier && identifier.value) || (r.issue && r.issue[0] && r.issue[0].diagnostics) || r.status || "";
}

async function send(path) {
  $("status").textContent = "…";
  $("status").className = "";
  const began = performance.now();
  let answer;
  try { answer = await get(path); } catch (e) { answer = { response: { status: "", statusText: String(e) }, text: "", body: null }; }
  const took = Math.round(performance.now() - began);
  const ok = answer.response.ok;
  const body = answer.body || {};
  const entries = body.resourceType === "Bundle" ? body.entry || [] : [];
  const total = body.total === undefined ? "" : `, ${body.total} in all`;
  $("status").textContent = ok ? `${answer.response.status} in ${took} ms${body.resourceType === "Bundle" ? `, ${entries.length} on this page${total}` : ""}` : problem(answer);
  $("status").className = ok ? "" : "error";
  const rows = $("found").tBodies[0];
  rows.replaceChildren(...entries.filter((e) => e.resource).map((e) => row(e.resource)));
  $("found").hidden = rows.children.length === 0;
  $("answer").textContent = (answer.body ? JSON.stringify(answer.body, null, 2) : answer.text).slice(0, shownMax);
  $("whole").hidden = answer.text === "";
  links = Object.fromEntries((body.link || []).map((l) => [l.relation, l.url]));
  $("previous").disabled = !links.previous;
  $("next").disabled = !links.next;
  $("pages").hidden = !links.previous && !links.next;
}

function row(resource) {
  const tr = element("tr");
  const link = element("a", `${resource.resourceType}/${resource.id || ""}`);
  if (resource.id) link.href = `${base}/${resource.resourceType}/${resource.id}?_pretty=true`;
  const cell = element("td");
  cell.append(link);
  tr.append(cell, element("td", words(resource)), element("td", (resource.meta && resource.meta.lastUpdated) || ""));
  return tr;
}

// A link names the server as the world knows it; the page stays where it is.
function own(url) {
  const at = url.indexOf("/fhir");
  return at < 0 ? url : base + url.slice(at + "/fhir".length);
}

async function count(type, rows) {
  const tr = element("tr");
  const link = element("a", type);
  link.href = `${base}/${type}?_pretty=true`;
  const name = element("td");
  name.append(link);
  const number = element("td", "…");
  tr.append(name, number);
  rows.append(tr);
  return async () => {
    try {
      const answer = await get(`${base}/${type}?_summary=count`);
      number.textContent = answer.response.ok ? answer.body.total.toLocaleString() : String(answer.response.status);
      number.title = answer.response.ok ? "" : problem(answer);
    } catch (e) { number.textContent = "?"; number.title = String(e); }
  };
}

async function countAll(list) {
  const rows = $("counts").tBodies[0];
  rows.replaceChildren();
  const work = [];
  for (const type of list) work.push(await count(type, rows));
  if (work.length > 0) await work.shift()(); // alone, so that the browser asks for credentials once
  const worker = async () => { while (work.length > 0) await work.shift()(); };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function choose() {
  const parameters = types.get($("type").value) || [];
  $("parameter").replaceChildren(...parameters.map((p) => element("option", p.name)));
  const usual = ["name", "identifier", "code", "status", "_id"].find((n) => parameters.some((p) => p.name === n));
  if (usual) $("parameter").value = usual;
  explain();
}

function explain() {
  const parameter = (types.get($("type").value) || []).find((p) => p.name === $("parameter").value);
  $("about").textContent = parameter ? `${parameter.type}: ${(parameter.documentation || "").replaceAll("`", "")}` : "";
}

async function begin() {
  $("base").textContent = base;
  $("type").addEventListener("change", choose);
  $("parameter").addEventListener("change", explain);
  $("try").addEventListener("submit", (event) => {
    event.preventDefault();
    const value = $("value").value;
    const query = value === "" ? "_count=10" : `${$("parameter").value}=${encodeURIComponent(value)}`;
    $("request").value = `${$("type").value}?${query}`;
    send(`${base}/${$("request").value}`);
  });
  $("free").addEventListener("submit", (event) => {
    event.preventDefault();
    send(`${base}/${$("request").value}`);
  });
  $("next").addEventListener("click", () => send(own(links.next)));
  $("previous").addEventListener("click", () => send(own(links.previous)));
  const { body } = await get(`${base}/metadata`);
  for (const r of body.rest[0].resource) types.set(r.type, r.searchParam || []);
  $("type").replaceChildren(...[...types.keys()].map((t) => element("option", t)));
  $("type").value = "Patient";
  choose();
  $("all").addEventListener("click", () => countAll([...types.keys()]));
  await countAll(first);
}

begin().catch((e) => { $("status").textContent = String(e); $("status").className = "error"; });
