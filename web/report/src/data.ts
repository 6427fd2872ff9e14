// SPDX-License-Identifier: Apache-2.0
// The document, and the questions the page asks of it.
import { strFromU8, unzlibSync } from 'fflate';
import { inLang } from './format';
import type { Dimension, Doc, Equation, Lang, Scenario, Title, Tree, Values, Variable } from './types';

/** The document stands in the page deflated, in base64. */
export const documentText = () =>
  strFromU8(unzlibSync(Uint8Array.from(atob(document.getElementById('lode-report')!.textContent!.trim()), (letter) => letter.charCodeAt(0))));
export const doc: Doc = JSON.parse(documentText());
export const variables = new Map<string, Variable>(doc.variables.map((each) => [each.id, each]));
export const dimensions = new Map<string, Dimension>(doc.dimensions.map((each) => [each.id, each]));
export const equations = new Map<string, Equation>(doc.equations.map((each) => [each.id, each]));
const processes = new Map(doc.processes.map((each) => [each.id, each]));
export const caseName = (doc.manifest.find(([key]) => key === 'case')?.[1] ?? 'case').split('/').filter(Boolean).pop() ?? 'case';

export const plain = (id: string) => id.replace(/_/g, ' ');
export const titleOf = (title: Title | undefined, lang: Lang, id: string) => inLang(title, lang, plain(id));
export const processTitle = (id: string, lang: Lang) => titleOf(processes.get(id)?.title, lang, id);

const parts: Record<string, [string, string]> = {
  stock: ['stock', '存量'], inflow: ['inflow', '流入'], outflow: ['outflow', '流出'], change: ['net addition', '净增量'],
};
/** A stock's parts share its title: "In use: stock". */
export function variableTitle(variable: Variable, lang: Lang): string {
  const dot = variable.id.lastIndexOf('.');
  const part = variable.group === 'stock' && dot > 0 ? parts[variable.id.slice(dot + 1)] : undefined;
  if (variable.id.startsWith('balance.'))
    return (lang === 'zh' ? '平衡差额：' : 'Balance: ') + processTitle(variable.id.slice(8), lang);
  if (!part) return titleOf(variable.title, lang, variable.id);
  const stock = doc.stocks.find((each) => each.id === variable.id.slice(0, dot));
  return titleOf(stock?.title, lang, variable.id.slice(0, dot)) + (lang === 'zh' ? '：' : ': ') + part[lang === 'zh' ? 1 : 0];
}

export function scenarioTitle(scenario: Scenario, lang: Lang): string {
  const base = doc.scenarios[0].choice;
  const parts = doc.axes
    .filter((axis) => (scenario === doc.scenarios[0] ? scenario.choice[axis.id] !== axis.default : scenario.choice[axis.id] !== base[axis.id]))
    .map((axis) => {
      const chosen = axis.cases.find((each) => each.id === scenario.choice[axis.id]);
      return titleOf(axis.title, lang, axis.id) + (lang === 'zh' ? '：' : ': ') + titleOf(chosen?.title, lang, scenario.choice[axis.id] ?? '');
    });
  return parts.join(lang === 'zh' ? '；' : '; ');
}

/** Values in one scenario; what does not change there is stored with the first one. */
export const valuesOf = (id: string, scenario: number): Values | undefined =>
  doc.scenarios[scenario]?.values[id] ?? doc.scenarios[0].values[id];
export const changes = (id: string, scenario: number) => scenario > 0 && id in doc.scenarios[scenario].values;
export function bandsOf(id: string, scenario: number): Values[] | undefined {
  return scenario === 0 || !changes(id, scenario) ? doc.scenarios[0].bands?.[id] : undefined;
}

/** Percent of the draws between the outermost quantiles. */
export const widest = () => Math.round((doc.quantiles[doc.quantiles.length - 1] - doc.quantiles[0]) * 100);
export const hasTime = (variable: Variable) => variable.dims[0] === 'time';
export const labelDims = (variable: Variable) => variable.dims.filter((each) => each !== 'time');
export const labelCount = (variable: Variable) =>
  labelDims(variable).reduce((n, id) => n * dimensions.get(id)!.labels.length, 1);

