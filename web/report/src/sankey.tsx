// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { doc, type Number_ } from './data';
import { FigureFrame } from './figure';
import { between, connected, frameOf, throughputs, type Scene } from './film';
import { amountText, brackets, displayUnit, inLang, significant, type DisplayUnit } from './format';
import { arrows, barWidth, outline, returns, widened } from './outline';
import { useReport } from './state';
import type { Film, Lang, NodeData, RectData, RibbonData } from './types';
import { word } from './words';

const colours: Record<string, string> = {
  flow: '#a6bcd6', import: '#74b5a5', export: '#d58c4c', loss: '#d9d9d9', return: '#b3d57c',
};
const edges: Record<string, string> = {
  flow: '#56708f', import: '#2b7566', export: '#9a5b1c', loss: '#858585', return: '#5b8523',
};

/** Widths of texts, as the browser will draw them. */
const measure = (() => {
  const context = document.createElement('canvas').getContext('2d')!;
  const known = new Map<string, number>();
  return (text: string, size: number, bold = false) => {
    const key = `${bold}${size}${text}`;
    let width = known.get(key);
    if (width === undefined) {
      context.font = `${bold ? 'bold ' : ''}${size}px Helvetica, Arial, "Liberation Sans", "Noto Sans CJK SC", sans-serif`;
      known.set(key, (width = context.measureText(text).width));
    }
    return width;
  };
})();

/** A name and its number in lines no wider than the room the engine left for them. */
function labelLines(name: string, number: string, size: number, room: number, most: number): { lines: string[]; numberAlone: boolean } {
  // A font wider than the engine reckons with gets more room rather than more lines.
  for (let step = 0; step < 5; ++step) {
    const made = wrapLabel(name, number, size, room * (1 + 0.1 * step));
    if (made.lines.length + (made.numberAlone ? 1 : 0) <= most) return made;
  }
  return wrapLabel(name, number, size, room);
}

function wrapLabel(name: string, number: string, size: number, room: number): { lines: string[]; numberAlone: boolean } {
  const pieces = name.match(/[\u2e80-\u9fff\uff00-\uffef][、，。；：）》]*|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*/g) ?? [name];
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces) {
    if (line && measure((line + piece).trimEnd(), size) > room) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
  }
  lines.push(line.trimEnd());
  const last = lines[lines.length - 1];
  const numberAlone = measure(last + ' ', size) + measure(number, size, true) > room;
  return { lines, numberAlone };
}

/** "12.3 ± 1.1": one standard deviation. */
const deviation = (ribbon: RibbonData | undefined) => ribbon?.[5]?.[2] ?? 0;
const rangeOf = (ribbon: RibbonData | undefined): [number, number] | undefined => ribbon?.[5] && [ribbon[5][0], ribbon[5][1]];
function plusMinus(value: number, spread: number, unit: DisplayUnit): string {
  const number = significant(value / unit.divisor);
  return spread > 0 ? `${number} ± ${significant(spread / unit.divisor, 2)}` : number;
}

/** Where a node's label stands: on the middle of its bar unless told otherwise. */
function labelBox(film: Film, node: NodeData): RectData {
  const [width, height] = film.nodes[node[0]].label;
  return node[4]?.label ?? [node[1] + barWidth / 2 - width / 2, node[2] - height, width, height];
}

class Picture {
  private readonly ribbons: { group: SVGGElement; edge: SVGPathElement; path: SVGPathElement; head: SVGPathElement; value: SVGTextElement }[] = [];
  private readonly nodes: { group: SVGGElement; bar: SVGRectElement; stock: SVGRectElement; missing: SVGRectElement; rim: SVGTextElement; text: SVGTextElement }[] = [];
  private readonly written: string[] = [];

