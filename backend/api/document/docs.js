// Sends what the forms of /docs hold to the API that serves the page. The key is kept in its field alone.

const key = document.querySelector("#key");
const base = new URL("..", new URL(import.meta.url)).pathname.replace(/\/$/, "");

function requestOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = {};
  for (const field of form.querySelectorAll("input")) {
    if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.value === "") continue;
    else if (field.dataset.in === "query") query.append(field.name, field.value);
    else if (field.dataset.in === "header") headers[field.name] = field.value;
  }
  const body = form.querySelector("textarea")?.value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key.value) headers["Authorization"] = `Bearer ${key.value}`;
  return [base + path + (query.size ? `?${query}` : ""), { method: form.dataset.method, headers, body, cache: "no-store" }];
}

function told(text, type) {
  if (!/json/.test(type) || /ndjson/.test(type)) return text.slice(0, 100_000);
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}

async function send(form) {
  const output = form.querySelector("output");
  const shown = document.createElement("pre");
  shown.tabIndex = 0;
  output.replaceChildren(shown);
  const [address, request] = requestOf(form);
  shown.textContent = `${request.method} ${address} …`;
  const begun = performance.now();
  try {
    const answer = await fetch(address, request);
    const text = await answer.text();
    const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    const ms = Math.round(performance.now() - begun);
    shown.textContent = `${answer.status} in ${ms} ms\n${head}\n\n${told(text, answer.headers.get("content-type") ?? "")}`;
  } catch (error) {
    shown.textContent = `No answer: ${error.message}`;
  }
}

document.querySelector(".key").hidden = false;
for (const form of document.querySelectorAll("form")) {
  const button = form.querySelector("button");
  if (button !== null) button.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button !== null) void send(form);
  });
}

// A link to a schema or an operation opens it.
function open() {
  const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (found instanceof HTMLDetailsElement) {
    found.open = true;
    found.scrollIntoView();
  }
}
addEventListener("hashchange", open);
open();