/** Label ids of each series of a variable, the last dimension fastest. */
export function seriesLabels(variable: Variable): string[][] {
  let out: string[][] = [[]];
  for (const id of labelDims(variable)) out = out.flatMap((before) => dimensions.get(id)!.labels.map((label) => [...before, label.id]));
  return out;
}
export function labelTitle(dimension: string, id: string, lang: Lang): string {
  return inLang(dimensions.get(dimension)?.labels.find((each) => each.id === id)?.title, lang, id);
}
export function seriesTitle(variable: Variable, labels: string[], lang: Lang): string {
  return labels.map((id, i) => labelTitle(labelDims(variable)[i], id, lang)).join(lang === 'zh' ? '，' : ', ');
}
/** Colours by label, the same in every figure: the labels that weigh most in the first chart get the clearest ones. */
const ranks = new Map<string, Map<string, number>>();
export function rankOf(dimension: string, label: string): number {
  let rank = ranks.get(dimension);
  if (!rank) {
    const shown = [...doc.charts.flatMap((chart) => chart.show), ...doc.variables.map((each) => each.id)].map((id) => variables.get(id))
      .find((each) => each && hasTime(each) && labelDims(each).length === 1 && labelDims(each)[0] === dimension && each.group !== 'parameter');
    const labels = dimensions.get(dimension)!.labels.map((each, place) => ({
      id: each.id, size: shown ? series(shown, place, 0).reduce((sum: number, value) => sum + Math.abs(value ?? 0), 0) : -place,
    })).sort((a, b) => b.size - a.size);
    ranks.set(dimension, (rank = new Map(labels.map((each, i) => [each.id, i]))));
  }
  return rank.get(label) ?? 0;
}

/** The unit of one series; it may differ by label. */
export function unitOf(variable: Variable, labels: string[]): string {
  if (!variable.label_units) return variable.unit;
  for (const [i, id] of labels.entries()) {
    const all = dimensions.get(labelDims(variable)[i])!.labels;
    if (all.length === variable.label_units.length) return variable.label_units[all.findIndex((each) => each.id === id)];
  }
  return variable.unit;
}
/** A sum over labels means something for amounts and rates of amounts, not for shares or contents. */
export function addsUp(variable: Variable): boolean {
  return labelDims(variable).length > 0 && !variable.label_units && /^(g|kg|t|kt|Mt|Gt)(\b|[([])/.test(variable.unit) && !/\/[^y]/.test(variable.unit) &&
    !labelDims(variable).some((id) => doc.sankey?.layers.some((layer) => layer.dimension === id));
}

/** One series over the years (or one value), by its place among the labels. */
export function series(variable: Variable, place: number, scenario: number): (number | null)[] {
  const values = valuesOf(variable.id, scenario) ?? [], n = labelCount(variable);
  return hasTime(variable) ? doc.years.map((_, year) => values[year * n + place] ?? null) : [values[place] ?? null];
}
export function totals(variable: Variable, scenario: number): (number | null)[] {
  const values = valuesOf(variable.id, scenario) ?? [], n = labelCount(variable);
  return (hasTime(variable) ? doc.years : [0]).map((_, year) => {
    let sum = 0, any = false;
    for (let i = 0; i < n; ++i) {
      const value = values[year * n + i];
      if (value === null || value === undefined) continue;
      sum += value;
      any = true;
    }
    return any ? sum : null;
  });
}
/** Quantiles of the sum over all labels, where the report has them. */
export function sumBands(variable: Variable, scenario: number): Values[] | undefined {
  const named = totalVariable(variable);
  return (named && bandSeries(named, 0, scenario)) ?? (scenario === 0 || !changes(variable.id, scenario) ? doc.scenarios[0].sums?.[variable.id] : undefined);
}
/** The variable of the model that is the sum of this one over its labels, if it has one: it has a band. */
export function totalVariable(variable: Variable): Variable | undefined {
  const labels = labelDims(variable);
  if (labels.length !== 1) return undefined;
  const same = (tree: Tree | null | undefined) => tree?.[0] === 'call' && tree[1] === 'sum' && JSON.stringify(tree[2]) === JSON.stringify([['name', variable.id]]) &&
    JSON.stringify(tree[3]) === JSON.stringify({ over: labels });
  const found = doc.equations.find((each) => each.pieces.length === 1 && !each.pieces[0].condition && same(each.pieces[0].tree));
  return found && variables.get(found.id);
}
export function bandSeries(variable: Variable, place: number, scenario: number): (number | null)[][] | undefined {
  const bands = bandsOf(variable.id, scenario), n = labelCount(variable);
  return bands?.map((values) => (hasTime(variable) ? doc.years.map((_, year) => values[year * n + place] ?? null) : [values[place] ?? null]));
}

/** "in_use.stock[2017, AC]" as the engine writes it. */
export const cellKey = (id: string, year: number | null, labels: string[]) => {
  const inside = [...(year === null ? [] : [String(year)]), ...labels];
  return id + (inside.length ? `[${inside.join(', ')}]` : '');
};

export interface Number_ { key: string; value: number | null; unit: string; title: string; variable?: string; year?: number; labels?: string[]; scenario: number; band?: [number, number]; parts?: { title: string; numbers: Number_[] }[] }

/** Names of variables in a formula, each once. */
export function namesIn(tree: unknown, out: Set<string> = new Set()): Set<string> {
  if (!Array.isArray(tree)) {
    if (tree && typeof tree === 'object') for (const each of Object.values(tree)) namesIn(each, out);
    return out;
  }
  if (tree[0] === 'name' && typeof tree[1] === 'string') out.add(tree[1]);
  else for (const each of tree as Tree) namesIn(each, out);
  return out;
}
