// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'preact/hooks';
import { caseName, doc } from './data';
import { saveText } from './download';
import { inLang } from './format';
import { useReport } from './state';
import type { Figure } from './types';

/** Figures drawn by the engine: pictures, so that nothing in them can reach the page. */
function Drawn({ figure }: { figure: Figure }) {
  const { lang } = useReport();
  const svg = inLang(figure.svg, lang), title = inLang(figure.title, lang, figure.name);
  const [url, setUrl] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [svg]);
  return (
    <figure class="drawn" aria-label={title}>
      <figcaption><h3>{title}</h3><div class="tools"><button type="button" aria-label={`SVG: ${title}`} onClick={() => saveText(`${caseName}-${figure.name}.svg`, svg, 'image/svg+xml')}>SVG</button></div></figcaption>
      {url && <img src={url} alt={title} loading="lazy" />}
    </figure>
  );
}

export function Gallery() {
  return <div class="grid">{(doc.figures ?? []).map((each) => <Drawn figure={each} />)}</div>;
}
