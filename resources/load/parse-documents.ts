// From text to YAML documents whose every value knows its line and column. JSON is read in the same way.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml';
import type { Locate, Origin, Path } from '../resource.ts';

/** Deepest nesting of a document; the deepest that makes sense in a resource is about half of it. */
const MAX_DEPTH = 64;
const TOO_DEEP = `This is nested more than ${MAX_DEPTH} deep.`;
/** How often aliases of one document may repeat its anchors, in nodes; beyond it a few lines could fill the memory. */
const MAX_ALIAS_NODES = 1000;

export interface ParsedDocument {
  /** The document as plain JSON; with syntax errors as much of it as could be read, undefined when nothing could. */
  readonly value: unknown;
  /** Mistakes in the syntax, with their places. */
  readonly errors: readonly { readonly message: string; readonly origin: Origin }[];
  readonly origin: Origin;
  readonly locate: Locate;
}

/** The documents of `text` in order; empty ones are left out. */
export function parseDocuments(file: string, text: string): ParsedDocument[] {
  const lines = new LineCounter();
  const at = (offset: number): Origin => {
    const { line, col } = lines.linePos(Math.max(0, Math.min(offset, text.length)));
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refused = (message: string, offset: number): ParsedDocument => {
    const origin = at(offset);
    return { value: undefined, errors: [{ message, origin }], origin, locate: () => origin };
  };
  if (nestsTooDeep(text)) return [refused(TOO_DEEP, 0)];
  const parsed = parseAllDocuments(text, { lineCounter: lines, merge: true, uniqueKeys: true, prettyErrors: false });
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap(document => {
    const start = document.contents?.range?.[0] ?? document.range[0];
    const origin = at(start);
    const locate: Locate = (path, part = 'value', offset = 0) => {
      const found = find(document, path, part);
      return at(found ? characterIn(found, text, offset) : start);
    };
    const errors = document.errors.map(error => ({ message: explain(error), origin: at(error.pos[0]) }));
    if (errors.length > 0) return [{ value: readable(document), errors, origin, locate }];
    const deep = tooDeep(document.contents, 0);
    if (deep) return [refused(TOO_DEEP, deep.range?.[0] ?? start)];
    const dangling = danglingAlias(document);
    if (dangling) return [refused('This alias names an anchor that does not exist.', dangling.range?.[0] ?? start)];
    if (document.contents === null) return [];
    try {
      const value: unknown = document.toJS({ maxAliasCount: MAX_ALIAS_NODES });
      return value === null ? [] : [{ value, errors, origin, locate }];
    } catch (error) {
      const reason = error instanceof ReferenceError ? 'Its aliases (*name) repeat too much.' : 'It cannot be read.';
      return [refused(`${reason} Write the values out.`, start)];
    }
  });
}

function readable(document: Document): unknown {
  try {
    return tooDeep(document.contents, 0) ? undefined : document.toJS({ maxAliasCount: MAX_ALIAS_NODES });
  } catch {
    return undefined;
  }
}

/** A cheap look at brackets, before the parser recurses into them. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > 1000) return true;
    } else if (code === 0x5d || code === 0x7d) {
      depth = Math.max(0, depth - 1);
    }
  }
  return false;
}

function tooDeep(node: unknown, depth: number): Node | undefined {
  if (!isMap(node) && !isSeq(node)) return undefined;
  if (depth >= MAX_DEPTH) return node;
  for (const item of node.items) {
    const deep = tooDeep(isPair(item) ? item.value : item, depth + 1);
    if (deep) return deep;
  }
  return undefined;
}

/** The first alias whose anchor does not stand before it. */
function danglingAlias(document: Document): Node | undefined {
  const anchors = new Set<string>();
  let dangling: Node | undefined;
  visit(document, {
    Node(_key, node) {
      if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor);
    },
    Alias(_key, alias) {
      if (anchors.has(alias.source)) return undefined;
      dangling = alias;
      return visit.BREAK;
    },
  });
  return dangling;
}

/** What is at `path`, or the nearest thing above it that was written. */
function find(document: Document, path: Path, part: 'key' | 'value'): Node | undefined {
  let node: unknown = document.contents;
  let found = isNode(node) ? node : undefined;
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(step));
      if (!pair) return found;
      const wanted = index === path.length - 1 && part === 'key' ? pair.key : (pair.value ?? pair.key);
      found = isNode(wanted) ? wanted : found;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (!isNode(node)) return found;
      found = node;
    } else {
      return found;
    }
  }
  return found;
}

/** The place of a character of a text; that of the whole where the text is written with escapes or over several lines. */
function characterIn(node: Node, text: string, offset: number): number {
  const [start, end] = node.range ?? [0, 0];
  if (offset === 0 || !isScalar(node) || typeof node.value !== 'string') return start;
  const written = text.slice(start, end).indexOf(node.value);
  return written === -1 ? start : start + written + offset;
}

function explain(error: YAMLError): string {
  // The parser is recursive, and reports the end of the stack as a mistake in the text.
  if (error.message.includes('call stack')) return TOO_DEEP;
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return 'This key is there twice. Remove one of the two.';
    case 'TAB_AS_INDENT':
      return 'Tabs cannot indent YAML. Use spaces.';
    case 'BAD_INDENT':
      return `The indentation is wrong. ${error.message}.`;
    default:
      return `This is not valid YAML: ${error.message.replace(/\.$/, '')}.`;
  }
}
