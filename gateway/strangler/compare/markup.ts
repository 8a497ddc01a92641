// Reads XML and HTML into a tree that two answers can be compared by. It resolves no entity but the
// predefined ones and fetches nothing.

export interface Element {
  /** In HTML in lower case. */
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: Element[];
  /** All text directly inside, blanks as one; CHILD marks the place of a child. */
  text: string;
}

/** Deeper and larger documents are not read. */
const MAX_DEPTH = 256;
const MAX_ELEMENTS = 20_000;
const CHILD = '\u0001';

/** Constructs that are no elements, in the order in which they are looked for. */
const ASIDE = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
  ['<!', '>'],
] as const;
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
const RAW = new Set(['script', 'style', 'textarea', 'title']);
/** HTML lets these end where the next one of them begins. */
const UNCLOSED = new Set('p li dt dd option tr td th'.split(' '));

/** A tag with more quoted values than these is none. */
const MAX_QUOTED = 512;
const NAME = /[A-Za-z_][^\s/<>"'=]*/y;
const ATTRIBUTE = /([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;

/**
 * Undefined for XML that is not well-formed, too deep or too large: it then counts as plain text.
 */
export function readXml(text: string): Element | undefined {
  // A document's own declarations are not read, so their effect on the text is not known.
  if (/<!DOCTYPE[^>]*\[/i.test(text)) return undefined;
  return new MarkupReader(text, false).read();
}

/**
 * Takes what browsers take: tags that nobody closes, or that nobody opened. Undefined
 * only when too deep or large.
 */
export function readHtml(text: string): Element | undefined {
  return new MarkupReader(text, true).read();
}

class MarkupReader {
  readonly #text: string;
  readonly #html: boolean;
  readonly #root: Element = makeElement('');
  readonly #open: Element[] = [this.#root];
  readonly #missing = new Set<string>();
  #lower: string | undefined;
  #elements = 0;

  constructor(text: string, html: boolean) {
    this.#text = text;
    this.#html = html;
  }

  read(): Element | undefined {
    const text = this.#text;
    let at = 0;
    while (at < text.length) {
      const next = text.indexOf('<', at);
      this.#addText(text.slice(at, next === -1 ? text.length : next));
      if (next === -1) break;
      const after = this.#readTag(next);
      if (after === undefined) return undefined;
      at = after;
    }
    if (!this.#html && (this.#open.length > 1 || this.#root.children.length !== 1 || !this.#isBare())) return undefined;
    return finish(this.#root);
  }

  /**
   * The construct that begins with the `<` at this place. Answers with the place behind it;
   * undefined for what the document must not have.
   */
  #readTag(at: number): number | undefined {
    const text = this.#text;
    for (const [begin, end] of ASIDE) {
      if (!text.startsWith(begin, at)) continue;
      const to = this.#find(end, at + begin.length);
      if (to === -1) break;
      if (begin === '<![CDATA[') this.#addText(text.slice(at + begin.length, to), true);
      return to + end.length;
    }
    const isEnd = text[at + 1] === '/';
    NAME.lastIndex = at + (isEnd ? 2 : 1);
    const [written] = NAME.exec(text) ?? [];
    const end = written === undefined ? -1 : this.#endOfTag(NAME.lastIndex);
    if (written === undefined || end === -1) {
      if (!this.#html) return undefined;
      this.#addText('<');
      return at + 1;
    }
    const name = this.#html ? written.toLowerCase() : written;
    const isWell = isEnd ? this.#close(name) : this.#begin(name, text.slice(NAME.lastIndex, end));
    if (!isWell) return undefined;
    return this.#html && !isEnd && RAW.has(name) ? this.#readRaw(name, end + 1) : end + 1;
  }

  /** The place of the `>` that ends a tag, whatever is in quotes; -1 when there is none. */
  #endOfTag(from: number): number {
    const text = this.#text;
    let quoted = 0;
    for (let at = from; at < text.length; at++) {
      const mark = text[at];
      if (mark === '>') return at;
      if (mark === '<') return -1;
      if (mark !== '"' && mark !== "'") continue;
      const end = quoted++ < MAX_QUOTED ? this.#find(mark, at + 1) : -1;
      if (end === -1) return -1;
      at = end;
    }
    return -1;
  }

  /** A construct that was not found once is not looked for again, as reading only goes forward. */
  #find(wanted: string, from: number): number {
    if (this.#missing.has(wanted)) return -1;
    const at = this.#text.indexOf(wanted, from);
    if (at === -1) this.#missing.add(wanted);
    return at;
  }

  /** XML has nothing outside its one element. */
  #isBare(): boolean {
    return this.#root.text.replaceAll(CHILD, '').trim() === '';
  }

  #begin(name: string, rest: string): boolean {
    if (this.#html && UNCLOSED.has(name) && this.#open.at(-1)?.name === name) this.#open.pop();
    const parent = this.#open.at(-1);
    if (!parent || this.#open.length >= MAX_DEPTH || ++this.#elements > MAX_ELEMENTS) return false;
    const closed = rest.endsWith('/');
    const element = makeElement(name);
    for (const [, attribute = '', double, single, bare] of (closed ? rest.slice(0, -1) : rest).matchAll(ATTRIBUTE)) {
      const value = double ?? single ?? bare ?? '';
      element.attributes.set(this.#html ? attribute.toLowerCase() : attribute, decode(value));
    }
    parent.children.push(element);
    parent.text += CHILD;
    if (!(this.#html ? VOID.has(name) : closed)) this.#open.push(element);
    return true;
  }

  #close(name: string): boolean {
    const at = this.#open.findLastIndex(each => each.name === name);
    if (this.#html) {
      if (at > 0) this.#open.length = at;
      return true;
    }
    if (at <= 0 || at !== this.#open.length - 1) return false;
    this.#open.pop();
    return true;
  }

  /** Everything up to the end tag is text. */
  #readRaw(name: string, from: number): number {
    this.#lower ??= this.#text.toLowerCase();
    const end = this.#lower.indexOf(`</${name}`, from);
    const to = end === -1 ? this.#text.length : end;
    this.#addText(this.#text.slice(from, to), name === 'script' || name === 'style');
    return to;
  }

  #addText(text: string, plain = false): void {
    const element = this.#open.at(-1);
    if (element && text !== '') element.text += plain ? text : decode(text);
  }
}

function makeElement(name: string): Element {
  return { name, attributes: new Map(), children: [], text: '' };
}

/** Blanks between words are one; those around are none. Without recursion, whatever the depth. */
function finish(root: Element): Element {
  const open = [root];
  for (let element = open.pop(); element; element = open.pop()) {
    element.text = element.text
      .replace(/\s+/g, ' ')
      .replaceAll(` ${CHILD}`, CHILD)
      .replaceAll(`${CHILD} `, CHILD)
      .trim();
    open.push(...element.children);
  }
  return root;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|([a-z]+));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
