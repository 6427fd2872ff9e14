// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { namesOf } from './bibtex';
import { caseName, doc, scenarioTitle } from './data';
import { saveCsv, savePng, saveSvg, type Picture, type TableData } from './download';
import { inLang } from './format';
import { useReport } from './state';
import { word } from './words';

export function sourceLine(lang: 'en' | 'zh', scenario: number): string {
  const authors = (text: string) => {
    // A name in braces, as of an institution, stays whole.
    const all = namesOf(text).map((each) => (each.startsWith('{') ? each.replace(/[{}]/g, '') : each.split(',')[0].replace(/[{}]/g, '')));
    return all.length > 2 ? all[0] + (lang === 'zh' ? '等' : ' et al.') : all.join(lang === 'zh' ? '和' : ' and ');
  };
  const keys = [...new Set(doc.parameters.flatMap((each) => each.sources))].filter((key) => doc.sources.some((each) => each.key === key));
  const named = keys.slice(0, 4).map((key) => {
    const source = doc.sources.find((each) => each.key === key)!;
    const who = authors(source.fields.author ?? source.fields.title ?? key);
    return source.fields.year ? who + (lang === 'zh' ? `（${source.fields.year}）` : ` (${source.fields.year})`) : who;
  });
  if (keys.length > 4) named.push(lang === 'zh' ? '等' : 'and others');
  const parts = [named.join(lang === 'zh' ? '；' : '; '), word('computed', lang, doc.engine)].filter(Boolean);
  const chosen = scenarioTitle(doc.scenarios[scenario], lang);
  return (chosen ? word('scenario', lang) + (lang === 'zh' ? '：' : ': ') + chosen + (lang === 'zh' ? '。' : '. ') : '') +
    word('source', lang) + (lang === 'zh' ? '：' : ': ') + parts.join(lang === 'zh' ? '；' : '; ');
}

export function DataTable({ table, explain }: { table: TableData; explain?: (row: number, column: number) => void }) {
  const { lang } = useReport();
  return (
    <div class="table-box" tabindex={0} role="region" aria-label={word('table', lang)}>
      <table>
        <thead><tr>{table.head.map((each) => <th scope="col">{each}</th>)}</tr></thead>
        <tbody>
          {table.rows.map((row, r) => (
            <tr>{row.map((cell, c) => (c === 0 ? <th scope="row">{cell}</th>
              : typeof cell === 'number'
                ? <td class="number">{explain ? <button type="button" class="value" onClick={() => explain(r, c)}>{Number(cell.toPrecision(6))}</button> : Number(cell.toPrecision(6))}</td>
                : <td>{cell ?? '–'}</td>))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What every figure has around its picture: a heading, notes, downloads, and the data as a table. */
export function FigureFrame({ name, heading, svg, table, notes = [], legend, explain, wide, children }: {
  name: string; heading: string; svg: () => SVGSVGElement | null; table: TableData; notes?: string[];
  legend?: { text: string; colour: string }[]; explain?: (row: number, column: number) => void; wide?: boolean;
  children: ComponentChildren;
}) {
  const { lang, scenario } = useReport();
  const [open, setOpen] = useState(false);
  const picture = (): Picture => ({ heading, svg: svg()!, source: [...notes, sourceLine(lang, scenario)].join(lang === 'zh' ? '' : ' '), legend });
  const file = `${caseName}-${name}`;
  return (
    <figure class={wide ? 'wide' : ''} aria-label={heading}>
      <figcaption>
        <h3>{heading}</h3>
        <div class="tools">
          <button type="button" onClick={() => saveSvg(file, picture())} aria-label={`SVG: ${heading}`}>SVG</button>
          <button type="button" onClick={() => void savePng(file, picture())} aria-label={`PNG: ${heading}`}>PNG</button>
          <button type="button" onClick={() => saveCsv(file, table)} aria-label={`CSV: ${heading}`}>CSV</button>
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} aria-label={`${word(open ? 'hideTable' : 'table', lang)}: ${heading}`}>{word(open ? 'hideTable' : 'table', lang)}</button>
        </div>
      </figcaption>
      {legend && legend.length > 1 && (
        <ul class="legend">{legend.map((each) => <li><i style={{ background: each.colour }} />{each.text}</li>)}</ul>
      )}
      {children}
      {notes.map((each) => <p class="note">{each}</p>)}
      {open && <DataTable table={table} explain={explain} />}
      <p class="print-source">{inLang({ en: sourceLine('en', scenario), zh: sourceLine('zh', scenario) }, lang)}</p>
    </figure>
  );
}
