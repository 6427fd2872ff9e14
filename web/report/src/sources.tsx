// SPDX-License-Identifier: Apache-2.0
import { useMemo, useState } from 'preact/hooks';
import { namesOf } from './bibtex';
import { distribution, fillingName, manifestKey, warningTitle } from './generated';
import { caseName, doc, documentText, plain, titleOf } from './data';
import { DataTable } from './figure';
import { saveCsv, saveText } from './download';
import { inLang } from './format';
import { useReport } from './state';
import type { Lang, Source, Title } from './types';
import { word } from './words';

const clean = (text: string) => text.replace(/[{}]/g, '').replace(/--/g, '–').replace(/~/g, ' ').replace(/\\&/g, '&');

function reference(source: Source, lang: Lang) {
  const f = (name: string) => clean(source.fields[name] ?? '');
  const names = namesOf(source.fields.author ?? '').map(clean);
  const authors = names.length > 6 ? names.slice(0, 6).join('; ') + ' et al.' : names.join('; ');
  const where = f('journal') || f('booktitle') || f('publisher') || f('institution') || f('howpublished');
  const volume = [f('volume'), f('number') && `(${f('number')})`].filter(Boolean).join('');
  const link = f('doi') ? `https://doi.org/${f('doi')}` : /^https?:\/\//.test(f('url')) ? f('url') : '';
  const uses = doc.parameters.filter((each) => each.sources.includes(source.key));
  return (
    <li id={`source-${source.key}`}>
      {authors}{authors && (f('year') ? ` (${f('year')}). ` : '. ')}<cite>{f('title') || source.key}</cite>. {where && <em>{where}</em>}{volume && ` ${volume}`}{f('pages') && `, ${f('pages')}`}{where && '.'}{' '}
      {link && <a href={link} rel="noreferrer">{f('doi') || link}</a>}
      {f('note') && <span class="muted"> {f('note')}.</span>}
      {uses.length > 0 && <span class="muted"> {word('usedBy', lang)}{lang === 'zh' ? '：' : ': '}{uses.slice(0, 4).map((each) => titleOf(each.title, lang, each.id)).join(lang === 'zh' ? '、' : ', ')}{uses.length > 4 && ` + ${uses.length - 4}`}.</span>}
    </li>
  );
}

const rules = ['given', 'interpolated', 'extrapolated', 'scenario', 'solved', 'missing_value', 'absent'] as const;
const ruleWord = { given: 'givenCells', interpolated: 'interpolated', extrapolated: 'extrapolated', scenario: 'scenarioSet', solved: 'solved', missing_value: 'missing_value', absent: 'absent' } as const;
const ruleColours: Record<string, string> = { given: '#434d86', interpolated: '#8ccff3', extrapolated: '#dfa95f', scenario: '#785dd0', solved: '#00908d', missing_value: '#9a9a9a', absent: '#d5d5d5' };

function Shares({ title, entries }: { title: string; entries: [string, number, string][] }) {
  const sum = entries.reduce((total, each) => total + each[1], 0);
  return (
    <div class="shares">
      <h4>{title}</h4>
      <div class="bar-of-counts" aria-hidden="true">{entries.map(([, count, colour]) => <i style={{ flex: count, background: colour }} />)}</div>
      <ul class="legend">{entries.map(([name, count, colour]) => <li><i style={{ background: colour }} />{name} <b>{Math.round((count / sum) * 1000) / 10} %</b></li>)}</ul>
    </div>
  );
}

