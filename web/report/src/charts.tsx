// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import {
  addsUp, bandSeries, cellKey, changes, doc, hasTime, labelCount, labelDims, rankOf, series, seriesLabels, seriesTitle, sumBands, totals,
  unitOf, variables, variableTitle, widest,
} from './data';
import { FigureFrame } from './figure';
import { amountText, brackets, displayUnit, inLang, significant } from './format';
import { colourAt, dashes, palette, timeChart, type Line } from './plot';
import { useReport } from './state';
import type { Chart, Lang, Title, Values, Variable } from './types';
import { word } from './words';

interface Row { variable: Variable; labels: string[]; title: string; unit: string; values: (number | null)[]; base?: (number | null)[]; bands?: (number | null)[][] }

function convert(rows: Row[], lang: Lang) {
  const units = [...new Set(rows.map((row) => row.unit))];
  let largest = 0;
  for (const row of rows) for (const value of row.values) largest = Math.max(largest, Math.abs(value ?? 0));
  return units.length === 1 ? displayUnit(units[0], largest, lang) : { divisor: 1, text: '' };
}

type Mode = 'total' | 'each' | string;

function rowsOf(chart: string[], scenario: number, lang: Lang, mode: Mode): Row[] {
  const rows: Row[] = [];
  for (const id of chart) {
    const variable = variables.get(id);
    if (!variable || !hasTime(variable)) continue;
    const labels = seriesLabels(variable), many = labels.length > 1;
    const differs = changes(id, scenario);
    if (many && mode === 'total' && addsUp(variable)) {
      rows.push({
        variable, labels: [], title: variableTitle(variable, lang), unit: variable.unit, values: totals(variable, scenario),
        base: differs ? totals(variable, 0) : undefined, bands: sumBands(variable, scenario),
      });
      continue;
    }
    // Over several dimensions only the first one is told apart: parts of parts are in the series below.
    if (labelDims(variable).length > 1 && mode === 'each' && addsUp(variable)) {
      const groups = new Map<string, number[]>();
      labels.forEach((each, place) => groups.set(each[0], [...(groups.get(each[0]) ?? []), place]));
      const sum = (places: number[], from: number) => {
        const parts = places.map((place) => series(variable, place, from));
        return doc.years.map((_, i) => (parts.every((part) => part[i] === null) ? null : parts.reduce((total, part) => total + (part[i] ?? 0), 0)));
      };
      for (const [label, places] of groups) {
        const values = sum(places, scenario);
        if (values.some((value) => value !== null))
          rows.push({ variable, labels: [label], title: (chart.length > 1 ? variableTitle(variable, lang) + ' – ' : '') + seriesTitle(variable, [label], lang), unit: variable.unit, values, base: differs ? sum(places, 0) : undefined });
      }
      continue;
    }
    labels.forEach((each, place) => {
      if (many && mode !== 'each' && mode !== 'total' && each.join('\n') !== mode) return;
      const values = series(variable, place, scenario);
      if (values.every((value) => value === null)) return;
      rows.push({
        variable, labels: each, unit: unitOf(variable, each), values,
        title: many ? (chart.length > 1 ? variableTitle(variable, lang) + ' – ' : '') + seriesTitle(variable, each, lang) : variableTitle(variable, lang),
        base: differs ? series(variable, place, 0) : undefined, bands: bandSeries(variable, place, scenario),
      });
    });
  }
  return rows;
}

/** Outer and inner pairs of quantiles. */
function pairs(bands: (number | null)[][] | undefined): [(number | null)[], (number | null)[]][] | undefined {
  if (!bands || bands.length < 2) return undefined;
  const out: [(number | null)[], (number | null)[]][] = [];
  for (let i = 0; i < Math.floor(bands.length / 2); ++i) out.push([bands[i], bands[bands.length - 1 - i]]);
  return out;
}

