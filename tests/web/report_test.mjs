// SPDX-License-Identifier: Apache-2.0
// The report in a real browser, opened from disk: `node tests/web/report_test.mjs REPORT.html REPORT.json RESULTS_CSV`
// with the packages of web/report installed. CHROMIUM names the browser (default /usr/bin/chromium); with SHOTS a
// folder, pictures are left there to look at.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const [report, documentFile, csvFolder] = process.argv.slice(2);
const require = createRequire(new URL('../../web/report/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const doc = JSON.parse(readFileSync(documentFile, 'utf8'));
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

let browser;
before(async () => { browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags }); });
after(async () => { await browser.close(); });

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') problems.push(message.text()); });
  page.on('request', (request) => { if (/^(https?|wss?):/.test(request.url())) problems.push(`asked the network for ${request.url()}`); });
  await page.goto(pathToFileURL(path.resolve(report)).href);
  await page.waitForSelector('.plot svg');
  return { page, problems, close: () => context.close() };
}

async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8'), path: await file.path() };
}

function parseCsv(text) {
  const rows = [];
  let row = [], cell = '', quoted = false;
  for (const c of text.replace(/^\ufeff/, '')) {
    if (quoted) {
      if (c === '"') quoted = false; else cell += c;
    } else if (c === '"') {
      if (cell !== '') cell += '"';
      quoted = true;
    } else if (c === ',') { row.push(cell); cell = ''; }
    else if (c === '\n') { row.push(cell); rows.push(row); row = []; cell = ''; }
    else if (c !== '\r') cell += c;
  }
  return rows;
}

const shoot = async (page, name, options = {}) => {
  if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, name + '.png'), ...options });
};

