// Renders one Markdown page: HTML with headings that have addresses as on GitHub, links that lead
// to pages of the site, and no HTML that the page itself contains.
import GithubSlugger from 'github-slugger';
import { Marked, type RendererObject, type Tokens } from 'marked';
import { escapeHtml } from './html.ts';
import { fileOf, type PageList } from './page-list.ts';
import { textOf } from './plain-text.ts';

export interface Heading {
  readonly depth: number;
  readonly text: string;
  readonly anchor: string;
}

/** A heading and what stands below it, for the search. */
export interface PageSection {
  readonly heading: Heading;
  readonly text: string;
}

export interface RenderedPage {
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
  readonly sections: readonly PageSection[];
}

export interface PageLinks {
  readonly list: PageList;
  /** Relative address of a page from the one that is rendered. */
  toPage(address: string): string;
  /** The same for a picture, given its file. */
  toPicture(file: string): string;
}

export function renderPage(markdown: string, file: string, links: PageLinks): RenderedPage {
  const slugger = new GithubSlugger();
  const headings: Heading[] = [];
  const marked = new Marked({ renderer: rendererOf(file, links, headings) });
  const tokens = marked.lexer(markdown);
  const sections: { heading: Heading; text: string }[] = [];
  for (const token of tokens) {
    if (token.type === 'heading') {
      const text = textOf(token.tokens ?? []);
      const heading = { depth: token['depth'], text, anchor: slugger.slug(text) };
      headings.push(heading);
      sections.push({ heading, text: '' });
    } else {
      const last = sections.at(-1);
      if (last) last.text += textOf([token]);
    }
  }
  return { title: headings[0]?.text ?? file, html: marked.parser(tokens), headings: [...headings], sections };
}

/** `headings` are those of the page, in its order. */
function rendererOf(file: string, links: PageLinks, headings: readonly Heading[]): RendererObject {
  let at = 0;
  return {
    heading({ tokens, depth }) {
      // One inside a quote or a list has no address.
      const anchor = headings[at]?.text === textOf(tokens) ? headings[at++]?.anchor : undefined;
      const inside = this.parser.parseInline(tokens);
      if (anchor === undefined) return `<h${depth}>${inside}</h${depth}>\n`;
      const link = `<a class="anchor" href="#${anchor}" tabindex="-1" aria-hidden="true">#</a>`;
      return `<h${depth} id="${anchor}">${inside}${depth === 1 ? '' : link}</h${depth}>\n`;
    },
    link({ href, tokens }) {
      const inside = this.parser.parseInline(tokens);
      const target = targetOf(href, file, links);
      if (target !== undefined) return `<a href="${escapeHtml(target)}">${inside}</a>`;
      return `<span class="elsewhere" title="${escapeHtml(fileOf(href, file))}">${inside}</span>`;
    },
    image: token => pictureOf(token, file, links),
    codespan: ({ text }) => `<code>${escapeHtml(text).replace(/(?<=\w)[./](?=\w)/g, '$&<wbr>')}</code>`,
    html: ({ text }) => (text.trimStart().startsWith('<!--') ? '' : escapeHtml(text)),
    code({ text, lang }) {
      const language = /^\w+/.exec(lang ?? '')?.[0];
      const attribute = language === undefined ? '' : ` data-language="${language}"`;
      return `<div class="code"><pre><code${attribute}>${escapeHtml(text)}\n</code></pre></div>\n`;
    },
    table({ header, rows }) {
      const row = (cells: readonly Tokens.TableCell[], tag: string) =>
        `<tr>${cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>\n`;
      const body = rows.map(cells => row(cells, 'td')).join('');
      return `<div class="scroll"><table>\n<thead>\n${row(header, 'th')}</thead>\n<tbody>\n${body}</tbody>\n</table></div>\n`;
    },
  };
}

/** Undefined for a file that only the repository has. */
function targetOf(href: string, file: string, { list, toPage }: PageLinks): string | undefined {
  if (/^(https?:|mailto:|#)/.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const target = fileOf(path, file);
  // The index is the page of each folder.
  if (target.endsWith('/') && [...list.byFile.keys()].some(each => each.startsWith(target))) return toPage('');
  const page = list.byFile.get(target);
  return page && toPage(page.address) + (anchor === undefined ? '' : `#${anchor}`);
}

function pictureOf({ href, text }: Tokens.Image, from: string, { list, toPicture }: PageLinks): string {
  const file = fileOf(href, from);
  if (!list.pictures.has(file))
    return `<span class="no-picture">Picture, in the repository alone: ${escapeHtml(text)}</span>`;
  return `<img src="${escapeHtml(toPicture(file))}" alt="${escapeHtml(text)}" loading="lazy">`;
}
