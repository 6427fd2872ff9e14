// SPDX-License-Identifier: Apache-2.0
// The document in the page, as docs/report.md describes it.

export type Lang = 'en' | 'zh';
export type Title = { en?: string; zh?: string };
export type Tree = [string, ...unknown[]];

export interface Axis { id: string; title: Title; default: string; cases: { id: string; title: Title }[] }
export interface Dimension { id: string; title: Title; labels: { id: string; title: Title }[] }
export interface Variable {
  id: string; title: Title; group: 'flow' | 'stock' | 'parameter' | 'quantity' | 'balance';
  unit: string; dims: string[]; rate?: boolean; label_units?: string[]; from?: string; to?: string;
}
export type Values = (number | null)[];
export interface Scenario { choice: Record<string, string>; values: Record<string, Values>; bands?: Record<string, Values[]>; sums?: Record<string, Values[]> }
export interface Answer { number: string; title: Title; note: Title; values: ([number | null, string] | null)[]; band?: [number, number] }
export interface Chart { show: string[]; title: Title; note: Title }

export type RectData = [number, number, number, number];
export type NodeMore = { label?: RectData; anchor?: number; stock?: RectData; stock_change?: number; imbalance_box?: RectData; imbalance?: number };
/** node, x, y, height of the bar */
export type NodeData = [number, number, number, number, NodeMore?];
/** link, value, width, path, box of its number, lowest and highest quantile and standard deviation */
export type RibbonData = [number, number, number, number[], (RectData | null)?, [number, number, number]?];
export interface FrameData { height: number; nodes: NodeData[]; ribbons: RibbonData[]; hidden?: [number, number][] }
export interface Film {
  width: number; height: number; font: number; thinnest: number;
  layers: { dimension?: string; label?: string; title?: Title; unit: string; points_per_unit: number; left_out?: string[] }[];
  nodes: { id: string; title: Title; lane: string; label: [number, number] }[];
  links: { flow: string; source: number; target: number; title: Title; role: string }[];
  frames: (FrameData | 0 | null)[][][];
}

export interface Explanations {
  texts: string[];
  parts: [number, number | null, number, number, number, number, [number, number | null, number, number?][]][];
  numbers: Record<string, number>;
}
export interface Parameter {
  id: string; title: Title; unit: string; value?: string; table?: string; place: string; cells: number;
  rules: Record<string, number>; qualities: Record<string, number>; sources: string[]; interpolate?: string;
  extrapolate?: string; missing?: number; uncertainty?: string; derived_from?: string; note?: string; times?: number;
}
export interface Piece { text?: string; tree: Tree | null; place: string; condition?: string }
export interface Equation { id: string; pieces: Piece[]; unknown?: boolean }
export interface Lifetime { family: string; parameters: [string, Tree][]; parts?: Lifetime[] }
export interface Stock {
  id: string; title: Title; place: string; process?: string; inflow?: string; outflow?: string; lifetime?: Lifetime;
  level?: { tree: Tree | null; condition?: string }[]; change?: Tree; inflow_at: string; negative_inflow: string;
}
export interface Balance {
  process: string; worst: number; amount: number; unit: string; cell: string; closed_by: string[]; balances: boolean;
}
export interface Checkpoint {
  id: string; what: string; unit: string; status: string; ours: number | 'never' | null; published: number | null;
  difference: number | null; relation: string; scenario?: string; locator?: string; note?: string;
}
export interface Source { key: string; type: string; fields: Record<string, string> }
/** Year by year, or for each label year by year. */
export type Limit = Values | Values[] | null;
export interface Alert { quantity: string; severity: string; at_least?: Limit; at_most?: Limit; beyond: number[][] | null; from?: number }
export interface Figure { id: string; kind: string; title: Title; svg: Title; csv: Title }
export interface Draws { draws: number; uncertain_numbers: number; alerts: { what: string; years: number[]; probability: number[] }[] }

export interface Doc {
  format: string; engine: string; title: Title; question: Title; summary: Title; substance: string; years: number[];
  period_lengths: number[]; dimensions: Dimension[]; axes: Axis[]; stages: { id: string; title: Title }[];
  processes: { id: string; title: Title; stage?: string; outside?: boolean }[];
  conditions: { id: string; tree: Tree }[]; parameters: Parameter[]; qualities: { id: string; uncertainty: string }[];
  equations: Equation[]; stocks: Stock[]; relations: { text: string; tree: Tree | null }[]; sources: Source[]; alerts: Alert[];
  checkpoints: Checkpoint[]; computed: Record<string, number>; balances: Balance[]; balance_tolerance: number;
  remarks: Record<'found' | 'clamped' | 'negative' | 'seams' | 'alerts' | 'in_draws', Title[]>;
  warnings: { code: string; text: string; place?: string; why?: string }[];
  variables: Variable[]; quantiles: number[]; scenarios: Scenario[]; answer: Answer[]; charts: Chart[]; sankey: Film | null;
  explanations: Explanations; draws?: Draws; manifest: [string, string][]; timestamp: string; figures?: Figure[];
}