async function slide(page, year) {
  await page.locator('.slider input').evaluate((input, value) => {
    input.value = String(value);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, doc.years.indexOf(year));
  await page.waitForFunction((wanted) => document.querySelector('.slider output').textContent === String(wanted), year);
}

test('opens from disk within a second, without the network', async () => {
  const { page, problems, close } = await open();
  const ready = await page.evaluate(() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd);
  assert.ok(ready < 1000 * Number(process.env.PATIENCE ?? 3), `interactive after ${Math.round(ready)} ms`);
  assert.equal(await page.locator('h1').textContent(), doc.title.en);
  assert.equal(await page.locator('.cards article').count(), doc.answer.length);
  await shoot(page, 'top-en');
  assert.deepEqual(problems, []);
  await close();
});

test('the slider shows the numbers of each year', async () => {
  const { page, problems, close } = await open();
  const film = doc.sankey, first = film.frames[0][0];
  for (const year of [doc.years[0], doc.years[Math.floor(doc.years.length / 2)], doc.years.at(-1)]) {
    await slide(page, year);
    const frame = first[doc.years.indexOf(year)];
    const shown = await page.locator('.ribbon:visible').count();
    assert.equal(shown, frame.ribbons.length, `ribbons of ${year}`);
    const csv = parseCsv((await download(page, page.locator('#flows button', { hasText: 'CSV' }))).text);
    for (const [i, [link, value]] of frame.ribbons.entries()) {
      assert.equal(csv[i + 1][0], film.links[link].title.en ?? film.links[link].flow);
      assert.equal(Number(csv[i + 1][3]), value);
    }
  }
  assert.deepEqual(problems, []);
  await close();
});

test('what is downloaded equals the results file', async () => {
  const { page, problems, close } = await open();
  const stock = doc.charts.findIndex((chart) => chart.show.length === 1 && doc.variables.find((v) => v.id === chart.show[0])?.dims.length === 2);
  const variable = doc.variables.find((v) => v.id === doc.charts[stock].show[0]);
  const labels = doc.dimensions.find((d) => d.id === variable.dims[1]).labels;
  const file = await download(page, page.locator('#time .grid figure').nth(stock).locator('button', { hasText: 'CSV' }));
  const table = parseCsv(file.text);
  const results = parseCsv(readFileSync(path.join(csvFolder, variable.id + '.csv'), 'utf8'));
  const head = results[0], value = head.indexOf('value'), time = head.indexOf('time'), label = head.indexOf(variable.dims[1]);
  let compared = 0;
  for (const row of results.slice(1)) {
    const one = labels.find((each) => each.id === row[label]);
    const column = table[0].findIndex((each) => each.startsWith(one.title.en ?? one.id));
    const line = table.find((each) => each[0] === row[time].slice(0, 4));
    if (column < 0) continue;
    assert.equal(Number(line[column]), Number(row[value]), `${variable.id} ${row[time]} ${row[label]}`);
    ++compared;
  }
  assert.ok(compared > doc.years.length);
  const svg = await download(page, page.locator('#flows button', { hasText: 'SVG' }));
  assert.match(svg.name, /\.svg$/);
  assert.match(svg.text, /^<svg /);
  assert.ok(!svg.text.includes('var(--'), 'an exported figure stands by itself');
  const parsed = await page.evaluate((text) => {
    const made = new DOMParser().parseFromString(text, 'image/svg+xml');
    return { error: made.querySelector('parsererror') !== null, paths: made.querySelectorAll('path').length };
  }, svg.text);
  assert.equal(parsed.error, false);
  assert.ok(parsed.paths >= doc.sankey.frames[0][0].at(-1).ribbons.length);
  const png = await download(page, page.locator('#flows button', { hasText: 'PNG' }));
  assert.equal(readFileSync(png.path).subarray(1, 4).toString(), 'PNG');
  assert.deepEqual(problems, []);
  await close();
});

test('language and scenario change words and numbers', async () => {
  const { page, problems, close } = await open();
  await page.locator('button.language').click();
  assert.equal(await page.locator('h1').textContent(), doc.title.zh);
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
  assert.match(await page.locator('main').textContent(), /万吨|吨/);
  await shoot(page, 'top-zh');
  await shoot(page, 'full-zh', { fullPage: true });
  await page.locator('button.language').click();
  const other = doc.scenarios.findIndex((each, i) => i > 0 && Object.keys(each.values).length > 0 &&
    doc.answer.some((answer) => answer.values[i] && answer.values[i][0] !== answer.values[0][0]));
  if (other > 0) {
    const before = await page.locator('.cards').textContent();
    await page.locator('.scenario select').selectOption(String(other));
    assert.notEqual(await page.locator('.cards').textContent(), before);
  }
  assert.deepEqual(problems, []);
  await close();
});

test('a number leads to where it comes from', async () => {
  const { page, problems, close } = await open();
  await page.locator('.figure-number').first().click();
  await page.waitForSelector('dialog[open] .tree li');
  const tree = await page.locator('dialog').textContent();
  assert.ok(tree.includes(doc.answer[0].title.en));
  assert.ok((await page.locator('dialog .tree .tree li, dialog .tree ul li').count()) > 0);
  await shoot(page, 'explanation');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  assert.ok(await page.evaluate(() => document.activeElement.classList.contains('figure-number')), 'focus comes back');
  assert.deepEqual(problems, []);
  await close();
});

test('the keyboard alone does', async () => {
  const { page, problems, close } = await open();
  const focus = async (wanted, most = 400) => {
    for (let i = 0; i < most; ++i) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((selector) => document.activeElement?.matches(selector), wanted)) return true;
    }
    return false;
  };
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.activeElement.classList.contains('skip')));
  assert.ok(await focus('.slider input'));
  const before = await page.locator('.slider output').textContent();
  await page.keyboard.press(before === String(doc.years[0]) ? 'ArrowRight' : 'ArrowLeft');
  assert.notEqual(await page.locator('.slider output').textContent(), before);
  assert.ok(await focus('.ribbon'));
  assert.ok(await page.evaluate(() => document.activeElement.getAttribute('aria-label').length > 5));
  assert.ok((await page.locator('.ribbon.dim').count()) > 0, 'what is not connected steps back');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  assert.deepEqual(problems, []);
  await close();
});

for (const scheme of ['light', 'dark'])
  test(`axe finds nothing serious (${scheme})`, async () => {
    const { page, close } = await open({ colorScheme: scheme });
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    const serious = found.violations.filter((each) => each.impact === 'serious' || each.impact === 'critical');
    assert.deepEqual(serious.map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`), []);
    if (scheme === 'dark') await shoot(page, 'dark', { fullPage: true });
    await close();
  });

test('a telephone shows all of it', async () => {
  const { page, problems, close } = await open({ viewport: { width: 390, height: 844 } });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} wide`);
  await shoot(page, 'phone', { fullPage: true });
  assert.deepEqual(problems, []);
  await close();
});

test('the slider keeps sixty frames a second', async () => {
  const { page, close } = await open({ reducedMotion: 'no-preference' });
  const work = await page.evaluate(async () => {
    const input = document.querySelector('.slider input');
    const taken = [];
    for (let value = Number(input.min); value <= Number(input.max); ++value) {
      const begin = performance.now();
      input.value = String(value);
      input.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise(requestAnimationFrame);
      taken.push(performance.now() - begin);
    }
    return taken.sort((a, b) => a - b)[Math.floor(taken.length / 2)];
  });
  assert.ok(work < 17 * Number(process.env.PATIENCE ?? 3), `a frame takes ${work.toFixed(1)} ms`);
  console.log(`median frame ${work.toFixed(1)} ms`);
  await close();
});
