// SPDX-License-Identifier: Apache-2.0
import { bandsOf, doc, hasTime, scenarioTitle, seriesLabels, variables } from './data';
import { amount, amountText, inLang } from './format';
import { useReport } from './state';
import { word } from './words';

/** The band of a number that is one cell of a variable: "gap[2035]", "in_use.stock[2017, AC]". */
function band(number: string, scenario: number): [number, number] | null {
  const match = /^([a-z_][\w.]*)(?:\[(.*)\])?$/i.exec(number);
  const variable = match && (variables.get(match[1]) ?? variables.get(match[1] + '.stock'));
  const bands = variable && bandsOf(variable.id, scenario);
  if (!bands || bands.length < 2) return null;
  const inside = (match[2] ?? '').split(',').map((each) => each.trim().replace(/^'|'$/g, '')).filter(Boolean);
  const year = hasTime(variable) ? doc.years.indexOf(Number(inside.shift())) : 0;
  const place = seriesLabels(variable).findIndex((labels) => labels.join('\n') === inside.join('\n'));
  if (year < 0 || place < 0) return null;
  const at = year * seriesLabels(variable).length + place, low = bands[0][at], high = bands[bands.length - 1][at];
  return low === null || high === null || low === high ? null : [low, high];
}

export function AnswerCards() {
  const { lang, scenario, explain } = useReport();
  return (
    <div class="cards">
      {doc.answer.map((each) => {
        const [value, unit] = each.values[scenario] ?? [null, '1'], base = each.values[0];
        const shown = unit === 'year' && value === null ? { number: word('never', lang), unit: '' } : amount(value, unit, lang);
        const title = inLang(each.title, lang, each.number);
        const changed = scenario > 0 && base && base[0] !== value;
        const range = band(each.number, scenario);
        return (
          <article>
            <h3>{title}</h3>
            <button type="button" class="figure-number" onClick={() => explain({ key: each.number, value, unit, title, scenario })}
              aria-label={`${title}: ${shown.number} ${shown.unit}. ${word('whence', lang)}`}>
              {shown.number}{shown.unit && <small> {shown.unit}</small>}
            </button>
            {range && <p class="range">{amountText(range[0], unit, lang)} – {amountText(range[1], unit, lang)} <small>({Math.round((doc.quantiles[doc.quantiles.length - 1] - doc.quantiles[0]) * 100)} %)</small></p>}
            {changed && <p class="range">{scenarioTitle(doc.scenarios[0], lang) || word('base', lang)}: {base[0] === null ? word('never', lang) : amountText(base[0], base[1], lang)}</p>}
            {inLang(each.note, lang) && <p class="note">{inLang(each.note, lang)}</p>}
          </article>
        );
      })}
    </div>
  );
}
