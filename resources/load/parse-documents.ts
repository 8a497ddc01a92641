// From text to YAML documents whose every value knows its line and column.
// JSON is read in the same way.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLError,
} from 'yaml';
import type { Locate, Origin, Path } from '../resource.ts';
import { type DocumentFault, documentFaults, TOO_DEEP } from './document-faults.ts';
import { readOtherwise } from './older-yaml.ts';

/**
 * How often aliases of one document may repeat its anchors, in nodes; beyond it a few
 * lines could fill the memory.
 */
const MAX_ALIAS_NODES = 1000;

interface Remark {
  readonly message: string;
  readonly origin: Origin;
}

export interface ParsedDocument {
  /**
   * The document as plain JSON; with syntax errors as much of it as could be read,
   * undefined when nothing could.
   */
  readonly value: unknown;
  /** Mistakes in the syntax, with their places. */
  readonly errors: readonly Remark[];
  /** The values that other programs read differently. */
  readonly warnings: readonly Remark[];
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
    return { value: undefined, errors: [{ message, origin }], warnings: [], origin, locate: () => origin };
  };
  if (nestsTooDeep(text)) return [refused(TOO_DEEP, 0)];
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    uniqueKeys: false,
    logLevel: 'error',
    prettyErrors: false,
  });
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap(document => {
    const start = document.contents?.range?.[0] ?? document.range[0];
    const origin = at(start);
    const locate: Locate = (path, part = 'value', offset = 0) => {
      const found = find(document, path, part);
      return at(found ? characterIn(found, text, offset) : start);
    };
    const syntax = document.errors.map(error => ({ message: explain(error), offset: error.pos[0] }));
    const all = [...syntax, ...documentFaults(document.contents)];
    const deep = all.find(({ message }) => message === TOO_DEEP);
    const faults = deep ? [deep] : all;
    const read = toJson(document, faults);
    const remarks = (found: readonly DocumentFault[]) =>
      found.map(({ message, offset }) => ({ message, origin: at(offset) }));
    if (read === null && faults.length === 0) return [];
    const warnings = remarks(faults.length === 0 ? readOtherwise(document) : []);
    return [{ value: read, errors: remarks(faults), warnings, origin, locate }];
  });
}

/** The readable part of the document. Faults are added to `faults`. */
function toJson(document: Document, faults: DocumentFault[]): unknown {
  if (faults.some(({ message }) => message === TOO_DEEP)) return undefined;
  try {
    return document.toJS({ maxAliasCount: MAX_ALIAS_NODES });
  } catch (error) {
    if (faults.length > 0) return undefined;
    const reason = error instanceof ReferenceError ? 'Its aliases (*name) repeat too much.' : 'It cannot be read.';
    faults.push({ message: `${reason} Write the values out.`, offset: document.contents?.range?.[0] ?? 0 });
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

/** The node at `path`, or the nearest node above it that was written. */
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

/**
 * The place of a character of a text; that of the whole where the text is written with
 * escapes or over several lines.
 */
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
    case 'TAB_AS_INDENT':
      return 'Tabs cannot indent YAML. Use spaces.';
    case 'BAD_INDENT':
      return `The indentation is wrong. ${error.message}.`;
    default:
      return `This is not valid YAML: ${error.message.replace(/\.$/, '')}.`;
  }
}
