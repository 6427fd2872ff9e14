// SPDX-License-Identifier: Apache-2.0
// Numbers and units as readers of English and of Chinese expect them: the rules of the engine's own figures.
import type { Lang, Title } from './types';

export interface DisplayUnit { divisor: number; text: string }

const names: Record<string, string> = {
  t: '吨', kg: '千克', g: '克', kt: '千吨', Mt: '百万吨', Gt: '十亿吨', yr: '年', year: '年', person: '人', item: '件',
  vehicle: '辆', MW: '兆瓦', GW: '吉瓦', kW: '千瓦', MWh: '兆瓦时', GWh: '吉瓦时', TWh: '太瓦时', CNY: '元', USD: '美元',
  household: '户', m2: '平方米', 'm^2': '平方米',
};
const tonnes: Record<string, number> = { g: 1e-6, kg: 1e-3, t: 1, kt: 1e3, Mt: 1e6, Gt: 1e9 };

/** "t/yr" as "吨/年"; what is not known stays, and so does what stands in brackets. */
export function unitIn(unit: string, lang: Lang): string {
  if (unit === '1') return '';
  if (lang === 'en') return unit;
  let out = '';
  for (let at = 0; at < unit.length; ) {
    let end = unit.slice(at).search(/[/ ·*()[\]]/);
    end = end < 0 ? unit.length : at + end;
    const word = unit.slice(at, end);
    out += names[word] ?? word;
    if (end < unit.length) out += unit[end];
    at = end + 1;
    if (unit[end] === '(' || unit[end] === '[') {
      let close = unit.slice(at).search(/[)\]]/);
      close = close < 0 ? unit.length : at + close;
      out += unit.slice(at, close);
      at = close;
    }
  }
  return out;
}

/** A unit in which numbers up to `largest` are easy to read: t/yr becomes kt/yr, in Chinese 万吨/年. */
export function displayUnit(unit: string, largest: number, lang: Lang): DisplayUnit {
  const size = Number.isFinite(largest) ? Math.abs(largest) : 0;
  if (unit === '1') return size <= 2 && size > 0 ? { divisor: 0.01, text: '%' } : { divisor: 1, text: '' };
  const end = unit.search(/[/([ *·^]/);
  const base = end < 0 ? unit : unit.slice(0, end), rest = end < 0 ? '' : unit.slice(end);
  if (base in tonnes) {
    const choices: [number, string][] = lang === 'zh'
      ? [[1e8, '亿吨'], [1e4, '万吨'], [1, '吨'], [1e-3, '千克'], [1e-6, '克']]
      : [[1e9, 'Gt'], [1e6, 'Mt'], [1e3, 'kt'], [1, 't'], [1e-3, 'kg'], [1e-6, 'g']];
    const mass = size * tonnes[base];
    const tail = unitIn(rest, lang);
    for (const [step, name] of choices)
      if (mass >= 10 * step || (step === 1 && (mass === 0 || mass >= 0.1)))
        return { divisor: step / tonnes[base], text: name + tail };
    return { divisor: 1e-6 / tonnes[base], text: choices[choices.length - 1][1] + tail };
  }
  const text = unitIn(unit, lang);
  if (lang === 'zh') {
    if (size >= 1e9) return { divisor: 1e8, text: '亿' + text };
    if (size >= 1e5) return { divisor: 1e4, text: '万' + text };
    return { divisor: 1, text };
  }
  if (size >= 1e10) return { divisor: 1e9, text: 'billion ' + text };
  if (size >= 1e7) return { divisor: 1e6, text: 'million ' + text };
  if (size >= 1e5) return { divisor: 1e3, text: 'thousand ' + text };
  return { divisor: 1, text };
}

export function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value).toFixed(Math.max(Math.min(decimals, 20), 0));
  const [whole, part] = digits.split('.');
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (part ? '.' + part : '');
  return value < 0 && /[1-9]/.test(digits) ? '−' + text : text;
}

/** Rounded to so many digits, never in exponents: "12,300", "4.69". */
export function significant(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(digits));
  const exponent = Math.floor(Math.log10(Math.abs(rounded)) + 1e-12);
  return fixed(rounded, Math.max(digits - 1 - exponent, 0));
}

/** A number with its unit, each by itself: "15.9 kt/yr", "1.59 万吨/年", "2034", "55.3 %". */
export function amount(value: number | null | undefined, unit: string, lang: Lang, digits = 3): { number: string; unit: string } {
  if (value === null || value === undefined || !Number.isFinite(value)) return { number: '–', unit: '' };
  if (unit === 'year') return { number: String(Math.round(value)), unit: lang === 'zh' ? '年' : '' };
  if (unit === '%') return { number: significant(value, digits), unit: '%' };
  const shown = displayUnit(unit, value, lang);
  return { number: significant(value / shown.divisor, digits), unit: shown.text };
}
export function amountText(value: number | null | undefined, unit: string, lang: Lang, digits = 3): string {
  const { number, unit: text } = amount(value, unit, lang, digits);
  return text ? number + (lang === 'zh' && text !== '%' ? ' ' : ' ') + text : number;
}

/** "131–160 kt", "−14.7 to −12.0 %": both ends in one unit. */
export function rangeText(low: number, high: number, unit: string, lang: Lang): string {
  const to = low < 0 ? (lang === 'zh' ? '至' : ' to ') : '–';
  if (unit === 'year') return `${Math.round(low)}${to}${Math.round(high)}${lang === 'zh' ? '年' : ''}`;
  const shown = displayUnit(unit, Math.max(Math.abs(low), Math.abs(high)), lang);
  const { divisor, text } = unit === '%' ? { divisor: 1, text: '%' } : shown;
  return `${significant(low / divisor)}${to}${significant(high / divisor)}${text && ` ${text}`}`;
}

export function inLang(title: Title | undefined, lang: Lang, fallback = ''): string {
  return (lang === 'zh' ? title?.zh || title?.en : title?.en || title?.zh) || fallback;
}
export function brackets(unit: string, lang: Lang): string {
  return unit === '' ? '' : lang === 'zh' ? `（${unit}）` : ` (${unit})`;
}
