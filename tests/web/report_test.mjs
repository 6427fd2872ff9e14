// SPDX-License-Identifier: Apache-2.0
// The report in a real browser, opened from disk: `node tests/web/report_test.mjs REPORT.html REPORT.json RESULTS_CSV`
// with the packages of web/report installed. CHROMIUM names the browser (default /usr/bin/chromium); with SHOTS a
// folder, pictures are left there to look at.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
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
  await page.waitForFunction(() => performance.getEntriesByName('complete').length > 0);
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
  const ready = await page.evaluate(() => performance.getEntriesByName('interactive')[0].startTime);
  console.log(`interactive after ${Math.round(ready)} ms, ${statSync(report).size} bytes`);
  assert.ok(ready < 1000 * Number(process.env.PATIENCE ?? 3), `interactive after ${Math.round(ready)} ms`);
  assert.equal(await page.locator('h1').textContent(), doc.title.en);
  assert.equal(await page.locator('.cards article').count(), doc.answer.length);
  assert.ok(statSync(report).size <= 2_000_000, 'at most 2 MB');
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
    const ribbons = page.locator('.ribbon:visible');
    for (let i = 0; i < 60 && (await ribbons.count()) !== frame.ribbons.length; ++i) await page.waitForTimeout(50);  // it glides there
    assert.equal(await ribbons.count(), frame.ribbons.length, `ribbons of ${year}`);
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

test('the figures of the case are in the page as they are beside it', async () => {
  const { page, problems, close } = await open();
  const folder = path.join(path.dirname(report), 'figures'), drawn = page.locator('#figures figure');
  assert.equal(await drawn.count(), doc.figures.length);
  for (const [i, figure] of doc.figures.entries()) {
    const one = drawn.nth(i);
    await one.scrollIntoViewIfNeeded();
    await one.locator('img').evaluate((image) => image.decode());
    const svg = await download(page, one.locator('button', { hasText: 'SVG' }));
    assert.equal(svg.text, readFileSync(path.join(folder, `${figure.id}.en.svg`), 'utf8'));
    const csv = await download(page, one.locator('button', { hasText: 'CSV' }));
    assert.equal(csv.text.replace('\ufeff', ''), figure.csv.en);
    await one.locator('button', { hasText: 'Data table' }).click();
    const rows = parseCsv(csv.text);
    assert.equal(await one.locator('thead th').count(), rows[0].length, figure.id);
    assert.equal(await one.locator('tbody tr').count(), rows.length - 1, figure.id);
    await one.locator('button', { hasText: 'Hide table' }).click();
  }
  const png = await download(page, drawn.first().locator('button', { hasText: 'PNG' }));
  assert.equal(readFileSync(png.path).subarray(1, 4).toString(), 'PNG');
  await page.locator('button.language').click();
  const chinese = await download(page, drawn.first().locator('button', { hasText: 'SVG' }));
  assert.equal(chinese.text, readFileSync(path.join(folder, `${doc.figures[0].id}.zh.svg`), 'utf8'));
  assert.deepEqual(problems, []);
  await close();
});

test('all data can be saved', async () => {
  const { page, problems, close } = await open();
  const file = await download(page, page.locator('button.document'));
  assert.deepEqual(JSON.parse(file.text), doc);
  assert.deepEqual(problems, []);
  await close();
});

test('draws give ranges to answers, flows and charts', { skip: doc.draws ? false : 'a report without draws' }, async () => {
  const { page, problems, close } = await open();
  const banded = doc.answer.filter((each) => each.band).length;
  assert.ok(banded > 0);
  assert.equal(await page.locator('.cards .range').count(), banded);
  const year = doc.years.indexOf(Number(await page.locator('.slider output').textContent()));
  const ribbons = doc.sankey.frames[0][0][year].ribbons, uncertain = ribbons.filter((each) => each[5]);
  assert.ok(uncertain.length > 0);
  const spoken = await page.locator('.ribbon:visible').evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
  assert.equal(spoken.filter((each) => each.includes('±')).length, uncertain.length);
  assert.ok((await page.locator('.sankey text', { hasText: '±' }).count()) > 0, 'a number with ± is written');
  const csv = parseCsv((await download(page, page.locator('#flows button', { hasText: 'CSV' }))).text);
  for (const [i, ribbon] of ribbons.entries())
    if (ribbon[5]) assert.deepEqual([Number(csv[i + 1][4]), Number(csv[i + 1][5])], ribbon[5].slice(0, 2));
  // A chart of one series has its quantiles as columns, those of the results.
  const chart = doc.charts.findIndex((each) => each.show.length === 1 && doc.scenarios[0].bands[each.show[0]]?.[0].length === doc.years.length);
  const figure = page.locator('#time .grid figure').nth(chart), table = parseCsv((await download(page, figure.locator('button', { hasText: 'CSV' }))).text);
  const id = doc.charts[chart].show[0];
  doc.scenarios[0].bands[id].forEach((values, q) => values.forEach((value, i) => {
    assert.equal(table[i + 1][2 + q] === '' ? null : Number(table[i + 1][2 + q]), value, `${id} ${doc.years[i]}`);
  }));
  assert.ok((await figure.locator('.plot svg path[fill-opacity]').count()) + (await figure.locator('.plot svg g[fill-opacity] path').count()) >= 2, 'two bands');
  await shoot(page, 'draws', { fullPage: true });
  assert.deepEqual(problems, []);
  await close();
});

