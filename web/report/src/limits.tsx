// SPDX-License-Identifier: Apache-2.0
import { cellKey, doc, hasTime, series, seriesLabels, seriesTitle, unitOf, variables, variableTitle } from './data';
import { amountText, rangeText, significant } from './format';
import { useReport } from './state';
import type { Alert, Lang, Limit, Values, Variable } from './types';
import { word, type Word } from './words';

const byLabel = (limit: Limit): limit is Values[] => Array.isArray(limit) && Array.isArray(limit[0]);
const limitOf = (limit: Limit | undefined, place: number): Values | undefined =>
  limit === null || limit === undefined ? undefined : byLabel(limit) ? limit[place] : limit as Values;
const known = (limit: Limit | undefined) => limit !== null;

interface Held { least?: Values; most?: Values; told: boolean; alert: Alert; variable: Variable; labels: string[]; values: (number | null)[]; beyond: number[]; worst: number | null }

/** Every limit and label in one scenario; the limits are those of the first one. */
function held(scenario: number): Held[] {
  return doc.alerts.flatMap((alert) => {
    const variable = variables.get(alert.quantity);
    if (!variable) return [];
    return seriesLabels(variable).map((labels, place) => {
      const own = series(variable, place, scenario), values = hasTime(variable) ? own : doc.years.map(() => own[0]);
      const leasts = limitOf(alert.at_least, place), mosts = limitOf(alert.at_most, place);
      const over = values.map((value, i) => {
        if (value === null || (alert.from !== undefined && doc.years[i] < alert.from)) return null;
        const least = leasts?.[i], most = mosts?.[i];
        const by = Math.max(typeof least === 'number' ? least - value : -Infinity, typeof most === 'number' ? value - most : -Infinity);
        return by > 0 ? by : null;
      });
      // The engine knows for the scenario the report is about; of others this is what the page can tell.
      const told = scenario === 0 ? alert.beyond?.[place] : undefined;
      const beyond = told ? [...told].sort((a, b) => a - b) : over.flatMap((each, i) => (each === null ? [] : [i]));
      const worst = told ? told[0] ?? null : beyond.reduce<number | null>((most, i) => (most === null || over[i]! > over[most]! ? i : most), null);
      return { least: leasts, most: mosts, told: told !== undefined || (known(alert.at_least) && known(alert.at_most)), alert, variable, labels, values, beyond, worst };
    }).filter((each) => each.values.some((value) => value !== null));
  }).sort((a, b) => b.beyond.length - a.beyond.length);
}

/** "2012–2016, 2018" */
function spans(places: number[]): string {
  const out: string[] = [];
  for (let i = 0; i < places.length; ) {
    let end = i;
    while (end + 1 < places.length && places[end + 1] === places[end] + 1) ++end;
    out.push(end === i ? String(doc.years[places[i]]) : `${doc.years[places[i]]}–${doc.years[places[end]]}`);
    i = end + 1;
  }
  return out.join(', ');
}

function limitText(values: Values | null | undefined, unit: string, lang: Lang): string {
  const all = [...new Set((values ?? []).filter((value): value is number => value !== null))];
  if (all.length === 0) return '–';
  const low = Math.min(...all), high = Math.max(...all);
  return low === high ? amountText(low, unit, lang) : rangeText(low, high, unit, lang);
}

export function Limits() {
  const { lang, scenario, explain } = useReport();
  if (!doc.alerts.length) return null;
  const rows = held(scenario), crossed = rows.filter((each) => each.beyond.length).length;
  const risks = scenario === 0 ? doc.draws?.alerts ?? [] : [];
  const severity = (alert: Alert) => word((['error', 'warning'].includes(alert.severity) ? alert.severity : 'info') as Word, lang);
  return (
    <section aria-labelledby="limits">
      <h3 id="limits">{word('limits', lang)}</h3>
      <p class="verdict"><b class={crossed ? 'bad' : 'good'}>{crossed}</b> / {rows.filter((each) => each.told).length} {lang === 'zh' ? '项指标越过其限值。' : rows.filter((each) => each.told).length === 1 ? 'indicator crosses its limit.' : 'indicators cross their limits.'}</p>
      <div class="table-box" tabindex={0} role="region" aria-label={word('limits', lang)}>
        <table>
          <thead><tr><th scope="col">{word('what', lang)}</th><th scope="col" class="number">{word('limitHead', lang)}</th><th scope="col">{word('status', lang)}</th><th scope="col">{word('years', lang)}</th><th scope="col" class="number">{word('farthest', lang)}</th>
            {risks.length > 0 && <th scope="col" class="number">{word('risk', lang)}</th>}</tr></thead>
          <tbody>{rows.map(({ alert, variable, labels, values, beyond, worst, least: leasts, most: mosts, told }) => {
            const unit = unitOf(variable, labels), title = variableTitle(variable, lang) + (labels.length ? ` – ${seriesTitle(variable, labels, lang)}` : '');
            const risk = risks.find((each) => each.what === variable.id + (labels.length ? `[${labels.join(', ')}]` : ''));
            const most = risk ? Math.max(...risk.probability) : null;
            return (
              <tr>
                <th scope="row"><span class={beyond.length ? 'mark bad' : told ? 'mark good' : 'mark'} aria-hidden="true" />{title} <small>({severity(alert)})</small></th>
                <td class="number">{alert.at_least !== undefined && <div>{word('atLeast', lang)} {limitText(leasts, unit, lang)}</div>}{alert.at_most !== undefined && <div>{word('atMost', lang)} {limitText(mosts, unit, lang)}</div>}</td>
                <td>{beyond.length || told ? word(beyond.length ? 'crossed' : 'within', lang) : '–'}</td>
                <td>{beyond.length ? spans(beyond) : '–'}</td>
                <td class="number">{worst === null ? '–' : <button type="button" class="value" onClick={() => explain({
                  key: cellKey(variable.id, hasTime(variable) ? doc.years[worst] : null, labels), value: values[worst], unit, title, variable: variable.id, year: hasTime(variable) ? doc.years[worst] : undefined, labels, scenario,
                })}>{amountText(values[worst], unit, lang)}</button>}{worst !== null && <small> {doc.years[worst]}</small>}</td>
                {risks.length > 0 && <td class="number">{risk && most !== null ? <>{most < 0.001 && most > 0 ? '< 0.1' : significant(most * 100, 3)} %{risk.years.length > 0 && <small> {risk.years[risk.probability.indexOf(most)]}</small>}</> : '–'}</td>}
              </tr>
            );
          })}</tbody>
        </table>
      </div>
    </section>
  );
}
