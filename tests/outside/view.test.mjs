// The view in a real browser: Chromium shows it in a small host, where AppBridge speaks for the host and passes calls on to
// the real server with the sandbox's customers, by the TypeScript client over stdio.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { getToolUiResourceUri, RESOURCE_MIME_TYPE } from "@modelcontextprotocol/ext-apps/app-bridge";
import { chromium } from "playwright-core";

const HERE = import.meta.dirname;
const PROJECT = join(HERE, "..", "..");
const IMAGES = join(PROJECT, "docs", "images");
const CAPABILITIES = { extensions: { "io.modelcontextprotocol/ui": { mimeTypes: [RESOURCE_MIME_TYPE] } } };
const CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-lcd-text"];
const ABLE = { serverTools: {}, updateModelContext: { text: {} } };
const FONT = { variables: { "--font-sans": "Liberation Sans, Arial, sans-serif" } };
const SHOWN = {
  table: ["list_customers", { per_page: 6, sort: "name" }],
  card: ["get_customer", { number: "CUST-0054", relation_fields: ["customerContacts", "customerDeliveryAddresses"] }],
  chart: ["query_customers", { group_by: ["country"], limit: 5 }],
  groups: ["query_customers", { group_by: ["country", "category"], limit: 0 }],
  wide: ["list_customers", { per_page: 5, fields: ["*"], relation_fields: ["customerContacts"] }],
  error: ["list_customers", { page: 70 }],
};
const IN_DOCS = { "table-1200-light": "view-table.png", "chart-1200-light": "view-chart.png", "card-1200-dark": "view-card-dark.png" };

let client, resource, browser, page, view, shots, asked, loaded = false;
const trouble = []; // what must not happen
const held = []; // promises that the next answers wait for
const renewed = {}; // images of docs/ and what they were made from, by which tests/test_pictures.py sees that one is out of date

before(async () => {
  client = new Client({ name: "host", version: "1" }, { capabilities: CAPABILITIES, versionNegotiation: { mode: "auto" } });
  const command = join(PROJECT, ".venv", "bin", "faktoora-mcp");
  await client.connect(new StdioClientTransport({ command, args: ["serve", "--sandbox", "--log-level", "error"] }));
  const { tools } = await client.listTools();
  const uri = getToolUiResourceUri(tools.find(tool => tool.name === "list_customers"));
  [resource] = (await client.readResource({ uri })).contents;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: CHROMIUM });
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  page.on("dialog", dialog => { trouble.push(`dialog: ${dialog.message()}`); dialog.dismiss() });
  page.on("console", message => message.type() === "error" && trouble.push(message.text()));
  page.on("pageerror", error => trouble.push(String(error)));
  await page.route("**/*", serve);
  await page.exposeFunction("callTool", async params => {
    asked.push(params);
    const result = await client.callTool(params);
    await held.shift();
    return result;
  });
  await page.goto("http://host.test/");
  await page.waitForFunction("window.show");
  loaded = true;
  view = page.frameLocator("iframe");
  shots = await mkdtemp(join(tmpdir(), "faktoora-view-"));
});

after(async () => {
  if (Object.keys(renewed).length)
    await writeFile(join(IMAGES, "inputs.json"), JSON.stringify(renewed, null, 1) + "\n");
  await browser?.close();
  await client?.close();
});

afterEach(() => assert.deepEqual(trouble.splice(0), [], "no dialog, request, error or breach of a policy"));

function serve(route) {
  const { pathname } = new URL(route.request().url());
  if (pathname === "/view.html") {
    const headers = { "content-type": "text/html", "content-security-policy": policy(resource._meta.ui.csp) };
    return route.fulfill({ body: resource.text, headers });
  }
  if (loaded) trouble.push(`request: ${pathname}`);
  if (pathname === "/") return route.fulfill({ path: join(HERE, "view_host.html") });
  if (pathname.startsWith("/npm/"))
    return route.fulfill({ path: join(HERE, "node_modules", pathname.slice(5)), contentType: "text/javascript" });
  return route.abort();
}

// What a host's own policy grants to a page that declares these domains.
function policy({ connectDomains, resourceDomains, frameDomains, baseUriDomains }) {
  const some = domains => domains.join(" ") || "'none'";
  const inline = `'unsafe-inline' ${resourceDomains.join(" ")}`;
  return `default-src 'none'; script-src ${inline}; style-src ${inline}; img-src ${some(resourceDomains)}; ` +
    `connect-src ${some(connectDomains)}; frame-src ${some(frameDomains)}; base-uri ${some(baseUriDomains)}`;
}

