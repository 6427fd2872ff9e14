// SPDX-License-Identifier: Apache-2.0
import { render, type ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { AnswerCards } from './answer';
import { Charts, Explorer } from './charts';
import { Balances, Checkpoints } from './checks';
import { doc, scenarioTitle, type Number_ } from './data';
import { Model } from './equations';
import { ExplanationPanel } from './explain';
import { inLang } from './format';
import { Gallery } from './gallery';
import { Limits } from './limits';
import { Sankey } from './sankey';
import { Data, Manifest, Remarks } from './sources';
import { StateContext, type State } from './state';
import type { Lang } from './types';
import { word, type Word } from './words';
import './style.css';

function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return <section id={id} class="part-of-page" aria-labelledby={`${id}-title`}><h2 id={`${id}-title`}>{title}</h2>{children}</section>;
}

function Page() {
  const [lang, setLang] = useState<Lang>(document.documentElement.lang.startsWith('zh') ? 'zh' : 'en');
  const [scenario, setScenario] = useState(0);
  const [dark, setDark] = useState(matchMedia('(prefers-color-scheme: dark)').matches);
  const [number, explain] = useState<Number_ | null>(null);
  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    document.title = inLang(doc.title, lang, 'lode');
  }, [lang]);
  // What stands far below is made once the top can be used.
  const [whole, setWhole] = useState(false);
  useEffect(() => {
    performance.mark('interactive');
    const later = setTimeout(() => setWhole(true));
    return () => clearTimeout(later);
  }, []);
  useEffect(() => { if (whole) performance.mark('complete'); }, [whole]);
  useEffect(() => { document.documentElement.dataset.theme = dark ? 'dark' : 'light'; }, [dark]);
  const state: State = useMemo(() => ({ lang, scenario, dark, setScenario, explain }), [lang, scenario, dark]);
  const sections: [string, Word, boolean][] = [
    ['answer', 'navAnswer', true], ['flows', 'navFlows', doc.sankey !== null], ['time', 'navTime', doc.years.length > 1],
    ['figures', 'navFigures', (doc.figures?.length ?? 0) > 0], ['checks', 'navChecks', true], ['data', 'navData', true], ['filled', 'navFilled', true],
    ['equations', 'navModel', true], ['manifest', 'navRun', true],
  ];
  const shown = sections.filter((each) => each[2]);
  return (
    <StateContext.Provider value={state}>
      <a class="skip" href="#answer">{word('skip', lang)}</a>
      <header class="top">
        <div class="bar">
          <nav aria-label={word('contents', lang)}>{shown.map(([id, title]) => <a href={`#${id}`}>{word(title, lang)}</a>)}</nav>
          <div class="switches">
            {doc.scenarios.length > 1 && (
              <label class="choice scenario"><span>{word('scenario', lang)}</span>
                <select value={scenario} onChange={(event) => setScenario(Number((event.target as HTMLSelectElement).value))}>
                  {doc.scenarios.map((each, i) => <option value={i}>{scenarioTitle(each, lang) || word('base', lang)}</option>)}
                </select>
              </label>
            )}
            <button type="button" class="language" lang={lang === 'zh' ? 'en' : 'zh-CN'} onClick={() => setLang(lang === 'zh' ? 'en' : 'zh')}>{word('language', lang)}</button>
            <button type="button" onClick={() => setDark(!dark)}>{word(dark ? 'lightTheme' : 'theme', lang)}</button>
            <button type="button" class="print" onClick={() => window.print()}>{word('print', lang)}</button>
          </div>
        </div>
      </header>
      <main>
        <div class="title">
          <p class="eyebrow">{doc.substance && <span>{doc.substance}</span>} {doc.years[0]}{doc.years.length > 1 && `–${doc.years[doc.years.length - 1]}`}{scenario > 0 && <b> · {scenarioTitle(doc.scenarios[scenario], lang)}</b>}</p>
          <h1>{inLang(doc.title, lang)}</h1>
          {inLang(doc.question, lang) && <p class="question">{inLang(doc.question, lang)}</p>}
        </div>
        <Section id="answer" title={word('answer', lang)}>
          {inLang(doc.summary, lang) && <p class="summary">{inLang(doc.summary, lang)}</p>}
          <AnswerCards />
        </Section>
        {doc.sankey && <Section id="flows" title={word('flows', lang)}><Sankey film={doc.sankey} /></Section>}
        {doc.years.length > 1 && <Section id="time" title={word('time', lang)}><Charts /><Explorer /></Section>}
        {(doc.figures?.length ?? 0) > 0 && <Section id="figures" title={word('figures', lang)}><Gallery /></Section>}
        {whole && <>
          <Section id="checks" title={word('checks', lang)}><Balances /><Limits /><Checkpoints /></Section>
          <Section id="data" title={word('data', lang)}><Data /></Section>
          <Section id="filled" title={word('filled', lang)}><Remarks /></Section>
          <Section id="equations" title={word('equations', lang)}><Model /></Section>
          <Section id="manifest" title={word('manifest', lang)}><Manifest /></Section>
        </>}
      </main>
      {number && <ExplanationPanel key={number.key + number.scenario} number={number} close={() => explain(null)} />}
    </StateContext.Provider>
  );
}

render(<Page />, document.getElementById('page')!);