export function TimeFigure({ show, title, note, mode, wide }: { show: string[]; title?: Title; note?: Title; mode?: Mode; wide?: boolean }) {
  const { lang, scenario, dark, explain } = useReport();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<number | null>(null);
  const found = show.map((id) => variables.get(id)).filter((each): each is Variable => each !== undefined);
  const stackable = found.length === 1 && labelCount(found[0]) > 1 && addsUp(found[0]);
  const chosen = mode ?? (stackable ? 'each' : found.length > 1 ? 'total' : 'each');
  const rows = useMemo(() => rowsOf(show, scenario, lang, chosen), [show.join(), scenario, lang, chosen]);
  // Stacks of more than nine parts: the small ones are one part.
  const stacked = stackable && chosen === 'each' && rows.every((row) => row.values.every((value) => (value ?? 0) >= 0));
  const unit = useMemo(() => {
    if (!stacked) return convert(rows, lang);
    const largest = Math.max(...doc.years.map((_, i) => rows.reduce((sum, row) => sum + (row.values[i] ?? 0), 0)), 0);
    return displayUnit(rows[0]?.unit ?? '1', largest, lang);
  }, [rows, lang, stacked]);

  const drawn = useMemo(() => {
    const scaled = (values: (number | null)[]) => values.map((value) => (value === null ? null : value / unit.divisor));
    const size = (row: Row) => row.values.reduce((sum: number, value) => sum + Math.abs(value ?? 0), 0);
    const most = stacked ? 9 : 10;
    const sorted = rows.length > most || stacked ? [...rows].sort((a, b) => size(b) - size(a)) : rows;
    const kept = sorted.slice(0, sorted.length > most ? most - 1 : most), rest = sorted.slice(kept.length);
    const lines: Line[] = kept.map((row, i) => ({
      title: row.title, colour: found.length === 1 && row.labels.length === 1 ? colourAt(rankOf(labelDims(row.variable)[0], row.labels[0])) : palette[i % palette.length], dashes: stacked ? undefined : dashes[Math.floor(i / palette.length) % dashes.length] || (i % 2 ? dashes[i % dashes.length] : ''),
      values: scaled(row.values), base: row.base && scaled(row.base), bands: kept.length <= 3 ? pairs(row.bands)?.map(([low, high]) => [scaled(low), scaled(high)]) : undefined,
    }));
    if (rest.length && stacked)
      lines.push({ title: word('rest', lang, String(rest.length)), colour: '#9a9a9a', values: doc.years.map((_, i) => rest.reduce((sum, row) => sum + (row.values[i] ?? 0), 0) / unit.divisor) });
    return { lines, rows: kept, left: stacked ? 0 : rest.length };
  }, [rows, unit, stacked, lang]);

  // Never a stack under bands: the band of the sum is drawn as two lines over it.
  const sum = useMemo(() => (stacked ? sumBands(found[0], scenario) : undefined), [stacked, show.join(), scenario]);
  const limits = doc.alerts.filter((each) => show.includes(each.quantity)).flatMap((each) => [each.at_least, each.at_most]
    .filter((values): values is Values => Array.isArray(values) && !Array.isArray(values[0])).map((values) => {
      const scaled = values.map((value) => (value === null ? null : value / unit.divisor)), known = new Set(scaled.filter((value) => value !== null)), one = known.size === 1 ? [...known][0] : null;
      return { values: scaled, from: each.from, text: word('limit', lang) + (one === null ? '' : ` ${significant(one)}${unit.text === '%' ? ' %' : ''}`) };
    }));

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const name = inLang(title, lang) || found.map((each) => variableTitle(each, lang)).join(lang === 'zh' ? '、' : ', ');
  const heading = name + (mode && mode !== 'each' && mode !== 'total' ? ` – ${rows[0]?.title ?? ''}` : '') + brackets(unit.text, lang);
  const last = (values: (number | null)[]) => values.reduce<number | null>((seen, value) => value ?? seen, null);
  const spoken = `${heading}. ${doc.years[0]}–${doc.years[doc.years.length - 1]}. ` +
    rows.slice(0, 5).map((row) => `${row.title}: ${amountText(last(row.values), row.unit, lang)}`).join('; ');
  const explainCell = (row: Row, year: number) => explain({
    key: cellKey(row.variable.id, doc.years[year], row.labels), value: row.values[year], unit: row.unit, title: row.title, variable: row.variable.id, year: doc.years[year], labels: row.labels, scenario,
    band: row.bands && row.bands[0][year] !== null ? [row.bands[0][year]!, row.bands[row.bands.length - 1][year]!] : undefined,
  });
  useEffect(() => {
    if (width < 40 || rows.length === 0) return;
    const svg = timeChart({ years: doc.years, lines: drawn.lines, stacked, unit: unit.text, width: Math.max(width, 260), label: spoken, limits,
      sum: sum && [sum[0], sum[sum.length - 1]].map((values) => values.map((value) => (value === null ? null : value / unit.divisor))) });
    const pointed = (event: Event) => (event.currentTarget as unknown as { value?: { year?: number; index?: number } }).value;
    svg.addEventListener('input', (event) => setHover(pointed(event)?.year ?? null));
    svg.addEventListener('click', (event) => {
      const at = pointed(event), fill = (event.target as Element).getAttribute('fill');
      const row = drawn.rows[stacked ? drawn.lines.findIndex((line) => line.colour === fill) : at?.index ?? -1];
      if (at?.year !== undefined && row) explainCell(row, doc.years.indexOf(at.year));
    });
    box.current!.replaceChildren(svg);
  }, [drawn, width, dark, stacked, spoken, sum]);

  const table = {
    head: [word('year', lang), ...rows.map((row) => row.title + brackets(row.unit === '1' ? '' : row.unit, lang) + '')],
    rows: doc.years.map((year, i) => [String(year), ...rows.map((row) => row.values[i])] as (string | number | null)[]),
  };
  if (rows.some((row) => row.bands) && rows.length <= 3)
    for (const row of rows)
      row.bands?.forEach((values, q) => {
        table.head.push(`${row.title} p${Math.round(doc.quantiles[q] * 1000) / 10}`);
        table.rows.forEach((line, i) => line.push(values[i]));
      });
  sum?.forEach((values, q) => {
    table.head.push(`${word('total', lang)} p${Math.round(doc.quantiles[q] * 1000) / 10}${brackets(rows[0].unit, lang)}`);
    table.rows.forEach((line, i) => line.push(values[i]));
  });
  const legend = drawn.lines.map((line) => ({ text: line.title, colour: line.colour }));
  const notes = [inLang(note, lang)];
  if (drawn.lines.some((line) => line.bands)) notes.push(word('band', lang) + (lang === 'zh' ? '。' : '.'));
  if (sum) notes.push(word('sumBand', lang, String(widest())));
  if (!stacked && drawn.lines.some((line) => line.base)) notes.push(word('compare', lang) + (lang === 'zh' ? '。' : '.'));
  if (drawn.left) notes.push(lang === 'zh' ? `另有${drawn.left}个序列见数据表。` : `${drawn.left} further series are in the table.`);
  const told = hover === null ? '' : drawn.lines.slice(0, 5).map((line) => `${line.title} ${significant(line.values[doc.years.indexOf(hover)])}`).join(' · ');
  return (
    <FigureFrame name={show.join('-')} heading={heading} svg={() => box.current!.querySelector('svg')} table={table} legend={legend}
      notes={notes.filter(Boolean)} wide={wide}
      explain={(r, c) => rows[c - 1] && explainCell(rows[c - 1], r)}>
      <div ref={box} class="plot" />
      {hover !== null && told && <p class="tip">{hover}{lang === 'zh' ? '：' : ': '}{told}</p>}
    </FigureFrame>
  );
}

