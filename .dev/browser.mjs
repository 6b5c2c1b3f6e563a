// node .dev/browser.mjs <page or folder>... : opens HTML pages in headless Chromium, wide
// and at 375 px, and lists faults: errors on the console, local links and pictures whose
// target is missing, a page or table wider than a phone that cannot be scrolled, and the
// findings of axe-core (contrast, alternative texts, headers of tables). If a folder has
// a search index, a local server also tries a search. Writes screenshots to
// .build/screenshots. The script sends no request to other machines.
import { createRequire } from "node:module";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(path.resolve(".build/browser/package.json"));
const puppeteer = require("puppeteer-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const shots = path.resolve(".build/screenshots");
fs.mkdirSync(shots, { recursive: true });

const pages = process.argv.slice(2).flatMap((given) =>
  fs.statSync(given).isDirectory()
    ? fs.readdirSync(given, { recursive: true })
        .filter((name) => name.endsWith(".html")).map((name) => path.join(given, name))
    : [given]
);
const wrong = [];
const patience = 180000; // milliseconds; a machine that runs other tests is slow
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  timeout: patience,
  protocolTimeout: patience,
  args: ["--no-sandbox", "--allow-file-access-from-files"],
});

for (const file of pages) {
  const report = (what) => wrong.push(`${file}: ${what}`);
  const page = await browser.newPage();
  page.setDefaultTimeout(patience);
  await page.setRequestInterception(true);
  const outside = new Set();
  page.on("request", (request) => {
    if (/^(file|data|blob|about):/.test(request.url())) return request.continue();
    outside.add(request.url());
    return request.abort();
  });
  page.on("requestfailed", (request) => {
    if (!outside.has(request.url())) report(`not there: ${request.url().slice(0, 200)}`);
  });
  page.on("pageerror", (error) => report(`script: ${error.message}`));
  page.on("console", (message) => {
    const local = !/ERR_FAILED|ERR_BLOCKED/.test(message.text());
    if (message.type() === "error" && local) report(`console: ${message.text()}`);
  });
  for (const width of [1280, 375]) {
    await page.setViewport({ width, height: 900 });
    await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
    const found = await page.evaluate(() => {
      const scrolls = (node) => {
        for (let at = node; at; at = at.parentElement) {
          if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true;
        }
        return false;
      };
      const wide = [...document.querySelectorAll("table, pre, img")]
        .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
        .filter((node) => !scrolls(node))
        .map((node) => node.tagName + " " + node.innerText?.slice(0, 40));
      const small = [...document.querySelectorAll("td, th")]
        .filter((node) => node.innerText.trim() && parseFloat(getComputedStyle(node).fontSize) < 10)
        .map((node) => node.innerText.slice(0, 40));
      return {
        wide, small, scroll: document.documentElement.scrollWidth > innerWidth + 1,
        pictures: [...document.images].filter((img) => !img.naturalWidth)
          .filter((img) => !/^https?:/.test(img.src)).map((img) => img.src.slice(0, 120)),
        links: [...document.links].map((link) => link.href),
        missing: [...document.links].filter((link) => link.hash && link.pathname === location.pathname)
          .map((link) => decodeURIComponent(link.hash.slice(1)))
          .filter((id) => id && !document.getElementById(id)),
      };
    });
    if (found.scroll) report(`wider than the screen at ${width} px`);
    for (const node of found.wide) report(`cut off at ${width} px: ${node}`);
    for (const node of found.small) report(`letters below 10 px at ${width} px: ${node}`);
    for (const src of found.pictures) report(`no picture: ${src}`);
    if (width === 1280) {
      for (const id of new Set(found.missing)) report(`link to nothing: #${id}`);
      for (const href of new Set(found.links)) {
        if (!href.startsWith("file:")) continue;
        const target = fileURLToPath(href.replace(/[#?].*/, ""));
        if (!fs.existsSync(target)) report(`link to nothing: ${target}`);
      }
    }
    await page.evaluate(axe);
    const result = await page.evaluate(() => axe.run({
      runOnly: ["color-contrast", "image-alt", "th-has-data-cells", "td-headers-attr",
        "empty-table-header", "scope-attr-valid", "document-title", "html-has-lang",
        "scrollable-region-focusable", "link-name", "duplicate-id"],
    }));
    for (const rule of result.violations) {
      report(`${rule.id} at ${width} px: ${rule.nodes.length} x ${rule.nodes[0].html.slice(0, 160)}`);
    }
    const name = file.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-/, "");
    await page.screenshot({ path: path.join(shots, `${name}-${width}.png`), fullPage: true });
  }
  for (const url of outside) report(`asks another server: ${url}`);
  await page.close();
}

// Types words into the search box of a site and reports whether there are results
async function search(site, word) {
  const server = http.createServer((request, response) => {
    const name = path.join(site, decodeURIComponent(request.url.split("?")[0]));
    if (!fs.existsSync(name) || fs.statSync(name).isDirectory()) response.writeHead(404).end();
    else response.end(fs.readFileSync(name));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.on("listening", resolve));
  const page = await browser.newPage();
  page.setDefaultTimeout(patience);
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(`http://127.0.0.1:${server.address().port}/index.html`);
  await page.focus("#search-input");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await page.type("#search-input", word);
  const found = await page.waitForSelector(".aa-suggestion", { timeout: 60000 })
    .then(() => page.$$eval(".aa-suggestion", (all) => all.map((one) => one.innerText)))
    .catch(() => []);
  if (!found.some((text) => text.includes(word))) wrong.push(`${site}: search finds no ${word}`);
  await page.close();
  server.close();
}
for (const site of process.argv.slice(2)) {
  if (fs.existsSync(path.join(site, "search.json"))) await search(site, "Gray");
}
await browser.close();
for (const line of new Set(wrong)) console.log(line);
console.log(`${pages.length} pages opened, ${new Set(wrong).size} things wrong; screenshots in ${shots}`);
process.exit(wrong.length ? 1 : 0);
