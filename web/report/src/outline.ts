// SPDX-License-Identifier: Apache-2.0
// Outlines of Sankey bands from their corners, the same curves as src/lode/report/outline.cpp. Lengths are
// tenths of points.
import type { RibbonData } from './types';

const quarter = 0.5522847498;
const r = (x: number) => Math.round(x * 10) / 10;

/** How far the edges are shifted along the slope so that the band keeps its width where it is steep. */
function edgeShift(run: number, fall: number, width: number): number {
  if (run <= 0) return 0;
  const angle = Math.atan2(2 * Math.abs(fall), run);
  const shift = Math.min(((4 / 3) * width / 2) * Math.tan(angle / 2), 0.4 * run);
  return fall > 0 ? shift : -shift;
}

function band(path: number[], width: number, before: number, after: number): string {
  let d = '';
  const n = path.length / 4;
  for (let i = 0; i < n; ++i) {
    const [x0, y0, x1, y1] = path.slice(4 * i, 4 * i + 4);
    const middle = (x0 + x1) / 2 + edgeShift(x1 - x0, y1 - y0, width);
    if (i === 0) {
      d += `M${r(x0 - before)} ${r(y0)}`;
      if (before > 0) d += `L${r(x0)} ${r(y0)}`;
    } else {
      d += `L${r(x0)} ${r(y0)}`;
    }
    d += `C${r(middle)} ${r(y0)} ${r(middle)} ${r(y1)} ${r(x1)} ${r(y1)}`;
  }
  if (after > 0) {
    const x = path[path.length - 2], y = path[path.length - 1] + width / 2, half = Math.max(width / 2, 18);
    if (half > width / 2) d += `L${r(x)} ${r(y - half)}`;
    d += `L${r(x + after)} ${r(y)}`;
    if (half > width / 2) d += `L${r(x)} ${r(y + half)}`;
  }
  for (let i = n; i-- > 0; ) {
    const [x0, y0, x1, y1] = path.slice(4 * i, 4 * i + 4);
    const middle = (x0 + x1) / 2 - edgeShift(x1 - x0, y1 - y0, width);
    d += `L${r(x1)} ${r(y1 + width)}C${r(middle)} ${r(y1 + width)} ${r(middle)} ${r(y0 + width)} ${r(x0)} ${r(y0 + width)}`;
  }
  if (before > 0) {
    d += `L${r(path[0] - before)} ${r(path[1] + width)}`;
    d += `L${r(path[0] - before + Math.min(0.35 * width, 0.75 * before))} ${r(path[1] + width / 2)}`;
  }
  return d + 'Z';
}

/** A band that turns down on the right, runs left below and turns up again. */
function returning(path: number[], w: number, bend: number): string {
  const [fromX, fromY, fromLead, toX, toY, toLead, top] = path;
  const wide = bend + w, turnFrom = fromX + fromLead, turnTo = toX - toLead, bottom = top + w;
  const underFrom = fromY + w, underTo = toY + w;
  let d = '', x = 0, y = 0;
  const line = (px: number, py: number) => { d += `L${r(px)} ${r(py)}`; x = px; y = py; };
  const turn = (px: number, py: number, levelFirst: boolean) => {
    const dx = px - x, dy = py - y;
    d += levelFirst
      ? `C${r(x + quarter * dx)} ${r(y)} ${r(px)} ${r(py - quarter * dy)} ${r(px)} ${r(py)}`
      : `C${r(x)} ${r(y + quarter * dy)} ${r(px - quarter * dx)} ${r(py)} ${r(px)} ${r(py)}`;
    x = px; y = py;
  };
  d = `M${r(fromX)} ${r(fromY)}`;
  line(turnFrom, fromY); turn(turnFrom + wide, underFrom + bend, true);
  line(turnFrom + wide, top - bend); turn(turnFrom, bottom, false);
  line(turnTo, bottom); turn(turnTo - wide, top - bend, true);
  line(turnTo - wide, underTo + bend); turn(turnTo, toY, false);
  line(toX, toY); line(toX, underTo); line(turnTo, underTo); turn(turnTo - bend, underTo + bend, true);
  line(turnTo - bend, top - bend); turn(turnTo, top, false);
  line(turnFrom, top); turn(turnFrom + bend, top - bend, true);
  line(turnFrom + bend, underFrom + bend); turn(turnFrom, underFrom, false);
  line(fromX, underFrom);
  return d + 'Z';
}

/** A path of seven numbers turns back. */
export const returns = (ribbon: RibbonData) => ribbon[3].length === 7;
const bend = 35;  // inner radius of turns

export const barWidth = 50;
/** Of a ribbon between two bars or ends, in tenths of points. */
export interface Ends { fromX: number; toX: number; fromEnd: boolean; toEnd: boolean }

/** The same band wider or narrower on both sides. */
export function widened(ribbon: RibbonData, by: number): RibbonData {
  const [link, value, width, path] = ribbon;
  return [link, value, width + 2 * by, path.map((x, i) => (path.length === 2 || i % 2 === 1 ? x - by : x))];
}

export function outline(ribbon: RibbonData, ends: Ends): string {
  const [, , width, path] = ribbon;
  if (returns(ribbon)) return returning(path, width, bend);
  const corners = path.length === 2 ? [ends.fromX + barWidth, path[0], ends.toX, path[1]] : path;
  return band(corners, width, ends.fromEnd ? barWidth : 0, ends.toEnd ? barWidth + Math.min(0.08 * width, 20) : 0);
}

/** Heads along the channel of what returns: it runs against the reading direction. */
export function arrows(ribbon: RibbonData): string {
  if (!returns(ribbon)) return '';
  const [fromX, , fromLead, toX, , toLead, top] = ribbon[3];
  const left = toX - toLead, width = fromX + fromLead - left, size = Math.min(Math.max(ribbon[2] * 0.5, 26), 70);
  const y = top + ribbon[2] / 2;
  let d = '';
  for (const at of [0.08, 0.92]) {
    if (width < 6 * size && at > 0.5) continue;
    const x = left + at * width;
    d += `M${r(x - 0.6 * size)} ${r(y)}L${r(x + 0.4 * size)} ${r(y - 0.55 * size)}L${r(x + 0.4 * size)} ${r(y + 0.55 * size)}Z`;
  }
  return d;
}
