// SPDX-License-Identifier: Apache-2.0
// Equations as MathML, which browsers draw themselves; names keep their spelling in the model.
import type { ComponentChild, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { doc, plain, processTitle, titleOf, variables, variableTitle } from './data';
import { distribution } from './generated';
import { inLang } from './format';
import { useReport } from './state';
import type { Lang, Lifetime, Piece, Tree } from './types';
import { word } from './words';

type More = { over?: string[]; by?: string[]; where?: Tree; from?: Tree; to?: Tree; with?: Record<string, Tree> };
const strength: Record<string, number> = {
  or: 1, and: 2, not: 3, '=': 4, '!=': 4, '<': 4, '>': 4, '<=': 4, '>=': 4, '+': 5, '-': 5, '*': 6, '/': 8, '^': 9,
};
const signs: Record<string, string> = { '*': '·', '-': '−', '<=': '≤', '>=': '≥', '!=': '≠', and: 'and', or: 'or' };

const row = (...children: ComponentChild[]): JSX.Element => <mrow>{children}</mrow>;
// MathML trims plain blanks.
const text = (content: string) => <mtext>{content.replace(/ /g, '\u00a0')}</mtext>;
const op = (content: string) => (/^[()|,]$/.test(content) ? <mo {...({ stretchy: 'false' } as object)}>{content}</mo> : <mo>{content}</mo>);

function Name({ id, lang }: { id: string; lang: Lang }) {
  const variable = variables.get(id) ?? variables.get(id + '.stock');
  return <mi mathvariant="normal" class={variable ? `name ${variable.group}` : 'name'} title={variable ? variableTitle(variable, lang) : undefined}>{plain(id)}</mi>;
}

function weak(tree: Tree): number {
  if (tree[0] === 'if') return 0;
  if (tree.length === 2 && (tree[0] === '-' || tree[0] === 'not')) return tree[0] === 'not' ? 3 : 5;
  return tree.length === 3 && tree[0] in strength ? strength[tree[0]] : 10;
}

function math(tree: Tree, lang: Lang, least = 0): ComponentChild {
  const made = bare(tree, lang);
  return weak(tree) < least ? row(op('('), made, op(')')) : made;
}

function bare(tree: Tree, lang: Lang): ComponentChild {
  const [kind, a, b, c] = tree as [string, unknown, unknown, unknown];
  switch (kind) {
    case 'number': return <mn>{String(a).replace('-', '−')}</mn>;
    case 'percent': return row(<mn>{String(Number(((a as number) * 100).toPrecision(12)))}</mn>, text(' %'));
    case 'text': return text(`“${a}”`);
    case 'name': return a === 'time' ? <mi>t</mi> : <Name id={a as string} lang={lang} />;
    case 'at': return <msub>{math(a as Tree, lang, 9)}<mrow>{text((b as string[]).join(', '))}</mrow></msub>;
    case 'if': return row(text('if '), math(a as Tree, lang), text(' then '), math(b as Tree, lang), text(' else '), math(c as Tree, lang));
    case 'call': return call(a as string, b as Tree[], (c ?? {}) as More, lang);
  }
  if (tree.length === 2) return row(kind === 'not' ? text('not ') : op(signs[kind] ?? kind), math(a as Tree, lang, 6));
  if (kind === '/') return <mfrac><mrow>{math(a as Tree, lang)}</mrow><mrow>{math(b as Tree, lang)}</mrow></mfrac>;
  if (kind === '^') return <msup><mrow>{math(a as Tree, lang, 10)}</mrow><mrow>{math(b as Tree, lang)}</mrow></msup>;
  const own = strength[kind] ?? 10, spelled = kind === 'and' || kind === 'or';
  return row(math(a as Tree, lang, own), spelled ? text(` ${kind} `) : op(signs[kind] ?? kind), math(b as Tree, lang, kind === '-' ? own + 1 : own));
}

function call(name: string, args: Tree[], more: More, lang: Lang): ComponentChild {
  const list = args.flatMap((each, i) => (i ? [op(','), math(each, lang)] : [math(each, lang)]));
  const span = more.from || more.to ? row(more.from && math(more.from, lang), op('–'), more.to && math(more.to, lang)) : null;
  if (name === 'sum' && args.length === 1) {
    const under = row(text([...(more.over ?? []), ...(more.by ?? []).map((each) => `→ ${each}`)].map(plain).join(', ')),
      more.where ? text(' : ') : null, more.where ? math(more.where, lang) : null);
    return row(<munder><mo largeop movablelimits={false}>∑</mo>{under}</munder>, math(args[0], lang, 6));
  }
  if ((name === 'total' || name === 'cumulate') && args.length === 1)
    return row(<munder><mo largeop movablelimits={false}>∑</mo>{span ?? text('≤ t')}</munder>, math(args[0], lang, 6), op('·'), <mi>Δt</mi>);
  if (name === 'sqrt' && args.length === 1) return <msqrt>{math(args[0], lang)}</msqrt>;
  if (name === 'abs' && args.length === 1) return row(op('|'), math(args[0], lang), op('|'));
  if (name === 'prev' && args.length >= 1 && args[0][0] === 'name')
    return <msub>{math(args[0], lang)}<mrow><mi>t</mi>{op('−')}<mn>1</mn></mrow></msub>;
  const rest: ComponentChild[] = [];
  if (more.over?.length) rest.push(text(` over ${more.over.map(plain).join(', ')}`));
  if (more.by?.length) rest.push(text(` by ${more.by.map(plain).join(', ')}`));
  if (more.where) rest.push(text(' where '), math(more.where, lang));
  if (span) rest.push(text(', '), span);
  for (const [key, value] of Object.entries(more.with ?? {})) rest.push(text(`, ${plain(key)} = `), math(value, lang));
  return row(<mi mathvariant="normal" class="function">{plain(name)}</mi>, op('('), ...list, ...rest, op(')'));
}

export function Formula({ tree, fallback }: { tree: Tree | null; fallback?: string }) {
  const { lang } = useReport();
  if (!tree) return <code>{fallback}</code>;
  return <math displaystyle>{math(tree, lang)}</math>;
}

export function Pieces({ id, pieces, unit }: { id: string; pieces: Piece[]; unit?: string }) {
  const { lang } = useReport();
  return (
    <div class="equation">
      {pieces.map((piece) => (
        <div class="piece">
          <math displaystyle>{row(<Name id={id} lang={lang} />, op('='), piece.tree ? math(piece.tree, lang) : text(piece.text ?? ''))}</math>
          <span class="aside">
            {piece.condition && <span>{piece.condition === 'else' ? word('otherwise', lang) : <>{word('condition', lang)} <em>{plain(piece.condition)}</em></>}</span>}
            {unit && unit !== '1' && <span>{unit}</span>}
            <span class="place">{piece.place}</span>
          </span>
        </div>
      ))}
    </div>
  );
}

function life(lifetime: Lifetime, lang: Lang): ComponentChild {
  return <>{distribution(plain(lifetime.family), lang)}{lifetime.parameters.map(([name, tree]) => <> {name !== 'value' && distribution(plain(name), lang) + ' '}<math displaystyle>{math(tree, lang)}</math></>)}
    {lifetime.parts?.map((part) => <> [{life(part, lang)}]</>)}</>;
}

export function Model() {
  const { lang } = useReport();
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const matches = (id: string) => {
    const variable = variables.get(id);
    return !wanted || id.toLowerCase().includes(wanted) || (variable !== undefined && variableTitle(variable, lang).toLowerCase().includes(wanted));
  };
  const list = (group: string) => doc.equations.filter((each) => variables.get(each.id)?.group === group && matches(each.id));
  const section = (group: 'flow' | 'quantity', title: string) => {
    const found = list(group);
    if (!found.length) return null;
    return (
      <details open={group === 'flow' || wanted !== ''}>
        <summary>{title} <small>{found.length}</small></summary>
        <dl class="equations">
          {found.map((each) => {
            const variable = variables.get(each.id)!;
            return <>
              <dt>{variableTitle(variable, lang)}{group === 'flow' && variable.from && variable.to &&
                <small> {processTitle(variable.from, lang)} → {processTitle(variable.to, lang)}</small>}</dt>
              <dd>{each.unknown && <p>{lang === 'zh' ? '未知量：由平衡与关系式求解。' : 'Unknown: solved from balances and relations.'}</p>}<Pieces id={each.id} pieces={each.pieces} unit={variable.unit} /></dd>
            </>;
          })}
        </dl>
      </details>
    );
  };
  return (
    <>
      <label class="choice">{word('search', lang)} <input type="search" value={find} onInput={(event) => setFind((event.target as HTMLInputElement).value)} /></label>
      {section('flow', word('flowsOf', lang))}
      {doc.stocks.length > 0 && (
        <details open>
          <summary>{word('stock', lang)} <small>{doc.stocks.length}</small></summary>
          <dl class="equations">
            {doc.stocks.filter((each) => !wanted || each.id.includes(wanted)).map((stock) => <>
              <dt>{titleOf(stock.title, lang, stock.id)}{stock.process && <small> {processTitle(stock.process, lang)}</small>}</dt>
              <dd class="stock">
                {stock.inflow && <p>{word('inflow', lang)}{lang === 'zh' ? '：' : ': '}<math displaystyle><Name id={stock.inflow} lang={lang} /></math></p>}
                {stock.outflow && <p>{word('outflow', lang)}{lang === 'zh' ? '：' : ': '}<math displaystyle><Name id={stock.outflow} lang={lang} /></math></p>}
                {stock.lifetime && <p>{word('lifetime', lang)}{lang === 'zh' ? '：' : ': '}{life(stock.lifetime, lang)}</p>}
                {stock.level?.map((each) => <p><math displaystyle>{row(<Name id={stock.id} lang={lang} />, op('='), each.tree ? math(each.tree, lang) : text('?'))}</math>{each.condition && <span class="aside"> {word('condition', lang)} <em>{plain(each.condition)}</em></span>}</p>)}
                {stock.change && <p>Δ = <math displaystyle>{math(stock.change, lang)}</math></p>}
                <p class="place">{stock.place}</p>
              </dd>
            </>)}
          </dl>
        </details>
      )}
      {section('quantity', word('quantities', lang))}
      {doc.conditions.length > 0 && !wanted && (
        <details>
          <summary>{word('conditions', lang)} <small>{doc.conditions.length}</small></summary>
          <dl class="equations">{doc.conditions.map((each) => <><dt>{plain(each.id)}</dt><dd><Formula tree={each.tree} /></dd></>)}</dl>
        </details>
      )}
      {doc.relations.length > 0 && <dl class="equations">{doc.relations.map((each) => <><dt /><dd><Formula tree={each.tree} fallback={each.text} /></dd></>)}</dl>}
    </>
  );
}

export const axisTitle = (id: string, lang: Lang) => titleOf(doc.axes.find((each) => each.id === id)?.title, lang, id);
export { inLang };