export function Charts() {
  const shown = doc.charts.filter((chart: Chart) => chart.show.some((id) => { const v = variables.get(id); return v && hasTime(v); }));
  return <div class="grid">{shown.map((chart) => <TimeFigure show={chart.show} title={chart.title} note={chart.note} />)}</div>;
}

const groups = { flow: 'flowsOf', stock: 'stock', quantity: 'quantities', parameter: 'parameter', balance: 'balance' } as const;

export function Explorer() {
  const { lang } = useReport();
  const usable = doc.variables.filter(hasTime);
  const [id, setId] = useState(usable.find((each) => each.group === 'stock')?.id ?? usable[0]?.id ?? '');
  const [mode, setMode] = useState<Mode | undefined>(undefined);
  const variable = variables.get(id);
  if (!variable) return null;
  const many = labelDims(variable).length > 0;
  return (
    <div class="explorer">
      <h3>{word('explore', lang)}</h3>
      <div class="choices">
        <label class="choice">{word('series', lang)}
          <select value={id} onChange={(event) => { setId((event.target as HTMLSelectElement).value); setMode(undefined); }}>
            {(Object.keys(groups) as (keyof typeof groups)[]).map((group) => (
              <optgroup label={word(groups[group], lang)}>
                {usable.filter((each) => each.group === group).map((each) => <option value={each.id}>{variableTitle(each, lang)}</option>)}
              </optgroup>
            ))}
          </select>
        </label>
        {many && (
          <label class="choice">{word('label', lang)}
            <select value={mode ?? 'each'} onChange={(event) => setMode((event.target as HTMLSelectElement).value)}>
              <option value="each">{word('each', lang)}</option>
              {addsUp(variable) && <option value="total">{word('total', lang)}</option>}
              {seriesLabels(variable).map((labels) => <option value={labels.join('\n')}>{seriesTitle(variable, labels, lang)}</option>)}
            </select>
          </label>
        )}
      </div>
      <TimeFigure key={id} show={[id]} mode={mode} wide />
    </div>
  );
}