  constructor(private readonly film: Film, root: SVGGElement, private readonly open: (kind: 'link' | 'node', id: number) => void,
              private readonly mark: (kind: 'link' | 'node' | null, id: number) => void) {
    root.replaceChildren();
    const make = <K extends keyof SVGElementTagNameMap>(name: K, parent: Element, attributes: Record<string, string> = {}) => {
      const element = document.createElementNS('http://www.w3.org/2000/svg', name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      parent.append(element);
      return element;
    };
    const back = make('g', root), front = make('g', root), bars = make('g', root), labels = make('g', root);
    const listen = (group: SVGGElement, kind: 'link' | 'node', id: number) => {
      group.addEventListener('pointerenter', () => this.mark(kind, id));
      group.addEventListener('pointerleave', () => this.mark(null, id));
      group.addEventListener('focus', () => this.mark(kind, id));
      group.addEventListener('blur', () => this.mark(null, id));
      group.addEventListener('click', () => this.open(kind, id));
      group.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        this.open(kind, id);
      });
    };
    film.links.forEach((link, id) => {
      const group = make('g', link.role === 'return' ? back : front, { class: 'ribbon', tabindex: '0', role: 'button' });
      this.ribbons.push({
        group,
        edge: make('path', group, { fill: colours[link.role] ?? colours.flow, 'fill-opacity': '0.45' }),
        path: make('path', group, { fill: colours[link.role] ?? colours.flow, 'fill-opacity': '0.9', stroke: 'var(--ground)', 'stroke-width': '4' }),
        head: make('path', group, { fill: edges[link.role] ?? edges.flow }),
        value: make('text', labels, { 'text-anchor': 'middle', 'font-size': String(film.font * 0.94), fill: '#111', 'pointer-events': 'none', 'aria-hidden': 'true' }),
      });
      listen(group, 'link', id);
    });
    film.nodes.forEach((node, id) => {
      const group = make('g', bars, { class: 'node', tabindex: '0', role: 'button' });
      const end = node.lane !== 'main' && node.lane !== 'stock';
      this.nodes.push({
        group,
        bar: make('rect', group, { fill: end ? 'none' : 'var(--bar)', 'pointer-events': 'all' }),
        stock: make('rect', group, { fill: 'url(#stock-hatch)', stroke: '#4a4579', 'stroke-width': '5' }),
        missing: make('rect', group, { fill: 'url(#imbalance-hatch)', stroke: '#c00f0f', 'stroke-width': '5' }),
        rim: make('text', labels, { class: 'label', fill: 'none', stroke: 'var(--ground)', 'stroke-width': '24', 'stroke-linejoin': 'round', 'stroke-opacity': '0.8', 'aria-hidden': 'true', 'pointer-events': 'none' }),
        text: make('text', labels, { class: 'label', fill: 'currentColor', 'pointer-events': 'none', 'aria-hidden': 'true' }),
      });
      listen(group, 'node', id);
    });
  }

  draw(scene: Scene) {
    const rect = (element: SVGRectElement, at: [number, number, number, number] | undefined) => {
      element.style.display = at ? '' : 'none';
      if (!at) return;
      element.setAttribute('x', at[0].toFixed(0));
      element.setAttribute('y', at[1].toFixed(0));
      element.setAttribute('width', at[2].toFixed(0));
      element.setAttribute('height', at[3].toFixed(0));
    };
    this.ribbons.forEach((ribbon, id) => {
      const drawn = scene.ribbons.get(id);
      ribbon.group.style.display = ribbon.value.style.display = drawn ? '' : 'none';
      if (!drawn) return;
      const link = this.film.links[id];
      const end = (node: number) => this.film.nodes[node].lane !== 'main' && this.film.nodes[node].lane !== 'stock';
      const ends = {
        fromX: scene.nodes.get(link.source)?.data[1] ?? 0, toX: scene.nodes.get(link.target)?.data[1] ?? 0,
        fromEnd: end(link.source), toEnd: end(link.target),
      };
      // The band of uncertainty: lighter edges on both sides of what is certain.
      const scale = drawn.data[2] / drawn.data[1], wide = deviation(drawn.data) * scale;
      const half = returns(drawn.data) || drawn.data[2] <= 10 ? 0 : Math.min(wide, drawn.data[2]) / 2;
      ribbon.path.setAttribute('d', outline(half > 0 ? widened(drawn.data, -half) : drawn.data, ends));
      ribbon.edge.setAttribute('d', half > 0 ? outline(widened(drawn.data, half), ends) : '');
      const thin = drawn.data[2] < 25;
      ribbon.path.setAttribute('stroke-width', thin ? '0' : '3.5');
      const head = arrows(drawn.data);
      ribbon.head.setAttribute('d', head);
      ribbon.group.style.opacity = String(drawn.opacity);
      const box = drawn.data[4];
      ribbon.value.style.display = box ? '' : 'none';
      if (box) {
        ribbon.value.setAttribute('fill', drawn.data[2] < box[3] ? 'currentColor' : '#111');
        ribbon.value.setAttribute('x', (box[0] + box[2] / 2).toFixed(0));
        ribbon.value.setAttribute('y', (box[1] + box[3] / 2 + 32).toFixed(0));
      }
    });
    this.nodes.forEach((node, id) => {
      const drawn = scene.nodes.get(id);
      const shown = drawn ? '' : 'none';
      node.group.style.display = node.text.style.display = node.rim.style.display = shown;
      if (!drawn) return;
      const data = drawn.data;
      rect(node.bar, [data[1], data[2], barWidth, data[3]]);
      rect(node.stock, data[4]?.stock);
      rect(node.missing, data[4]?.imbalance_box);
      for (const each of [node.group, node.text, node.rim]) each.style.opacity = String(drawn.opacity);
      const box = labelBox(this.film, data), anchor = data[4]?.anchor ?? 1, x = box[0] + (box[2] * anchor) / 2;
      for (const text of [node.rim, node.text]) text.setAttribute('transform', `translate(${x.toFixed(0)} ${box[1].toFixed(0)})`);
    });
  }

  /** Names and numbers, which change from year to year and do not move between. */
  write(lang: Lang, year: number, frame: ReturnType<typeof frameOf>, unit: DisplayUnit) {
    const size = this.film.font / 10, through = throughputs(this.film, frame);
    const lead = size * 12.2;
    const ribbons = new Map(frame?.ribbons.map((ribbon) => [ribbon[0], ribbon]));
    const ofEnd = new Map<number, RibbonData>();
    this.film.links.forEach((link, id) => {
      const ribbon = ribbons.get(id);
      if (ribbon === undefined) return;
      for (const node of [link.source, link.target]) ofEnd.set(node, ribbon);
      const name = inLang(link.title, lang, link.flow);
      const nodeName = (index: number) => inLang(this.film.nodes[index].title, lang, this.film.nodes[index].id);
      const number = plusMinus(ribbon[1], deviation(ribbon), unit), box = ribbon[4];
      const spoken = `${name}${lang === 'zh' ? '：' : ': '}${nodeName(link.source)} → ${nodeName(link.target)}, ${number} ${unit.text}, ${year}`;
      this.ribbons[id].group.setAttribute('aria-label', spoken);
      // The engine left no room for what is uncertain where the column is too narrow; it is in the table.
      const fits = !box || measure(number, this.film.font * 0.094) <= (box[2] / 10) * 1.2;
      this.ribbons[id].value.textContent = fits ? number : significant(ribbon[1] / unit.divisor);
    });
    const rows = new Map<number, NodeData>(frame?.nodes.map((node) => [node[0], node]));
    this.film.nodes.forEach((node, id) => {
      const data = rows.get(id);
      if (!data) return;
      const name = inLang(node.title, lang, node.id), certain = significant((through.get(id) ?? 0) / unit.divisor);
      const end = node.lane !== 'main' && node.lane !== 'stock';
      let number = end ? plusMinus(through.get(id) ?? 0, deviation(ofEnd.get(id)), unit) : certain;
      this.nodes[id].group.setAttribute('aria-label', `${name}, ${number} ${unit.text}, ${year}`);
      const extra: [string, string][] = [];
      const change = data[4]?.stock_change, missing = data[4]?.imbalance, box = labelBox(this.film, data);
      if (change) extra.push([`${change > 0 ? '+' : '−'}${significant(Math.abs(change) / unit.divisor)} ${lang === 'zh' ? '入存量' : 'to stock'}`, 'var(--stock)']);
      if (missing) extra.push([`${significant(missing / unit.divisor)} ${word('imbalance', lang)}`, 'var(--bad)']);
      const room = box[2] / 10 + 3, most = Math.max(Math.round(box[3] / lead) - extra.length, 1);
      let made = wrapLabel(name, number, size, room * 1.15);
      if (number === certain || made.lines.length + (made.numberAlone ? 1 : 0) > most || measure(number, size, true) > room * 1.15)
        made = labelLines(name, (number = certain), size, room, most);
      const { lines, numberAlone } = made;
      const anchor = ['start', 'middle', 'end'][data[4]?.anchor ?? 1];
      const count = lines.length + (numberAlone ? 1 : 0) + extra.length;
      // Labels stand on their bar: what the engine left for more lines stays free above.
      const above = box[1] + box[3] / 2 < data[2] + data[3] / 2;
      const engineLines = Math.max(Math.round(box[3] / lead), 1);
      const start = above ? Math.max(engineLines - count, 0) * lead : 0;
      const key = JSON.stringify([lines, number, numberAlone, anchor, start, extra]);
      if (this.written[id] === key) return;
      this.written[id] = key;
      for (const text of [this.nodes[id].rim, this.nodes[id].text]) {
        text.setAttribute('font-size', String(size * 10));
        text.setAttribute('text-anchor', anchor);
        text.replaceChildren();
        let y = start + size * 9;
        const line = (pieces: [string, boolean, string?][]) => {
          pieces.forEach(([content, bold, fill], i) => {
            const span = document.createElementNS('http://www.w3.org/2000/svg', 'tspan');
            if (i === 0) {
              span.setAttribute('x', '0');
              span.setAttribute('y', y.toFixed(0));
            }
            if (bold) span.setAttribute('font-weight', 'bold');
            if (fill && text === this.nodes[id].text) span.setAttribute('fill', fill);
            span.textContent = content;
            text.append(span);
          });
          y += lead;
        };
        lines.forEach((each, i) => line(i + 1 === lines.length && !numberAlone ? [[each + ' ', false], [number, true]] : [[each, false]]));
        if (numberAlone) line([[number, true]]);
        for (const [content, fill] of extra) line([[content, false, fill]]);
      }
    });
  }

  highlight(marked: { links: Set<number>; nodes: Set<number> } | null) {
    this.ribbons.forEach((ribbon, id) => ribbon.group.classList.toggle('dim', marked !== null && !marked.links.has(id)));
    this.nodes.forEach((node, id) => {
      const dim = marked !== null && !marked.nodes.has(id);
      node.group.classList.toggle('dim', dim);
      node.text.classList.toggle('dim', dim);
    });
  }
}