// A host shows the view for the result of a call, or for the result that is given.
async function show([name, args], { result, width = 1200, able = ABLE, theme = "light", locale = "en-GB" } = {}) {
  asked = [];
  await page.setViewportSize({ width, height: 800 });
  await page.evaluate(([context, able]) => window.show(context, able), [{ theme, locale, styles: FONT }, able]);
  await host("sendToolInput", { arguments: args });
  await host("sendToolResult", result ?? (await client.callTool({ name, arguments: args })));
  await status().filter({ hasNotText: "…" }).waitFor({ state: "attached" });
}

const host = (method, params) => page.evaluate(([method, params]) => window.bridge[method](params), [method, params]);
const structured = structuredContent => ({ content: [], structuredContent });
const status = () => view.getByRole("status");
const header = name => view.getByRole("columnheader", { name });
const names = () => view.locator("td.main").allInnerTexts();
const focused = () => view.locator(":focus").innerText();
const says = async (locator, expected) => {
  for (let tries = 0; tries < 200; tries++) {
    if ((await locator.innerText()) === expected) return;
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  assert.equal(await locator.innerText(), expected);
};

test("the resource is a page of MCP Apps that asks for no domain at all", () => {
  assert.equal(resource.mimeType, RESOURCE_MIME_TYPE);
  assert.deepEqual(Object.values(resource._meta.ui.csp), [[], [], [], []]);
});

test("a page of customers is a table without technical ids", async () => {
  await show(["list_customers", { per_page: 10 }]);
  assert.deepEqual(await view.getByRole("columnheader").allInnerTexts(), ["Customer number", "Name", "Postcode", "City", "Country", "E-mail"]);
  assert.equal(await view.locator("tbody tr").count(), 10);
  await says(status(), "57 · page 1 of 6");
});

test("a header sorts a list of several pages through the tool, and back", async () => {
  await show(["list_customers", { per_page: 10, page: 3 }]);
  for (const [order, direction] of [["asc", "ascending"], ["desc", "descending"]]) {
    await header("Name").getByRole("button").click();
    await view.locator(`th[aria-sort=${direction}]`).waitFor();
    const { structuredContent } = await client.callTool({ name: "list_customers", arguments: { per_page: 10, sort: "name", order } });
    assert.deepEqual(await names(), structuredContent.rows.map(cells => cells[2]));
  }
  await says(status(), "57 · page 1 of 6");
});

test("only columns that the list can be sorted by have a button", async () => {
  await show(["list_customers", { per_page: 10 }]);
  assert.equal(await header("City").getByRole("button").count(), 0);
});

test("rows that are all there are sorted in place", async () => {
  await show(["list_customers", { keywords: ["immobilien"] }]);
  const before = await names();
  await header("City").getByRole("button").press("Enter");
  await view.locator("th[aria-sort=ascending]").waitFor();
  const cities = await view.locator("tbody td:nth-child(4)").allInnerTexts();
  assert.deepEqual(cities, cities.toSorted(new Intl.Collator("en").compare));
  assert.notDeepEqual(await names(), before);
  assert.deepEqual(asked, []);
});

test("dates are sorted by time, numbers by size, and what is empty comes last", async () => {
  const rows = [["b", "2026-02-01T00:00:00Z", 9], ["a", "2025-12-31T00:00:00Z", 10], ["c", null, null]];
  await show(["list_customers", {}], { result: structured({ columns: ["name", "createdAt", "extras.days"], rows, page: 1, perPage: 20 }) });
  for (const [column, order] of [["Created", ["a", "b", "c"]], ["Extras · days", ["b", "a", "c"]]]) {
    await header(column).getByRole("button").click();
    assert.deepEqual(await names(), order);
  }
});

test("the first rows of many matches are sorted through the tool", async () => {
  await show(["query_customers", { limit: 5 }]);
  for (const direction of ["ascending", "descending"]) {
    await header("City").getByRole("button").press("Enter");
    await view.locator(`th[aria-sort=${direction}]`).filter({ hasText: "City" }).waitFor();
  }
  assert.deepEqual(asked.map(call => call.arguments), [{ limit: 5, sort: "city" }, { limit: 5, sort: "-city" }]);
});

test("next visits every customer once, previous goes back", async () => {
  await show(["list_customers", { per_page: 25, keywords: ["e"] }]);
  const total = Number((await status().innerText()).split(" ")[0]), visited = [...(await names())];
  const pages = Math.ceil(total / 25);
  for (let number = 2; number <= pages; number++) {
    await view.getByRole("button", { name: "Next" }).press("Enter");
    await says(status(), `${total} · page ${number} of ${pages}`);
    visited.push(...(await names()));
  }
  assert.equal(visited.length, total);
  assert.equal(await focused(), "Next →", "the focus stays where it was");
  await view.getByRole("button", { name: "Previous" }).click();
  await says(status(), `${total} · page ${pages - 1} of ${pages}`);
  assert.deepEqual(asked.at(-1).arguments, { per_page: 25, keywords: ["e"], page: pages - 1 });
});

test("the keyboard alone opens a customer and comes back to its row", async () => {
  await show(["list_customers", { per_page: 10, sort: "customerId" }]);
  await view.locator("html").press("Tab");
  for (let tabs = 0; tabs < 9 && !(await view.locator("td :focus").count()); tabs++) await page.keyboard.press("Tab");
  for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"]) await page.keyboard.press(key);
  assert.equal(await focused(), "Getränke Winkler UG (haftungsbeschränkt)");
  await page.keyboard.press("Enter");
  await says(view.getByRole("heading", { level: 1 }), "Getränke Winkler UG (haftungsbeschränkt)");
  assert.equal(await focused(), "← Back");
  await page.keyboard.press("Escape");
  await says(view.getByRole("heading", { level: 1 }), "Customers");
  assert.equal(await focused(), "Getränke Winkler UG (haftungsbeschränkt)");
});

test("text can be marked with the mouse without opening the customer", async () => {
  await show(["list_customers", { keywords: ["CUST-0007"] }]);
  const { x, y, width, height } = await view.locator("td").last().locator("bdi").boundingBox();
  await page.mouse.move(x + 1, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width - 1, y + height / 2, { steps: 4 });
  await page.mouse.up();
  assert.match(await view.locator("html").evaluate(() => String(getSelection())), /immobilien-hahn/);
  assert.deepEqual(asked, []);
});

test("the model learns which customer the user opened and that it was left", async () => {
  await show(["list_customers", { keywords: ["CUST-0007"] }]);
  await view.locator("tbody tr").click();
  await view.getByRole("button", { name: "Back" }).click();
  const [opened, left] = await page.evaluate(() => window.told);
  const { id, ...seen } = JSON.parse(opened.content[0].text).customerOnScreen;
  assert.equal(id, asked[0].arguments.id);
  assert.deepEqual(seen, { customerId: "CUST-0007", name: "Immobilien Hahn GmbH & Co. KG" });
  assert.deepEqual(left, { content: [] });
});

test("an answer that comes after the user went on is passed over", async () => {
  await show(["list_customers", { per_page: 10, sort: "customerId" }]);
  const late = Promise.withResolvers();
  held.push(late.promise);
  for (const number of ["CUST-0007", "CUST-0009"]) await view.getByRole("row", { name: number }).click();
  await says(view.getByRole("heading", { level: 1 }), "Müller AG");
  late.resolve();
  await page.evaluate(() => window.callTool({ name: "generate_customer_number" }));
  await says(view.getByRole("heading", { level: 1 }), "Müller AG");
});

test("a customer is a card whose nested values are readable", async () => {
  const customer = { name: "Acme", address: "Hof 1", postcode: "10115", city: "Berlin", country: "DE", extras: { paymentDays: 30, tags: ["a", { b: 1 }] },
    createdAt: "2026-01-31T12:00:00Z", customerContacts: [{ firstName: "Ada", lastName: "Lovelace", position: "CFO" }],
    deliveryAddresses: [{ name: "Lager", address: "Kai 2", postcode: "20457", city: "Hamburg", country: "DE", note: "ring" }] };
  await show(["get_customer", {}], { result: structured({ customer, notLoaded: ["user"] }) });
  const sections = await view.locator("section").allInnerTexts();
  assert.deepEqual(sections.map(section => section.split("\n").filter(Boolean)), [
    ["Address", "Hof 1", "10115 Berlin", "Germany"],
    ["Contacts", "Ada Lovelace", "Position", "CFO"],
    ["Delivery addresses", "Lager", "Kai 2", "20457 Hamburg", "Germany", "Note", "ring"],
    ["Extras", "paymentDays", "30", "tags", "a; b: 1"],
    ["Record", "Created", "31 Jan 2026"],
  ]);
  assert.equal(await view.locator(".notice").innerText(), "Not loaded: User");
});

test("counts by one field are bars with numbers and shares", async () => {
  await show(["query_customers", { group_by: "country", limit: 0 }]);
  assert.deepEqual((await view.locator(".chart tr").allInnerTexts()).slice(0, 3).map(line => line.split(/\s+/).filter(Boolean)), [
    ["Country", "Customers", "Share"], ["Germany", "45", "79%"], ["Austria", "4", "7%"],
  ]);
  const widths = await view.locator(".bar span").evaluateAll(bars => bars.map(bar => bar.getBoundingClientRect().width));
  assert.ok(Math.abs(widths[1] / widths[0] - 4 / 45) < 0.01, String(widths));
});

test("counts by two fields keep the first together and name what is not shown", async () => {
  const groups = { columns: ["country", "isCompany", "customers"], rows: [["DE", "true", 9], ["AT", null, 5], ["DE", "false", 2]], rest: { groups: 3, customers: 4 } };
  await show(["query_customers", {}], { result: structured({ scanned: 20, complete: false, reason: "time ran out", matched: 20, groups }) });
  assert.deepEqual((await view.locator(".chart tbody tr").allInnerTexts()).map(line => line.split(/\t+/).map(it => it.trim()).filter(Boolean)), [
    ["Germany", "yes", "9", "45%"], ["no", "2", "10%"], ["Austria", "not given", "5", "25%"], ["others (3)", "4", "20%"],
  ]);
  assert.equal(await view.locator(".notice").innerText(), "Not all customers were read: time ran out");
});

test("theme and colours follow the host while the page is shown", async () => {
  await show(SHOWN.table);
  const ground = () => view.locator("html").evaluate(root => getComputedStyle(root).backgroundColor);
  assert.equal(await ground(), "rgb(255, 255, 255)");
  await host("setHostContext", { theme: "dark" });
  await view.locator("html[data-theme=dark]").waitFor();
  assert.equal(await ground(), "rgb(29, 29, 31)");
  await host("setHostContext", { theme: "dark", styles: { variables: { "--color-background-primary": "rgb(1, 2, 3)" } } });
  await view.locator("html[style*='1, 2, 3']").waitFor();
  assert.equal(await ground(), "rgb(1, 2, 3)");
});

test("a German user reads German", async () => {
  await show(["list_customers", { per_page: 10, sort: "name" }], { locale: "de-AT" });
  assert.deepEqual((await view.getByRole("columnheader").allInnerTexts()).slice(0, 3), ["Kundennummer", "Name", "PLZ"]);
  await says(status(), "57 · Seite 1 von 6");
});

const HOSTILE = [
  `<img src=x onerror="alert(1)">`, `<script>alert(2)</script>`, "\u202Ekcabtnorf\u202C", "W".repeat(3000), "one\n\ntwo", "javascript:alert(3)", "\u05D0\u05D1 GmbH", "__proto__", "constructor",
];
const shown = name => name.replace(/[\u202A-\u202E]/g, "");
for (const width of [360, 1200])
  test(`hostile names are text and widen nothing at ${width} px`, async () => {
    const columns = ["id", "name", "<b>city</b>", "constructor"];
    const rows = HOSTILE.map(name => [name, name, name, { [name]: name }]);
    await show(["list_customers", {}], { width, result: structured({ columns, rows, page: 1, perPage: 20 }) });
    assert.deepEqual(await view.locator("td.main").allTextContents(), HOSTILE.map(shown));
    assert.equal(await view.locator("img, #content script, b").count(), 0);
    assert.equal(await overflow(), 0);
    const customer = { name: HOSTILE[0], category: HOSTILE[2], note: HOSTILE.join(" "), extras: Object.fromEntries(HOSTILE.map(name => [name, name])), [HOSTILE[1]]: [HOSTILE, HOSTILE[3]] };
    await show(["get_customer", {}], { width, result: structured({ customer }) });
    assert.equal(await view.getByRole("heading", { level: 1 }).textContent(), HOSTILE[0]);
    assert.equal(await status().textContent(), "kcabtnorf");
    assert.equal(await view.locator("img, #content script, b").count(), 0);
    assert.equal(await overflow(), 0);
    const groups = { columns: ["city", HOSTILE[0], "customers"], rows: HOSTILE.map(name => [name, name, 1]) };
    await show(["query_customers", {}], { width, result: structured({ scanned: 9, complete: true, matched: 9, groups }) });
    assert.deepEqual(await view.locator(".chart td:first-child").allTextContents(), HOSTILE.map(shown));
    assert.equal(await view.locator("img, #content script, b").count(), 0);
    assert.equal(await overflow(), 0);
  });

const overflow = () => view.locator("html").evaluate(root => Math.max(0, root.scrollWidth - innerWidth));

test("an error is told in words, with what to do", async () => {
  await show(SHOWN.error);
  assert.deepEqual((await view.getByRole("alert").innerText()).split("\n").filter(Boolean), ["That did not work", "Page 70 is past the end.",
    "page: there are 57 customers, 20 to a page", "Start with page 1 and follow nextPage."]);
});

test("a customer that cannot be opened leaves the table where it is", async () => {
  await show(["list_customers", {}], { result: structured({ columns: ["id", "name"], rows: [["00000000-0000-4000-8000-000000000000", "Gone GmbH"]], page: 1, perPage: 20 }) });
  await view.getByRole("button", { name: "Gone GmbH" }).click();
  await view.getByRole("alert").waitFor();
  assert.deepEqual(await names(), ["Gone GmbH"]);
});

test("nothing found is said kindly", async () => {
  await show(["list_customers", { keywords: ["xyzzy"] }]);
  await says(status(), "No customer fits.");
});

test("a host that passes no calls on gets the table without buttons", async () => {
  await show(SHOWN.table, { able: {} });
  assert.equal(await view.locator("tbody tr").count(), 6);
  assert.equal(await view.getByRole("button").count(), 0);
});

test("a host that gives only the text of a result gets the same table", async () => {
  const { content } = await client.callTool({ name: "list_customers", arguments: { per_page: 10 } });
  await show(["list_customers", { per_page: 10 }], { result: { content } });
  assert.equal(await view.locator("tbody tr").count(), 10);
});

test("arguments under way are passed over and a cancelled call is called so", async () => {
  await page.evaluate(able => window.show({ theme: "light", locale: "en" }, able), ABLE);
  await says(status(), "Loading …");
  await host("sendToolInputPartial", { arguments: { keywords: ["mü"] } });
  await host("sendToolCancelled", { reason: "the user" });
  await says(status(), "Cancelled");
});

test("the page lets itself be torn down", async () => {
  await show(SHOWN.table);
  assert.deepEqual(await host("teardownResource", {}), {});
});

for (const [name, call] of Object.entries(SHOWN))
  for (const width of [360, 1200])
    for (const theme of ["light", "dark"])
      test(`${name} at ${width} px, ${theme}: fits, and axe finds nothing to object to`, async () => {
        await show(call, { width, theme });
        assert.equal(await overflow(), 0);
        const [, frame] = page.frames();
        await frame.evaluate(await readFile(join(HERE, "node_modules", "axe-core", "axe.min.js"), "utf8"));
        const { violations } = await frame.evaluate(() => window.axe.run());
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes[0].html]), []);
        await shoot(`${name}-${width}-${theme}`, width, call);
      });

async function shoot(name, width, call) {
  const height = await view.locator("html").evaluate(root => Math.ceil(root.getBoundingClientRect().height));
  await page.setViewportSize({ width, height });
  const path = join(shots, `${name}.png`);
  await page.screenshot({ path });
  if (process.env.SCREENSHOTS === "update" && IN_DOCS[name]) await renew(IN_DOCS[name], path, call);
}

async function renew(image, path, [tool, args]) {
  const { content: [{ text }] } = await client.callTool({ name: tool, arguments: args });
  const sha256 = createHash("sha256").update(`${resource.text}\n${text}`).digest("hex");
  renewed[image] = { tool, arguments: args, sha256 };
  await copyFile(path, join(IMAGES, image));
}
