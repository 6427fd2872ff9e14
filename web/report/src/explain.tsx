// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'preact/hooks';
import { caseName, doc, equations, hasTime, labelCount, namesIn, series, totals, addsUp, variables, variableTitle, widest, type Number_ } from './data';
import { Pieces } from './equations';
import { amountText, rangeText, significant } from './format';
import { useReport } from './state';
import { generated } from './generated';
import type { Lang } from './types';
import { word } from './words';

const texts = doc.explanations.texts;

function Part({ index, share, sign, depth, lang }: { index: number; share: number | null; sign: string; depth: number; lang: Lang }) {
  const [name, value, unit, how, place, source, parts] = doc.explanations.parts[index];
  const head = (
    <span class="part">
      {sign && <b class="sign">{sign}</b>} <span class="part-name">{generated(texts[name], lang)}</span> = <strong>{amountText(value, texts[unit], lang, 4)}</strong>
      {share !== null && <span class="share"> {significant(share * 100, 3)} %</span>}
    </span>
  );
  const about = (texts[how] || texts[place] || texts[source]) && (
    <div class="about">{texts[how] && <code>{generated(texts[how], lang)}</code>} {texts[source] && <span>{texts[source]}</span>} {texts[place] && <span class="place">{texts[place]}</span>}</div>
  );
  if (!parts.length || depth > 12) return <li>{head}{about}</li>;
  return (
    <li>
      <details open={depth < 2}>
        <summary>{head}</summary>
        {about}
        <ul>{parts.map(([child, childShare, childSign]) => <Part index={child} share={childShare} sign={texts[childSign]} depth={depth + 1} lang={lang} />)}</ul>
      </details>
    </li>
  );
}

/** What a number's equation names, with their values of the same year. */
function ByEquation({ number }: { number: Number_ }) {
  const { lang, explain } = useReport();
  const variable = number.variable ? variables.get(number.variable) : undefined;
  const equation = number.variable ? equations.get(number.variable) : undefined;
  if (!variable || !equation) return null;
  const year = doc.years.indexOf(number.year ?? 0);
  const named = [...new Set(equation.pieces.flatMap((piece) => (piece.tree ? [...namesIn(piece.tree)] : [])))].map((id) => variables.get(id) ?? variables.get(id + '.stock'))
    .filter((each): each is NonNullable<typeof each> => each !== undefined && (!hasTime(each) || year >= 0));
  return (
    <>
      <p>{word('notKept', lang)}</p>
      <Pieces id={variable.id} pieces={equation.pieces} />
      <ul class="tree">
        {named.map((each) => {
          const n = labelCount(each), at = hasTime(each) ? year : 0;
          const value = n === 1 ? series(each, 0, number.scenario)[at] : addsUp(each) ? totals(each, number.scenario)[at] : null;
          return (
            <li><button type="button" class="value" disabled={value === null}
              onClick={() => explain({ key: `${each.id}${hasTime(each) ? `[${number.year}]` : ''}`, value, unit: each.unit, title: variableTitle(each, lang), variable: each.id, year: number.year, labels: [], scenario: number.scenario })}>
              {variableTitle(each, lang)}</button> = <strong>{value === null ? '…' : amountText(value, each.unit, lang, 4)}</strong></li>
          );
        })}
      </ul>
    </>
  );
}

/** What goes through a process: each part leads on to where it comes from. */
function Through({ number }: { number: Number_ }) {
  const { lang, explain } = useReport();
  return (
    <>{number.parts!.filter((side) => side.numbers.length > 0).map((side) => (
      <section><h3>{side.title}</h3><ul class="tree">{side.numbers.map((each) => (
        <li>{each.variable ? <button type="button" class="value" onClick={() => explain(each)}>{each.title}</button> : each.title} = <strong>{amountText(each.value, each.unit, lang, 4)}</strong>
          {each.band && <small> ({rangeText(...each.band, each.unit, lang)})</small>}
          {number.value ? <span class="share"> {significant(((each.value ?? 0) / number.value) * 100, 3)} %</span> : null}</li>
      ))}</ul></section>
    ))}</>
  );
}

export function ExplanationPanel({ number, close }: { number: Number_; close: () => void }) {
  const { lang } = useReport();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current!.showModal();
    return () => before?.focus?.();
  }, []);
  const kept = number.scenario === 0 || doc.answer.some((each) => each.number === number.key) ? doc.explanations.numbers[number.key] : undefined;
  const scenario = number.scenario > 0 ? ` --scenario ${Object.entries(doc.scenarios[number.scenario].choice).filter(([axis, chosen]) => doc.axes.find((each) => each.id === axis)?.default !== chosen).map((each) => each.join('=')).join(',')}` : '';
  return (
    <dialog ref={dialog} class="explanation" aria-labelledby="explanation-title" onClose={close}
      onClick={(event) => { if (event.target === dialog.current) dialog.current!.close(); }}>
      <div class="sheet">
        <header>
          <p class="eyebrow">{word('whence', lang)}</p>
          <button type="button" class="close" onClick={() => dialog.current!.close()} aria-label={word('close', lang)}>×</button>
          <h2 id="explanation-title">{number.title}{number.year !== undefined && <small> {number.year}</small>}</h2>
          <p class="big">{amountText(number.value, number.unit, lang, 4)}</p>
          {number.band && <p class="range">{rangeText(...number.band, number.unit, lang)} <small>({word('ofDraws', lang, String(widest()))})</small></p>}
        </header>
        {number.parts ? <Through number={number} /> : kept !== undefined
          ? <>{number.scenario > 0 && <p class="note">{word('baseOnly', lang)}</p>}
            <ul class="tree"><Part index={kept} share={null} sign="" depth={0} lang={lang} /></ul></>
          : <ByEquation number={number} />}
        {number.key && <p class="note">{word('ask', lang)} <code>lode explain {caseName} '{number.key}'{scenario}</code></p>}
      </div>
    </dialog>
  );
}
