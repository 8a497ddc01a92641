// Colours blocks of code by what their words are, in the languages that the documentation has.
import highlighter from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import http from 'highlight.js/lib/languages/http';
import json from 'highlight.js/lib/languages/json';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import yaml from 'highlight.js/lib/languages/yaml';

/** By the words behind the fences. The style has colours for the classes that these give. */
const LANGUAGES = { http, json, sh: bash, sql, ts: typescript, yaml, yml: yaml };

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
};

export function highlightCode(): void {
  for (const [name, language] of Object.entries(LANGUAGES)) highlighter.registerLanguage(name, language);
  for (const block of document.querySelectorAll<HTMLElement>('pre code[data-language]')) {
    const language = block.dataset['language'] ?? '';
    if (!(language in LANGUAGES)) continue;
    const { value } = highlighter.highlight(block.textContent ?? '', { language, ignoreIllegals: true });
    block.replaceChildren(toNodes(value));
  }
}

/**
 * The highlighter answers with HTML of text and `<span class>` alone. The pages let no script write
 * HTML, so this makes the same nodes one by one.
 */
function toNodes(html: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const open: (DocumentFragment | HTMLElement)[] = [fragment];
  for (const part of html.split(/(<span class="[^"]*">|<\/span>)/)) {
    const parent = open.at(-1) ?? fragment;
    const className = /^<span class="([^"]*)">$/.exec(part)?.[1];
    if (part === '</span>') open.pop();
    else if (className === undefined)
      parent.append(part.replace(/&(?:amp|lt|gt|quot|#x27);/g, it => ENTITIES[it] ?? it));
    else {
      const span = document.createElement('span');
      span.className = className;
      parent.append(span);
      open.push(span);
    }
  }
  return fragment;
}
