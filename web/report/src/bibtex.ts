// SPDX-License-Identifier: Apache-2.0
/** Authors of a BibTeX field: an " and " within braces belongs to a name. */
export function namesOf(text: string): string[] {
  const names: string[] = [];
  let depth = 0, name = '';
  for (let i = 0; i < text.length; ++i) {
    if (text[i] === '{') ++depth;
    if (text[i] === '}') --depth;
    if (depth === 0 && text.startsWith(' and ', i)) {
      names.push(name);
      name = '';
      i += 4;
    } else {
      name += text[i];
    }
  }
  return [...names, name].map((each) => each.trim()).filter(Boolean);
}
