// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { doc, processTitle, variables, variableTitle } from './data';
import { FigureFrame } from './figure';
import { amountText, significant } from './format';
import { dots } from './plot';
import { useReport } from './state';
import type { Checkpoint } from './types';
import { word, type Word } from './words';

export const statusColours: Record<string, string> = {
  agrees: '#00736f', differs: '#c4552d', by_construction: '#7f8ca3', input: '#b9c0ca', not_computable: '#777777',
};
const statuses = ['agrees', 'differs', 'by_construction', 'input', 'not_computable'];

/** "2.7 × 10⁻¹⁶" */
function powers(value: number): string {
  const [digits, exponent] = value.toExponential(1).split('e');
  return `${digits} × 10${[...String(Number(exponent))].map((each) => (each === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(each)])).join('')}`;
}

export function Balances() {
  const { lang } = useReport();
  const [all, setAll] = useState(false);
  const rows = all ? doc.balances : doc.balances.slice(0, 8);
  const open = doc.balances.filter((each) => !each.balances).length;
  const closed = doc.balances.filter((each) => each.closed_by.length).length;
  return (
    <section aria-labelledby="balance">
      <h3 id="balance">{word('balance', lang)}</h3>
      <p class="verdict"><b class={open ? 'bad' : 'good'}>{doc.balances.length - open}</b> / {doc.balances.length} {lang === 'zh'
        ? `个过程在通量的 10⁻⁹ 以内平衡${closed ? `；其中${closed}个由余量项闭合，因此其平衡不是独立检验` : ''}。`
        : `processes balance within 10⁻⁹ of what flows through them${closed ? `; ${closed} ${closed === 1 ? 'is' : 'are'} closed by a residual, so that ${closed === 1 ? 'its' : 'their'} balance is no test of the data` : ''}.`}</p>
      <div class="table-box" tabindex={0} role="region" aria-label={word('balance', lang)}>
        <table>
          <thead><tr><th scope="col">{word('process', lang)}</th><th scope="col" class="number">{word('worst', lang)} <small>({word('relative', lang)})</small></th><th scope="col">{word('where', lang)}</th><th scope="col">{word('closedBy', lang)}</th></tr></thead>
          <tbody>{rows.map((each) => (
            <tr>
              <th scope="row"><span class={each.balances ? 'mark good' : 'mark bad'} aria-hidden="true" />{processTitle(each.process, lang)} <span class="visually-hidden">{word(each.balances ? 'balances' : 'doesNot', lang)}</span></th>
              <td class="number">{each.worst === 0 ? '0' : powers(each.worst)}{!each.balances && <div>{amountText(each.amount, each.unit, lang)}</div>}</td>
              <td>{each.worst === 0 ? '–' : each.cell.replace(/[[\]]/g, '')}</td>
              <td>{each.closed_by.length ? <code>{each.closed_by.join(', ')}</code> : '–'}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
      {doc.balances.length > 8 && <button type="button" class="more" onClick={() => setAll(!all)}>{all ? '−' : `+ ${doc.balances.length - 8} ${word('more', lang)}`}</button>}
    </section>
  );
}

/** Our side of a comparison that is one cell of a result leads to where it comes from. */
function Ours({ row }: { row: Checkpoint }) {
  const { lang, explain } = useReport();
  if (row.ours === 'never') return <>{word('never', lang)}</>;
  const text = significant(row.ours, 4), unit = row.unit !== '1' && <small>{row.unit}</small>;
  const cell = /^([a-z_][\w.]*)(?:\[(\d{4})?(?:, *)?([^\]]*)\])?$/i.exec(row.what), variable = cell ? variables.get(cell[1]) : undefined;
  const kept = !row.scenario && doc.explanations.numbers[row.what] !== undefined;
  if (row.ours === null || row.scenario || (!variable && !kept)) return <>{text} {unit}</>;
  return <><button type="button" class="value" onClick={() => explain({
    key: row.what, value: row.ours as number, unit: row.unit, title: variable ? variableTitle(variable, lang) : row.what, variable: variable?.id, year: cell?.[2] ? Number(cell[2]) : undefined, scenario: 0,
  })}>{text}</button> {unit}</>;
}

const difference = (each: Checkpoint) =>
  each.difference === null ? '–' : Math.abs(each.difference) < 10 ? `${each.difference < 0 ? '−' : '+'}${significant(Math.abs(each.difference) * 100, 3)} %` : `${significant(each.difference, 2)} ×`;

export function Checkpoints() {
  const { lang, dark } = useReport();
  const [status, setStatus] = useState(doc.checkpoints.some((each) => each.status === 'differs') ? 'differs' : 'all');
  const [more, setMore] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const counts = useMemo(() => new Map(statuses.map((each) => [each, doc.checkpoints.filter((row) => row.status === each).length])), []);
  const rows = useMemo(() => doc.checkpoints.filter((each) => status === 'all' || each.status === status)
    .sort((a, b) => Math.abs(b.difference ?? 0) - Math.abs(a.difference ?? 0)), [status]);
  const shown = more ? rows : rows.slice(0, 12);
  const ratios = useMemo(() => doc.checkpoints.filter((each) => typeof each.ours === 'number' && each.published && each.ours / each.published > 0 && (each.status === 'agrees' || each.status === 'differs'))
    .map((each) => ({ ratio: Math.min(Math.max((each.ours as number) / (each.published as number), 0.2), 5), status: each.status, label: `${each.id}: ${each.what}` })), []);
  const heading = word('logRatio', lang);
  useEffect(() => {
    if (!box.current || !ratios.length) return undefined;
    const observer = new ResizeObserver(([entry]) => box.current?.replaceChildren(dots(ratios, Math.max(Math.round(entry.contentRect.width), 260), statusColours, heading)));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [ratios, dark, heading]);
  if (!doc.checkpoints.length) return null;
  const table = {
    head: ['id', word('what', lang), word('status', lang), word('ours', lang), word('published', lang), word('unit', lang), word('difference', lang)],
    rows: doc.checkpoints.map((each) => [each.id, each.what, word(each.status as Word, lang), each.ours, each.published, each.unit, each.difference]),
  };
  return (
    <section aria-labelledby="checkpoints">
      <h3 id="checkpoints">{word('checkpoints', lang)}</h3>
      <div class="bar-of-counts" aria-hidden="true">{statuses.map((each) => (counts.get(each) ?? 0) > 0 && <i style={{ flex: counts.get(each), background: statusColours[each] }} />)}</div>
      <div class="filters" role="group" aria-label={word('status', lang)}>
        {[...statuses, 'all'].map((each) => {
          const count = each === 'all' ? doc.checkpoints.length : counts.get(each) ?? 0;
          return count > 0 && <button type="button" aria-pressed={status === each} onClick={() => { setStatus(each); setMore(false); }}>
            {each !== 'all' && <i style={{ background: statusColours[each] }} />}{word(each as Word, lang)} <b>{count}</b></button>;
        })}
      </div>
      {ratios.length > 2 && (
        <FigureFrame name="checkpoints" heading={heading} svg={() => box.current!.querySelector('svg')} table={table}
          legend={[{ text: word('agrees', lang), colour: statusColours.agrees }, { text: word('differs', lang), colour: statusColours.differs }]}>
          <div ref={box} class="plot" />
        </FigureFrame>
      )}
      <div class="table-box" tabindex={0} role="region" aria-label={word('checkpoints', lang)}>
        <table>
          <thead><tr><th scope="col">{word('what', lang)}</th><th scope="col" class="number">{word('ours', lang)}</th><th scope="col" class="number">{word('published', lang)}</th><th scope="col" class="number">{word('difference', lang)}</th><th scope="col">{word('note', lang)}</th></tr></thead>
          <tbody>{shown.map((each) => (
            <tr>
              <th scope="row"><span class="mark" style={{ background: statusColours[each.status] }} aria-hidden="true" /><small>{each.id}</small> <code>{each.what}</code>{each.scenario && <small> ({each.scenario})</small>}</th>
              <td class="number"><Ours row={each} /></td>
              <td class="number">{each.relation !== '=' && each.relation + ' '}{significant(each.published, 4)}</td>
              <td class="number">{difference(each)}</td>
              <td class="prose">{each.note}{each.locator && <small> {each.locator}</small>}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
      {rows.length > 12 && <button type="button" class="more" onClick={() => setMore(!more)}>{more ? '−' : `+ ${rows.length - 12} ${word('more', lang)}`}</button>}
    </section>
  );
}
