// SPDX-License-Identifier: Apache-2.0
// What leaves the page: SVG, PNG and CSV, always on light ground.

export const fonts =
  "Helvetica, Arial, 'Liberation Sans', 'Noto Sans', 'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";

/** What leaves the page is on white, also from the dark screen. */
const light: Record<string, string> = { ground: '#ffffff', bar: '#33404d', bad: '#b3261e', stock: '#5f598f', accent: '#245a8d' };

function save(name: string, data: Blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const escape = (text: string) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string);

export interface Picture { heading: string; svg: SVGSVGElement; source: string; legend?: { text: string; colour: string; shape?: string }[] }

const wide = /[\u2e80-\u9fff\uff00-\uffef]/;
const widthOf = (text: string, size: number) =>
  [...text].reduce((sum, c) => sum + (wide.test(c) ? 1 : /[ilj.,'|:;]/.test(c) ? 0.28 : /[A-Z0-9mwM%]/.test(c) ? 0.64 : 0.52) * size, 0);

function wrap(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(/[\u2e80-\u9fff\uff00-\uffef][、，。；：）》]*|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+/g) ?? []) {
    if (line && widthOf(line + piece, size) > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
  }
  if (line.trim()) lines.push(line.trimEnd());
  return lines;
}

/** A figure by itself: heading, legend, the picture and where it comes from. */
export function standalone(picture: Picture): string {
  const box = picture.svg.viewBox.baseVal;
  const scale = box.width > 2000 ? 0.1 : 1;  // the flow diagram is drawn in tenths of points
  const width = Math.round(box.width * scale), height = Math.round(box.height * scale);
  const inner = picture.svg.cloneNode(true) as SVGSVGElement;
  for (const each of inner.querySelectorAll('[data-screen]')) each.remove();
  for (const each of inner.querySelectorAll('[tabindex],[role],[class]')) {
    each.removeAttribute('tabindex');
    each.removeAttribute('role');
  }
  const lines = wrap(picture.heading, 15, width);
  const sources = wrap(picture.source, 9.5, width);
  let y = 4, head = '';
  for (const line of lines) head += `<text x="0" y="${(y += 17)}" font-size="15" font-weight="bold">${escape(line)}</text>`;
  y += 8;
  let x = 0;
  if (picture.legend?.length) {
    y += 12;
    for (const entry of picture.legend) {
      const space = widthOf(entry.text, 10.5) + 28;
      if (x > 0 && x + space > width) {
        x = 0;
        y += 16;
      }
      head += `<rect x="${x}" y="${y - 9}" width="12" height="10" fill="${entry.colour}"/><text x="${x + 17}" y="${y}" font-size="10.5">${escape(entry.text)}</text>`;
      x += space;
    }
    y += 8;
  }
  const top = y + 4;
  const body = new XMLSerializer().serializeToString(inner)
    .replace(/^<svg[^>]*>/, '').replace(/<\/svg>$/, '').replace(/currentColor/g, '#1d2329').replace(/var\(--(\w+)\)/g, (_, name: string) => light[name] ?? '#1d2329');
  y = top + height + 6;
  let foot = '';
  for (const line of sources) foot += `<text x="0" y="${(y += 13)}" font-size="9.5" fill="#555d66">${escape(line)}</text>`;
  const all = y + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 ${width + 16} ${all}" width="${width + 16}" height="${all}" ` +
    `font-family="${fonts.replace(/"/g, "'")}" fill="#1d2329" role="img"><title>${escape(picture.heading)}</title>` +
    `<rect x="-8" width="${width + 16}" height="${all}" fill="#fff"/>${head}` +
    `<svg x="0" y="${top}" width="${width}" height="${height}" viewBox="${box.x} ${box.y} ${box.width} ${box.height}" overflow="visible">${body}</svg>${foot}</svg>`;
}

export function saveSvg(name: string, picture: Picture) {
  save(name + '.svg', new Blob([standalone(picture)], { type: 'image/svg+xml' }));
}

export const savePng = (name: string, picture: Picture) => savePicture(name + '.png', standalone(picture));

/** An SVG that stands by itself, as pixels. */
export async function savePicture(name: string, text: string, pixels = 3) {
  const image = new Image();
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(text);
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width * pixels;
  canvas.height = image.height * pixels;
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && save(name, blob), 'image/png');
}

export interface TableData { head: string[]; rows: (string | number | null)[][] }

export function csv(table: TableData): string {
  const cell = (value: string | number | null) => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };
  return '\ufeff' + [table.head, ...table.rows].map((row) => row.map(cell).join(',')).join('\n') + '\n';
}

/** A table as the engine writes it (RFC 4180); cells that are numbers are numbers. */
export function readCsv(text: string): TableData {
  const rows: string[][] = [];
  const cell = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g;
  let row: string[] = [];
  for (let found = cell.exec(text); found && cell.lastIndex <= text.length; found = cell.exec(text)) {
    row.push(found[1].startsWith('"') ? found[1].slice(1, -1).replace(/""/g, '"') : found[1]);
    if (found[2] !== ',') {
      if (row.length > 1 || row[0] !== '') rows.push(row);
      row = [];
    }
    if (cell.lastIndex >= text.length) break;
  }
  const number = (each: string, column: number) => (column > 0 && /^-?\d+(\.\d*)?(e[-+]?\d+)?$/i.test(each) ? Number(each) : each);
  return { head: rows[0] ?? [], rows: rows.slice(1).map((each) => each.map(number)) };
}

export function saveCsv(name: string, table: TableData) {
  save(name + '.csv', new Blob([csv(table)], { type: 'text/csv' }));
}
export function saveText(name: string, text: string, type: string) {
  save(name, new Blob([text], { type }));
}
