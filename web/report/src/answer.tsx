// SPDX-License-Identifier: Apache-2.0
import { doc, scenarioTitle, widest } from './data';
import { amount, amountText, inLang, rangeText } from './format';
import { useReport } from './state';
import type { Lang } from './types';
import { word } from './words';

/** What the ranges are made of. */
function drawsText(lang: Lang): string {
  const { draws, uncertain_numbers: numbers } = doc.draws!, count = (n: number) => n.toLocaleString('en');
  return lang === 'zh'
    ? `数字下方的范围为${count(draws)}次抽样的${widest()}%区间；${count(numbers)}个不确定的输入同时变动。大号数字为各输入取给定值时的结果。`
    : `The ranges hold ${widest()} % of ${count(draws)} draws, in which ${count(numbers)} uncertain inputs vary together. The large numbers are those of the inputs as given.`;
}

export function AnswerCards() {
  const { lang, scenario, explain } = useReport();
  const banded = scenario === 0 && doc.answer.some((each) => each.band);
  return (<>
    <div class="cards">
      {doc.answer.map((each) => {
        const [value, unit] = each.values[scenario] ?? [null, '1'], base = each.values[0];
        const shown = unit === 'year' && value === null ? { number: word('never', lang), unit: '' } : amount(value, unit, lang);
        const title = inLang(each.title, lang, each.number);
        const changed = scenario > 0 && base && base[0] !== value;
        const range = scenario === 0 ? each.band : undefined;
        return (
          <article>
            <h3>{title}</h3>
            <button type="button" class="figure-number" onClick={() => explain({ key: each.number, value, unit, title, scenario, band: range })}
              aria-label={`${title}: ${shown.number} ${shown.unit}. ${range ? `${rangeText(...range, unit, lang)} (${widest()} %). ` : ''}${word('whence', lang)}`}>
              {shown.number}{shown.unit && <small> {shown.unit}</small>}
            </button>
            {range && <p class="range">{rangeText(...range, unit, lang)} <small>({widest()} %)</small></p>}
            {changed && <p class="range">{scenarioTitle(doc.scenarios[0], lang) || word('base', lang)}: {base[0] === null ? word('never', lang) : amountText(base[0], base[1], lang)}</p>}
            {inLang(each.note, lang) && <p class="note">{inLang(each.note, lang)}</p>}
          </article>
        );
      })}
    </div>
    {banded && <p class="note">{drawsText(lang)}</p>}
    {doc.draws && scenario > 0 && <p class="note">{word('drawsElsewhere', lang)}</p>}
  </>);
}