function unitFor(film: Film, layer: number, lang: Lang): DisplayUnit {
  let largest = 0;
  for (const scenario of film.frames[layer])
    for (const frame of scenario) if (frame) for (const ribbon of frame.ribbons) largest = Math.max(largest, ribbon[1]);
  return displayUnit(film.layers[layer].unit, largest, lang);
}

export function Sankey({ film }: { film: Film }) {
  const { lang, scenario, explain } = useReport();
  const years = doc.years, last = years.length - 1;
  const [layer, setLayer] = useState(0);
  const [year, setYear] = useState(() => {
    const named = doc.answer.map((each) => /\[(\d{4})/.exec(each.number)?.[1]).find((each) => each && years.includes(Number(each)));
    return named ? years.indexOf(Number(named)) : last;
  });
  const [playing, setPlaying] = useState(false);
  const [tip, setTip] = useState<string | null>(null);
  const root = useRef<SVGGElement>(null), svg = useRef<SVGSVGElement>(null);
  const picture = useRef<Picture | undefined>(undefined);
  const position = useRef(year), moving = useRef(0);
  const live = useRef({ lang, scenario, layer, year, explain });
  live.current = { lang, scenario, layer, year, explain };
  const unit = useMemo(() => unitFor(film, layer, lang), [film, layer, lang]);

  const paint = (at: number) => {
    const { scenario: s, layer: l } = live.current;
    const lower = Math.min(Math.floor(at), last), upper = Math.min(lower + 1, last);
    picture.current?.draw(between(frameOf(film, l, s, lower), frameOf(film, l, s, upper), at - lower));
  };
  const number = (kind: 'link' | 'node', id: number): Number_ => {
    const { lang: l, scenario: s, layer: a, year: y } = live.current;
    const frame = frameOf(film, a, s, y), unitText = film.layers[a].unit, label = film.layers[a].label;
    if (kind === 'node') {
      const node = film.nodes[id];
      const through = (end: 'source' | 'target') => [...(frame?.ribbons ?? []), ...(frame?.hidden ?? [])].map((each) => each[0])
        .filter((each) => film.links[each][end] === id).map((each) => number('link', each)).sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
      const more = frame?.nodes.find((each) => each[0] === id)?.[4];
      const kept = (value: number | undefined, name: 'stockChange' | 'imbalance'): Number_[] =>
        value ? [{ key: '', value, unit: unitText, title: word(name, l), year: years[y], scenario: s }] : [];
      return {
        key: '', value: throughputs(film, frame).get(id) ?? null, unit: unitText, title: inLang(node.title, l, node.id), year: years[y], scenario: s,
        parts: [{ title: word('goesIn', l), numbers: through('target') }, { title: word('comesOut', l), numbers: [...through('source'), ...kept(more?.stock_change, 'stockChange'), ...kept(more?.imbalance, 'imbalance')] }],
      };
    }
    const link = film.links[id];
    const ribbon = frame?.ribbons.find((each) => each[0] === id);
    const value = ribbon?.[1] ?? frame?.hidden?.find((each) => each[0] === id)?.[1] ?? null;
    const labels = label ? [label] : [];
    return { key: `${link.flow}[${[years[y], ...labels].join(', ')}]`, value, unit: unitText, title: inLang(link.title, l, link.flow), variable: link.flow, year: years[y], labels, scenario: s, band: rangeOf(ribbon) };
  };

  useEffect(() => {
    picture.current = new Picture(film, root.current!, (kind, id) => {
      live.current.explain(number(kind, id));
    }, (kind, id) => {
      if (kind === null) {
        picture.current!.highlight(null);
        setTip(null);
        return;
      }
      const { scenario: s, layer: l, year: y, lang: g } = live.current;
      picture.current!.highlight(connected(film, frameOf(film, l, s, y), kind === 'link' ? { link: id } : { node: id }));
      const told = number(kind, id);
      setTip(`${told.title}${g === 'zh' ? '：' : ': '}${amountText(told.value, told.unit, g)}`);
    });
    paint(position.current);
  }, [film]);

  useEffect(() => {
    picture.current?.write(lang, years[year], frameOf(film, layer, scenario, year), unit);
    if (Math.abs(position.current - year) < 1e-6) paint(year);
  }, [lang, year, scenario, layer, unit]);

  // The picture follows the slider in about a fifth of a second.
  useEffect(() => {
    if (playing) return;
    cancelAnimationFrame(moving.current);
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const step = () => {
      const gap = year - position.current;
      if (still || Math.abs(gap) < 0.01) {
        position.current = year;
        paint(year);
        return;
      }
      position.current += Math.sign(gap) * Math.min(Math.abs(gap), Math.max(Math.abs(gap) * 0.2, 0.04));
      paint(position.current);
      moving.current = requestAnimationFrame(step);
    };
    step();
    return () => cancelAnimationFrame(moving.current);
  }, [year, playing]);

  useEffect(() => {
    if (!playing) return;
    let before = performance.now(), frame = 0;
    const perSecond = 4;
    if (year === last) position.current = 0;
    const step = (now: number) => {
      position.current = Math.min(position.current + ((now - before) / 1000) * perSecond, last);
      before = now;
      paint(position.current);
      setYear(Math.floor(position.current + 1e-6));
      if (position.current >= last) setPlaying(false);
      else frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [playing]);

  const frame = frameOf(film, layer, scenario, year);
  const height = useMemo(() => Math.max(...years.map((_, y) => frameOf(film, layer, scenario, y)?.height ?? 0), 1000), [film, layer, scenario]);
  const roles = [...new Set(film.frames[layer].flat().flatMap((each) => (each ? each.ribbons.map((ribbon) => film.links[ribbon[0]].role) : [])))];
  const order = ['flow', 'import', 'export', 'loss', 'return'].filter((role) => roles.includes(role));
  const legend = order.map((role) => ({ text: word(`role.${role}` as 'role.flow', lang), colour: colours[role] }));
  const some = (what: 'stock_change' | 'imbalance') => film.frames[layer].some((years) => years.some((each) => each && each.nodes.some((node) => node[4]?.[what])));
  if (some('stock_change')) legend.push({ text: word('stockChange', lang), colour: '#6f6a9e' });
  if (some('imbalance')) legend.push({ text: word('imbalance', lang), colour: '#c00f0f' });

  const rows = [...(frame?.ribbons ?? []), ...(frame?.hidden ?? [])] as [number, number, ...unknown[]][];
  const bands = new Map(frame?.ribbons.map((ribbon) => [ribbon[0], ribbon[5]]));
  const banded = film.frames[layer][scenario]?.some((each) => each && each.ribbons.some((ribbon) => ribbon[5]));
  const nodeName = (id: number) => inLang(film.nodes[id].title, lang, film.nodes[id].id);
  const table = {
    head: [word('flow', lang), word('from', lang), word('to', lang), word('value', lang) + brackets(film.layers[layer].unit, lang), ...(banded ? [`p${doc.quantiles[0] * 100}`, `p${Math.round(doc.quantiles[doc.quantiles.length - 1] * 1000) / 10}`, '±'] : []), word('kind', lang)],
    rows: rows.map(([id, value]): (string | number | null)[] => {
      const link = film.links[id];
      return [inLang(link.title, lang, link.flow), nodeName(link.source), nodeName(link.target), value, ...(banded ? bands.get(id) ?? [null, null, null] : []), word(`role.${link.role}` as 'role.flow', lang)];
    }),
  };
  for (const node of frame?.nodes ?? []) {
    if (node[4]?.stock_change) table.rows.push([word('stockChange', lang), nodeName(node[0]), '', node[4].stock_change, ...(banded ? [null, null, null] : []), word('stockChange', lang)]);
    if (node[4]?.imbalance) table.rows.push([word('imbalance', lang), nodeName(node[0]), '', node[4].imbalance, ...(banded ? [null, null, null] : []), word('imbalance', lang)]);
  }
  const heading = `${inLang(doc.title, lang).replace(/( |,|，)*[0-9]{4}(-|–|—)[0-9]{4}(年)?$/, '')}${film.layers.length > 1 ? (lang === 'zh' ? '：' : ': ') + inLang(film.layers[layer].title, lang, film.layers[layer].label) : ''}${lang === 'zh' ? `，${years[year]}年` : `, ${years[year]}`}${brackets(unit.text, lang)}`;
  const least = (film.thinnest / 10 / film.layers[layer].points_per_unit) / unit.divisor;
  const notes: string[] = [];
  if (frame?.ribbons.some((each) => each[2] <= film.thinnest + 0.5)) notes.push(word('thin', lang, `${significant(least, 2)} ${unit.text}`));
  if (banded) notes.push(word('plusMinus', lang));
  if (frame?.hidden?.length) notes.push(word(frame.hidden.length === 1 ? 'hiddenFlow' : 'hiddenFlows', lang, String(frame.hidden.length)));

  return (
    <FigureFrame name={`sankey-${film.layers[layer].label ? film.layers[layer].label + '-' : ''}${years[year]}`} heading={heading} svg={() => svg.current!} table={table} notes={notes} legend={legend} wide
      explain={(row) => rows[row] && explain(number('link', rows[row][0]))}>
      <div class="slider">
        <button type="button" class="play" onClick={() => setPlaying(!playing)} aria-pressed={playing}>
          <span aria-hidden="true">{playing ? '❚❚' : '▶'}</span> {word(playing ? 'pause' : 'play', lang)}
        </button>
        <label>
          <span class="visually-hidden">{word('year', lang)}</span>
          <input type="range" min={0} max={last} step={1} value={year} aria-valuetext={String(years[year])}
            onInput={(event) => { setPlaying(false); setYear(Number((event.target as HTMLInputElement).value)); }} />
        </label>
        <output>{years[year]}</output>
        {film.layers.length > 1 && (
          <label class="choice">{word('layer', lang)}
            <select value={layer} onChange={(event) => setLayer(Number((event.target as HTMLSelectElement).value))}>
              {film.layers.map((each, i) => <option value={i}>{inLang(each.title, lang, each.label)}</option>)}
            </select>
          </label>
        )}
      </div>
      <div class="scroll-x">
        <svg ref={svg} class="sankey" viewBox={`0 0 ${film.width} ${height + 20}`} role="group" aria-label={heading}>
          <defs>
            <pattern id="stock-hatch" width="40" height="40" patternUnits="userSpaceOnUse">
              <rect width="40" height="40" fill="#d8d6e4" /><line y1="20" x2="40" y2="20" stroke="#6f6a9e" stroke-width="11" />
            </pattern>
            <pattern id="imbalance-hatch" width="40" height="40" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="40" height="40" fill="#f7dada" /><line y1="20" x2="40" y2="20" stroke="#d01c1c" stroke-width="11" />
            </pattern>
          </defs>
          <g ref={root} />
        </svg>
      </div>
      {!frame && <p>{word('noPicture', lang)}</p>}
      <p class="tip" aria-live="polite">{tip ?? word('keys', lang)}</p>
    </FigureFrame>
  );
}