test('what happened in single draws is told', { skip: doc.remarks.in_draws.length ? false : 'a report without such draws' }, async () => {
  const { page, problems, close } = await open();
  const told = page.locator('#filled details', { hasText: '个别抽样中' }), said = page.locator('#filled details', { hasText: 'In single draws' });
  await said.locator('summary').waitFor();
  await said.evaluate((each) => { each.open = true; });
  assert.deepEqual(await said.locator('li').allTextContents(), doc.remarks.in_draws.map((each) => each.en));
  await said.scrollIntoViewIfNeeded();
  await shoot(page, 'in-draws-en');
  await page.locator('button.language').click();
  await told.locator('summary').waitFor();
  assert.deepEqual(await told.locator('li').allTextContents(), doc.remarks.in_draws.map((each) => each.zh));
  for (const { zh } of doc.remarks.in_draws) assert.match(zh, /[\u4e00-\u9fff]/);
  await told.scrollIntoViewIfNeeded();
  await shoot(page, 'in-draws-zh');
  assert.deepEqual(problems, []);
  await close();
});

test('limits are told', { skip: doc.alerts.length ? false : 'a case without limits' }, async () => {
  const { page, problems, close } = await open();
  const rows = page.locator('section[aria-labelledby="limits"] tbody tr');
  assert.ok((await rows.count()) >= doc.alerts.length);
  if (doc.alerts.every((each) => each.beyond))
    assert.equal(await rows.filter({ hasText: 'crossed' }).count(), doc.remarks.alerts.length);
  await page.locator('button.language').click();
  for (const remark of doc.remarks.alerts) assert.ok((await page.locator('#filled').textContent()).includes(remark.zh), remark.zh);
  assert.deepEqual(problems, []);
  await close();
});

test('a process tells what goes in and comes out', async () => {
  const { page, problems, close } = await open();
  await page.locator('.node:visible').nth(1).focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open] section .tree li');
  await page.locator('dialog .tree .value').first().click();
  await page.waitForSelector('dialog[open] .big');
  assert.ok(!(await page.locator('dialog section').count()), 'a flow leads on to its own explanation');
  await page.keyboard.press('Escape');
  assert.deepEqual(problems, []);
  await close();
});

test('prints on A4', async () => {
  const { page, problems, close } = await open();
  const file = process.env.SHOTS ? path.join(process.env.SHOTS, 'print.pdf') : undefined;
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: false, path: file });
  const boxes = [...pdf.toString('latin1').matchAll(/\/MediaBox\s*\[([^\]]*)\]/g)].map((each) => each[1].trim().split(/\s+/).map(Number));
  assert.ok(boxes.length > 1);
  for (const [, , width, height] of boxes) assert.ok(Math.abs(width - 595) < 2 && Math.abs(height - 842) < 2, `${width} × ${height}`);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.tools:visible').count(), 0);
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
  await page.locator('.slider').scrollIntoViewIfNeeded();
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  const metrics = async () => Object.fromEntries((await client.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
  const before = await metrics();
  // The diagram in motion: every frame is drawn anew.
  const gaps = await page.evaluate(() => new Promise((resolve) => {
    const input = document.querySelector('.slider input');
    input.value = input.min;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    document.querySelector('.play').click();
    const gaps = [];
    let last = performance.now();
    const begin = last;
    requestAnimationFrame(function step(now) {
      gaps.push(now - last);
      last = now;
      if (now - begin < 2500) requestAnimationFrame(step); else resolve(gaps.slice(3).sort((a, b) => a - b));
    });
  }));
  const after = await metrics();
  const each = (name) => ((after[name] - before[name]) * 1000) / gaps.length;
  const median = gaps[Math.floor(gaps.length / 2)], late = gaps.filter((gap) => gap > 25).length;
  console.log(`between frames ${median.toFixed(1)} ms (median), ${late} of ${gaps.length} late; a frame's script ${each('ScriptDuration').toFixed(2)} ms, style ${each('RecalcStyleDuration').toFixed(2)} ms, layout ${each('LayoutDuration').toFixed(2)} ms`);
  const work = each('ScriptDuration') + each('RecalcStyleDuration') + each('LayoutDuration');
  assert.ok(work < 16.7 * Number(process.env.PATIENCE ?? 3), `the work of a frame takes ${work.toFixed(1)} ms`);
  await close();
});