export function Data() {
  const { lang } = useReport();
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const shown = doc.parameters.filter((each) => !wanted || `${each.id} ${each.title.en ?? ''} ${each.title.zh ?? ''} ${each.sources.join(' ')} ${Object.keys(each.qualities).join(' ')}`.toLowerCase().includes(wanted));
  const sums = useMemo(() => {
    const byRule = new Map<string, number>(), byQuality = new Map<string, number>();
    for (const parameter of doc.parameters) {
      for (const [rule, count] of Object.entries(parameter.rules)) byRule.set(rule, (byRule.get(rule) ?? 0) + count);
      for (const [quality, count] of Object.entries(parameter.qualities)) byQuality.set(quality, (byQuality.get(quality) ?? 0) + count);
    }
    return { byRule, byQuality };
  }, []);
  const colours = ['#434d86', '#00908d', '#8ccff3', '#dfa95f', '#835800', '#785dd0', '#c9c72c', '#603733'];
  const qualities: [string, number, string][] = [...doc.qualities.map((each) => each.id), ''].filter((each) => sums.byQuality.get(each))
    .map((each, i) => [each === '' ? word('noClass', lang) : plain(each) + (doc.qualities.find((q) => q.id === each)?.uncertainty ? ` – ${distribution(doc.qualities.find((q) => q.id === each)!.uncertainty, lang)}` : ''),
      sums.byQuality.get(each)!, each === '' ? '#c8c8c8' : colours[i % colours.length]]);
  const counts = rules.filter((each) => sums.byRule.get(each)).map((each): [string, number, string] => [word(ruleWord[each], lang), sums.byRule.get(each)!, ruleColours[each]]);
  const table = {
    head: ['id', word('parameter', lang), word('unit', lang), word('given', lang), word('source', lang), word('quality', lang), word('cells', lang), word('note', lang)],
    rows: doc.parameters.map((each) => [each.id, titleOf(each.title, lang, each.id), each.unit, each.value ?? each.table ?? '', each.sources.join(' '), Object.keys(each.qualities).filter(Boolean).join(' '), each.cells, each.note ?? '']),
  };
  return (
    <>
      <div class="two">
        <Shares title={lang === 'zh' ? '数据点的来历' : 'How the numbers were given'} entries={counts} />
        {qualities.length > 0 && <Shares title={word('dataQuality', lang)} entries={qualities} />}
      </div>
      <div class="choices">
        <label class="choice">{word('search', lang)} <input type="search" value={find} onInput={(event) => setFind((event.target as HTMLInputElement).value)} /></label>
        <button type="button" onClick={() => saveCsv('parameters', table)}>CSV</button>
      </div>
      <div class="table-box tall" tabindex={0} role="region" aria-label={word('parameter', lang)}>
        <table>
          <thead><tr><th scope="col">{word('parameter', lang)}</th><th scope="col">{word('given', lang)}</th><th scope="col">{word('quality', lang)}</th><th scope="col">{word('source', lang)}</th><th scope="col" class="number">{word('cells', lang)}</th></tr></thead>
          <tbody>{shown.map((each) => (
            <tr>
              <th scope="row">{titleOf(each.title, lang, each.id)} <small><code>{each.id}</code></small>{each.note && <div class="muted">{each.note}</div>}</th>
              <td>{each.value ?? (each.table && <code>{each.table}</code>)}{!each.value && each.unit !== '1' && <small> {each.unit}</small>}{each.derived_from && <div class="muted">← {each.derived_from}</div>}</td>
              <td>{Object.keys(each.qualities).filter(Boolean).map(plain).join(', ') || '–'}{each.uncertainty && <div class="muted">{distribution(each.uncertainty, lang)}</div>}</td>
              <td>{each.sources.map((key) => doc.sources.some((s) => s.key === key) ? <a class="key" href={`#source-${key}`}>{key}</a> : key + ' ')}</td>
              <td class="number">{each.cells}{Object.keys(each.rules).some((rule) => rule !== 'given') && <div class="muted">{rules.filter((rule) => each.rules[rule] && rule !== 'given').map((rule) => `${each.rules[rule]} ${word(ruleWord[rule], lang)}`).join(', ')}</div>}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
      <h3>{word('sources', lang)}</h3>
      <ol class="references">{doc.sources.map((each) => reference(each, lang))}</ol>
    </>
  );
}

export function Remarks() {
  const { lang } = useReport();
  const filled = doc.parameters.flatMap((each) => {
    const parts: string[] = [];
    const say = (rule: string, how: string | undefined, name: string) => each.rules[rule] && parts.push(`${each.rules[rule]} ${name}${how ? (lang === 'zh' ? `（${fillingName(how, lang)}）` : ` (${how})`) : ''}`);
    say('interpolated', each.interpolate, word('interpolated', lang));
    say('extrapolated', each.extrapolate, word('extrapolated', lang));
    say('missing_value', each.missing === undefined ? undefined : String(each.missing), word('missing_value', lang));
    return parts.length ? [[titleOf(each.title, lang, each.id), parts.join(lang === 'zh' ? '，' : ', '), each.cells] as (string | number)[]] : [];
  });
  const list = (title: string, lines: string[]) => lines.length > 0 && (
    <details open={lines.length <= 6}><summary>{title} <small>{lines.length}</small></summary><ul class="lines">{lines.map((each) => <li>{each}</li>)}</ul></details>
  );
  const told = (lines: Title[]) => lines.map((each) => inLang(each, lang));
  return (
    <>
      {filled.length > 0 && <details open><summary>{word('fillings', lang)} <small>{filled.length}</small></summary>
        <DataTable table={{ head: [word('parameter', lang), word('fillings', lang), word('cells', lang)], rows: filled }} /></details>}
      {list(word('clamped', lang), told(doc.remarks.clamped))}
      {list(word('negative', lang), told(doc.remarks.negative))}
      {list(word('found', lang), told(doc.remarks.found))}
      {list(word('seams', lang), told(doc.remarks.seams))}
      {list(word('alerts', lang), told(doc.remarks.alerts))}
      {list(word('inDraws', lang), told(doc.remarks.in_draws))}
      {doc.warnings.length > 0 && <details open={doc.warnings.length <= 6}><summary>{word('warnings', lang)} <small>{doc.warnings.length}</small></summary>
        <ul class="lines">{doc.warnings.map((each) => <li>{warningTitle(each.code, lang)} <span lang="en">{each.text}{each.why && ` – ${each.why}`}</span> {each.place && <span class="place">{each.place}</span>}</li>)}</ul></details>}
      {!filled.length && Object.values(doc.remarks).every((each) => !each.length) && !doc.warnings.length && <p>{word('none', lang)}</p>}
    </>
  );
}

export function Manifest() {
  const { lang } = useReport();
  const files = doc.manifest.filter(([key]) => key.startsWith('file '));
  return (
    <>
      <dl class="manifest">
        {doc.manifest.filter(([key]) => !key.startsWith('file ')).map(([key, value]) => value && <><dt>{manifestKey(key, lang)}</dt><dd><code>{value}</code></dd></>)}
        <dt>{manifestKey('time', lang)}</dt><dd><code>{doc.timestamp}</code></dd>
        <dt>{manifestKey('computed', lang)}</dt><dd>{Object.entries(doc.computed).map(([key, value]) => `${value.toLocaleString('en')}${lang === 'zh' ? '' : ' '}${manifestKey(key, lang)}`).join(lang === 'zh' ? '，' : ', ')}</dd>
      </dl>
      <p><button type="button" class="document" onClick={() => saveText(`${caseName}.json`, documentText(), 'application/json')}>{word('document', lang)}</button></p>
      <details><summary>{lang === 'zh' ? '所读文件及其摘要' : 'Files read, with digests'} <small>{files.length}</small></summary>
        <DataTable table={{ head: [lang === 'zh' ? '文件' : 'file', 'XXH3-128'], rows: files.map(([key, value]) => [key.slice(5), value]) }} /></details>
    </>
  );
}
