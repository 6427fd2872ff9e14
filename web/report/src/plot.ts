// SPDX-License-Identifier: Apache-2.0
// The one module that knows Observable Plot.
import * as Plot from '@observablehq/plot';
import { fonts } from './download';

export interface Line {
  title: string; colour: string; dashes?: string; values: (number | null)[];
  /** Bands from the outermost inwards: [low, high]. */
  bands?: [(number | null)[], (number | null)[]][];
  /** The same series in the scenario the report was opened in. */
  base?: (number | null)[];
}
export interface TimeChart {
  years: number[]; lines: Line[]; stacked: boolean; unit: string; width: number; label: string;
  limits: { values: (number | null)[]; from?: number; text: string }[];
  /** Lowest and highest quantile of the sum of a stack. */
  sum?: (number | null)[][];
}

// The engine's palette: neighbours differ most, also in grey print.
export const palette = ['#434d86', '#dfa95f', '#00908d', '#c9c72c', '#835800', '#8ccff3', '#785dd0', '#9c950d', '#7ea0ff', '#603733'];
export const dashes = ['', '6 2.5', '1.5 2', '8 2.5 1.5 2.5'];

/** The first ten as they are, then lighter and darker ones. */
export function colourAt(rank: number): string {
  const colour = palette[rank % palette.length], round = Math.floor(rank / palette.length);
  if (round === 0) return colour;
  const towards = round % 2 ? 255 : 0, share = 0.42;
  return '#' + [1, 3, 5].map((i) => Math.round(parseInt(colour.slice(i, i + 2), 16) * (1 - share) + towards * share).toString(16).padStart(2, '0')).join('');
}

type Point = { year: number; value: number; series: string; index: number };

/** A picture with one text; its parts are in the table beside it. */
function spoken(plot: SVGSVGElement, label: string): SVGSVGElement {
  for (const part of plot.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  plot.setAttribute('role', 'img');
  plot.setAttribute('aria-label', label);
  return plot;
}

export function timeChart(chart: TimeChart): SVGSVGElement {
  const points: Point[] = [];
  chart.lines.forEach((line, index) => line.values.forEach((value, i) => {
    if (value !== null) points.push({ year: chart.years[i], value, series: line.title, index });
  }));
  const marks: Plot.Markish[] = [Plot.gridY({ stroke: 'currentColor', strokeOpacity: 0.12 })];
  const colour = (index: number) => chart.lines[index].colour;
  if (chart.stacked) {
    marks.push(Plot.areaY(points, Plot.stackY({ order: (d: Point) => d.index }, {
      x: 'year', y: 'value', z: 'index', fill: (d: Point) => colour(d.index), fillOpacity: 0.92, stroke: 'var(--ground)', strokeWidth: 0.6,
    })));
    for (const values of chart.sum ?? [])
      marks.push(Plot.lineY(chart.years.map((year, i) => ({ year, value: values[i] })), { x: 'year', y: 'value', stroke: 'currentColor', strokeWidth: 1.1, strokeDasharray: '4 2' }));
  } else {
    for (const line of chart.lines)
      (line.bands ?? []).forEach(([low, high], k) => {
        const rows = chart.years.map((year, i) => ({ year, low: low[i], high: high[i] })).filter((each) => each.low !== null && each.high !== null);
        marks.push(Plot.areaY(rows, { x: 'year', y1: 'low', y2: 'high', fill: line.colour, fillOpacity: k === 0 ? 0.16 : 0.26, curve: 'linear' }));
      });
    chart.lines.forEach((line, index) => {
      const own = chart.years.map((year, i) => ({ year, value: line.values[i] }));
      if (line.base) {
        const rows = chart.years.map((year, i) => ({ year, value: line.base![i] }));
        marks.push(Plot.lineY(rows, { x: 'year', y: 'value', stroke: line.colour, strokeWidth: 1.2, strokeDasharray: '2 3', strokeOpacity: 0.8 }));
      }
      marks.push(Plot.lineY(own, { x: 'year', y: 'value', stroke: line.colour, strokeWidth: 2, strokeDasharray: line.dashes ?? dashes[index % dashes.length] }));
    });
  }
  for (const limit of chart.limits) {
    const rows = chart.years.map((year, i) => ({ year, value: limit.values[i] })).filter((each) => each.value !== null && each.year >= (limit.from ?? each.year));
    marks.push(Plot.line(rows, { x: 'year', y: 'value', stroke: 'var(--bad)', strokeWidth: 1.4, strokeDasharray: '5 3' }));
    marks.push(Plot.text(rows.slice(-1), { x: 'year', y: 'value', text: () => limit.text, dy: -7, textAnchor: 'end', fill: 'var(--bad)', stroke: 'var(--ground)', strokeWidth: 3 }));
  }
  marks.push(Plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.5 }));
  if (points.length > 0 && !chart.stacked) marks.push(Plot.ruleX(points, Plot.pointer({ x: 'year', py: 'value', stroke: 'currentColor', strokeOpacity: 0.3 })));
  if (points.length > 0 && chart.stacked) marks.push(Plot.ruleX(points, Plot.pointerX({ x: 'year', stroke: 'currentColor', strokeOpacity: 0.3 })));
  const height = Math.round(Math.max(chart.width * 0.52, 210));
  const plot = Plot.plot({
    width: chart.width, height, marginLeft: 52, marginRight: 14, marginTop: 14, marginBottom: 28,
    x: { label: null, tickFormat: 'd', ticks: Math.max(Math.floor(chart.width / 90), 3), tickSize: 4 },
    y: { label: null, nice: true, ticks: 5, tickSize: 0, tickFormat: (value: number) => String(Number(value.toPrecision(6))).replace('-', '−').replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',') },
    style: { fontFamily: fonts, fontSize: '11.5px', overflow: 'visible', background: 'none', color: 'currentColor' },
    marks,
  }) as SVGSVGElement;
  return spoken(plot, chart.label);
}

export function dots(rows: { ratio: number; status: string; label: string }[], width: number, colours: Record<string, string>, label: string): SVGSVGElement {
  // As high as the highest pile of dots, which lie 7 apart.
  const piles = new Map<number, number>();
  for (const row of rows) {
    const place = Math.round((Math.log(row.ratio) / Math.log(25)) * (width / 9));
    piles.set(place, (piles.get(place) ?? 0) + 1);
  }
  const tallest = Math.max(...piles.values(), 6);
  const plot = Plot.plot({
    width, height: 60 + tallest * 7.2, marginLeft: 14, marginRight: 14, marginTop: 8, marginBottom: 30,
    x: { type: 'log', domain: [0.2, 5], clamp: true, ticks: [0.2, 0.5, 0.8, 1, 1.25, 2, 5], tickFormat: (value: number) => (value === 0.2 ? '≤ 0.2' : value === 5 ? '≥ 5' : String(value)), label: null },
    style: { fontFamily: fonts, fontSize: '11.5px', overflow: 'visible', background: 'none', color: 'currentColor' },
    marks: [
      Plot.ruleX([1], { stroke: 'currentColor', strokeOpacity: 0.6 }),
      Plot.dot(rows, Plot.dodgeY({ anchor: 'bottom', padding: 0.5 }, {
        x: 'ratio', r: 3.2, fill: (d: { status: string }) => colours[d.status], title: 'label',
      })),
    ],
  }) as SVGSVGElement;
  return spoken(plot, label);
}
