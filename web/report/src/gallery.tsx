// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo, useState } from 'preact/hooks';
import { caseName, doc } from './data';
import { readCsv, savePicture, saveText } from './download';
import { DataTable } from './figure';
import { inLang } from './format';
import { useReport } from './state';
import type { Figure } from './types';
import { word } from './words';

/** What the engine calls its picture. */
function headingOf(svg: string): string {
  const found = /<title[^>]*>([^<]*)</.exec(svg)?.[1] ?? '';
  return found.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;|&apos;/g, "'").replace(/&amp;/g, '&');
}

/** Figures drawn by the engine: pictures, so that nothing in them can reach the page. */
function Drawn({ figure, number }: { figure: Figure; number: number }) {
  const { lang } = useReport();
  const svg = inLang(figure.svg, lang), csv = inLang(figure.csv, lang), place = word('figure', lang, String(number));
  const heading = useMemo(() => headingOf(svg) || inLang(figure.title, lang, figure.id), [svg]);
  const name = `${caseName}-${figure.id}`;
  const [url, setUrl] = useState('');
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [svg]);
  const table = useMemo(() => (open ? readCsv(csv) : null), [open, csv]);
  return (
    <figure class="drawn" aria-label={heading}>
      <figcaption>
        <h3>{place}<span class="visually-hidden">{lang === 'zh' ? '：' : ': '}{heading}</span></h3>
        <div class="tools">
          <button type="button" aria-label={`SVG: ${heading}`} onClick={() => saveText(`${name}.svg`, svg, 'image/svg+xml')}>SVG</button>
          <button type="button" aria-label={`PNG: ${heading}`} onClick={() => void savePicture(`${name}.png`, svg)}>PNG</button>
          <button type="button" aria-label={`CSV: ${heading}`} onClick={() => saveText(`${name}.csv`, '\ufeff' + csv, 'text/csv')}>CSV</button>
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} aria-label={`${word(open ? 'hideTable' : 'table', lang)}: ${heading}`}>{word(open ? 'hideTable' : 'table', lang)}</button>
        </div>
      </figcaption>
      <div class="beside">
        <div class="scroll-x" tabindex={0} role="group" aria-label={heading}>{url && <img src={url} alt={heading} loading="lazy" />}</div>
        {table && <DataTable table={table} />}
      </div>
    </figure>
  );
}

export function Gallery() {
  return <div class="gallery">{(doc.figures ?? []).map((each, i) => <Drawn figure={each} number={i + 1} />)}</div>;
}
