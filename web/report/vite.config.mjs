// SPDX-License-Identifier: Apache-2.0
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

/** The notices of all packages whose code is in the page stand at its end. */
function notices() {
  const packages = new Set();
  return {
    name: 'notices',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle))
        for (const id of Object.keys(chunk.modules ?? {})) {
          const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id);
          if (found) packages.add(found[1]);
        }
    },
    writeBundle() {
      const texts = new Map();
      for (const name of [...packages].sort()) {
        const folder = `node_modules/${name}`;
        const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
        const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
        const text = file ? readFileSync(`${folder}/${file}`, 'utf8').trim().replace(/\r/g, '').replace(/-->/g, '') : license;
        texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
      }
      const page = readFileSync('dist/report.html', 'utf8').trimEnd();
      const all = [...texts].map(([text, names]) => `${names.join(', ')}\n\n${text}`).join('\n\n----\n\n');
      writeFileSync('dist/report.html', `${page}\n<!--\nThis page holds code of other authors:\n\n${all}\n-->\n`);
    },
  };
}

export default defineConfig({
  plugins: [viteSingleFile({ removeViteModuleLoader: true }), notices()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true, rollupOptions: { input: 'report.html' } },
});
