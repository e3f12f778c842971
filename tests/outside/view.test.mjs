// The view in a real browser: Chromium shows it inside a small host, AppBridge speaks for the host, and its calls go to
// the real server on the sandbox, through the TypeScript client over stdio.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { getToolUiResourceUri } from "@modelcontextprotocol/ext-apps/app-bridge";
import { chromium } from "playwright-core";

const HERE = import.meta.dirname;
const IMAGES = join(HERE, "..", "..", "docs", "images");
const ORIGIN = "http://host.test";
const EVERYTHING = { serverTools: {}, updateModelContext: { text: {} } };
const APPS = { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } };
const CHROMIUM = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])];

let client, browser, resource, shots, page, view, trouble, asked;

before(async () => {
  client = new Client({ name: "host", version: "1" }, { capabilities: { extensions: APPS }, versionNegotiation: { mode: "auto" } });
  const command = join(HERE, "..", "..", ".venv", "bin", "faktoora-mcp");
  await client.connect(new StdioClientTransport({ command, args: ["serve", "--sandbox", "--log-level", "error"] }));
  const { tools } = await client.listTools();
  const uri = getToolUiResourceUri(tools.find(tool => tool.name === "list_customers"));
  [resource] = (await client.readResource({ uri })).contents;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: CHROMIUM });
  shots = await mkdtemp(join(tmpdir(), "view-"));
});

after(async () => {
  await browser?.close();
  await client?.close();
});

// What a strict host allows a page that declares these domains; the page's own policy comes on top.
function policy({ connectDomains, resourceDomains, frameDomains, baseUriDomains }) {
  const some = domains => domains.join(" ") || "'none'";
  return `default-src 'none'; script-src 'unsafe-inline' ${resourceDomains.join(" ")}; style-src 'unsafe-inline' ${resourceDomains.join(" ")};
    img-src ${some(resourceDomains)}; connect-src ${some(connectDomains)}; frame-src ${some(frameDomains)}; base-uri ${some(baseUriDomains)};
    form-action 'none'`.replace(/\s+/g, " ");
}

function serve(route) {
  const { pathname } = new URL(route.request().url());
  const type = { ".js": "text/javascript", mjs: "text/javascript" }[pathname.slice(-3)];
  if (pathname === "/") return route.fulfill({ path: join(HERE, "view_host.html") });
  if (pathname === "/view.html") {
    const headers = { "content-type": "text/html", "content-security-policy": policy(resource._meta.ui.csp) };
    return route.fulfill({ body: resource.text, headers });
  }
  if (pathname.startsWith("/npm/")) return route.fulfill({ path: join(HERE, "node_modules", pathname.slice(5)), contentType: type });
  trouble.push(`request: ${pathname}`);
  return route.abort();
}

// A new page in which a host shows the view for the result of a call, or for the result that is given.
async function open(name, args, { result, width = 1200, theme = "light", locale = "en-GB", able = EVERYTHING, ...context } = {}) {
  page = await browser.newPage({ viewport: { width, height: 800 } });
  trouble = [];
  asked = [];
  page.on("dialog", dialog => trouble.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  page.on("console", message => message.type() === "error" && trouble.push(message.text()));
  page.on("pageerror", error => trouble.push(String(error)));
  await page.route("**/*", serve);
  await page.exposeFunction("callTool", params => asked.push(params) && client.callTool(params));
  await page.goto(ORIGIN);
  await page.waitForFunction("window.show");
  await page.evaluate(([given, capabilities]) => window.show(given, capabilities), [{ theme, locale, ...context }, able]);
  view = page.frameLocator("iframe");
  await send("sendToolInput", { arguments: args });
  await send("sendToolResult", result ?? (await client.callTool({ name, arguments: args })));
}
const send = (method, params) => page.evaluate(([method, params]) => window.bridge[method](params), [method, params]);

const SHOTS = {
  table: ["list_customers", { per_page: 10 }],
  card: ["get_customer", { number: "CUST-0001", relation_fields: ["customerContacts", "customerDeliveryAddresses"] }],
  chart: ["query_customers", { group_by: ["country"], limit: 5 }],
  chart2: ["query_customers", { group_by: ["country", "category"], limit: 0 }],
  error: ["get_customer", { number: "CUST-7" }],
  wide: ["list_customers", { per_page: 5, fields: ["*"] }],
};
for (const [shot, [tool, args]] of Object.entries(SHOTS))
  for (const width of [360, 1200])
    for (const theme of ["light", "dark"])
      test(`shot ${shot} ${width} ${theme}`, async () => {
        await open(tool, args, { width, theme, locale: width === 360 ? "de-DE" : "en-GB" });
        await view.getByRole("heading").first().waitFor();
        await page.waitForTimeout(150);
        await page.screenshot({ path: `/tmp/w/shots/${shot}-${theme}-${width}.png`, fullPage: true });
        assert.deepEqual(trouble, []);
        await page.close();
      });
