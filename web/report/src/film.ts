// SPDX-License-Identifier: Apache-2.0
// Frames of the Sankey diagram, and what lies between two of them.
import type { Film, FrameData, NodeData, NodeMore, RectData, RibbonData } from './types';

/** The frame of a year; a scenario in which it is as in the first one stores 0. */
export function frameOf(film: Film, layer: number, scenario: number, year: number): FrameData | null {
  const frame = film.frames[layer]?.[scenario]?.[year];
  return frame === 0 ? frameOf(film, layer, 0, year) : frame ?? null;
}

const mix = (a: number, b: number, t: number) => a + (b - a) * t;
const mixRect = (a: RectData, b: RectData, t: number): RectData => a.map((x, i) => mix(x, b[i], t)) as RectData;

function mixNode(a: NodeData, b: NodeData, t: number): NodeData {
  const near = (t < 0.5 ? a : b)[4], far = (t < 0.5 ? b : a)[4], s = t < 0.5 ? t : 1 - t;
  let more: NodeMore | undefined;
  if (near) {
    more = { ...near };
    for (const box of ['stock', 'imbalance_box', 'label'] as const)
      if (near[box] && far?.[box]) more[box] = mixRect(near[box], far[box], s);
  }
  return [a[0], mix(a[1], b[1], t), mix(a[2], b[2], t), mix(a[3], b[3], t), more];
}

function mixRibbon(a: RibbonData, b: RibbonData, t: number): RibbonData | null {
  if (a[3].length !== b[3].length) return null;
  const near = t < 0.5 ? a : b;
  return [a[0], near[1], mix(a[2], b[2], t), a[3].map((x, i) => mix(x, b[3][i], t)), a[4] && b[4] ? mixRect(a[4], b[4], t) : near[4], near[5]];
}

export interface Drawn<T> { data: T; opacity: number }
export interface Scene { nodes: Map<number, Drawn<NodeData>>; ribbons: Map<number, Drawn<RibbonData>>; height: number }

/** The picture `t` of the way from one frame to the next; what only one of them has fades. */
export function between(a: FrameData | null, b: FrameData | null, t: number): Scene {
  const scene: Scene = { nodes: new Map(), ribbons: new Map(), height: mix(a?.height ?? b?.height ?? 0, b?.height ?? a?.height ?? 0, t) };
  const join = <T extends unknown[]>(from: T[], to: T[], blend: (x: T, y: T, s: number) => T | null, out: Map<number, Drawn<T>>) => {
    const other = new Map(to.map((each) => [each[0] as number, each]));
    for (const each of from) {
      const id = each[0] as number, match = other.get(id);
      other.delete(id);
      const mixed = match && (t === 0 ? each : t === 1 ? match : blend(each, match, t));
      if (mixed) out.set(id, { data: mixed, opacity: 1 });
      else if (match) out.set(id, { data: t < 0.5 ? each : match, opacity: 1 });
      else if (t < 1) out.set(id, { data: each, opacity: 1 - t });
    }
    for (const [id, each] of other) if (t > 0) out.set(id, { data: each, opacity: t });
  };
  join(a?.nodes ?? [], b?.nodes ?? [], mixNode, scene.nodes);
  join(a?.ribbons ?? [], b?.ribbons ?? [], mixRibbon, scene.ribbons);
  return scene;
}

export interface Balance { into: number; out: number; change: number; imbalance: number }

/** What goes through each node of a frame, in the film's unit. */
export function throughputs(film: Film, frame: FrameData | null): Map<number, number> {
  const into = new Map<number, number>(), out = new Map<number, number>();
  const add = (map: Map<number, number>, key: number, value: number) => map.set(key, (map.get(key) ?? 0) + value);
  for (const [link, value] of [...(frame?.ribbons ?? []), ...(frame?.hidden ?? [])] as [number, number][]) {
    add(out, film.links[link].source, value);
    add(into, film.links[link].target, value);
  }
  const result = new Map<number, number>();
  for (const node of frame?.nodes ?? []) {
    const change = node[4]?.stock_change ?? 0, missing = node[4]?.imbalance ?? 0;
    result.set(node[0], Math.max((into.get(node[0]) ?? 0) + Math.max(-change, 0) + Math.max(-missing, 0),
      (out.get(node[0]) ?? 0) + Math.max(change, 0) + Math.max(missing, 0)));
  }
  return result;
}

/** Links and nodes upstream and downstream of a link or node, in one frame. */
export function connected(film: Film, frame: FrameData | null, start: { link?: number; node?: number }) {
  const links = new Set<number>(), nodes = new Set<number>();
  const present = (frame?.ribbons ?? []).map((ribbon) => ribbon[0]);
  const walk = (node: number, down: boolean, seen: Set<number>) => {
    if (seen.has(node)) return;
    seen.add(node);
    nodes.add(node);
    for (const link of present)
      if ((down ? film.links[link].source : film.links[link].target) === node) {
        links.add(link);
        walk(down ? film.links[link].target : film.links[link].source, down, seen);
      }
  };
  if (start.link !== undefined) {
    links.add(start.link);
    walk(film.links[start.link].source, false, new Set());
    walk(film.links[start.link].target, true, new Set());
  } else if (start.node !== undefined) {
    walk(start.node, false, new Set());
    walk(start.node, true, new Set());
  }
  return { links, nodes };
}
