// Compares the answer of legacy with that of the new side: status, chosen headers, body.

import type { Expression } from '../../../core/cel/expression.ts';
import { counted } from '../../../core/units/counted.ts';
import { type ComparableBody, readComparableBody } from './comparable-body.ts';
import { diffJson } from './diff-json.ts';
import { diffMarkup } from './diff-markup.ts';
import { diffLines } from './diff-text.ts';
import { Findings } from './findings.ts';
import type { Places } from './ignored-places.ts';
import type { Tolerance } from './tolerance.ts';

/** An answer made ready to be compared: addresses mapped as for the client, the body plain. */
export interface ComparableAnswer {
  readonly status: number;
  /** Name and value in turn. */
  readonly fields: readonly string[];
  readonly body: Buffer;
  /** The value that a function made of it, which is compared in place of the body. */
  readonly mapped?: { readonly value: unknown };
}

export interface CompareSettings {
  readonly status: boolean;
  readonly body: 'auto' | 'json' | 'text' | 'none';
  /** Places that may differ, and lists that have no order. */
  readonly places: Places;
  readonly tolerance: Tolerance;
  /** Turns an answer into the value that is compared in place of its body. */
  readonly normalize: Expression | undefined;
  /** Lower case. */
  readonly headers: readonly string[];
}

/** Throws `expression-failed` when the normaliser does not take an answer. */
export function compareAnswers(legacy: ComparableAnswer, fresh: ComparableAnswer, settings: CompareSettings): Findings {
  const findings = new Findings();
  if (settings.status && legacy.status !== fresh.status) findings.add('status', legacy.status, fresh.status);
  for (const name of settings.headers) {
    const one = toComparable(name, fieldValue(legacy.fields, name));
    const other = toComparable(name, fieldValue(fresh.fields, name));
    if (one !== other) findings.add(`header ${name}`, one, other);
  }
  compareBodies(legacy, fresh, settings, findings);
  return findings;
}

function compareBodies(
  legacy: ComparableAnswer,
  fresh: ComparableAnswer,
  settings: CompareSettings,
  findings: Findings,
): void {
  const { body, normalize, tolerance } = settings;
  if (body === 'none') return;
  const asTheyAre = normalize === undefined && legacy.mapped === undefined && fresh.mapped === undefined;
  if (asTheyAre && legacy.body.equals(fresh.body)) return;
  const as = body === 'text' ? 'text' : 'structure';
  const read = (answer: ComparableAnswer): ComparableBody => {
    if (answer.mapped) return { kind: 'json', value: answer.mapped.value };
    if (normalize) return { kind: 'json', value: normalize.evaluate({ answer: seenByNormalizer(answer, as) }) };
    return readComparableBody(answer.body, fieldValue(answer.fields, 'content-type'), as);
  };
  const [one, other] = [read(legacy), read(fresh)];
  if (one.kind === 'json' && other.kind === 'json') {
    diffJson(one.value, other.value, settings, findings);
  } else if ('root' in one && 'root' in other && one.kind === other.kind) {
    diffMarkup(one.root, other.root, settings, findings);
  } else if ('text' in one && 'text' in other) {
    diffLines(one.text, other.text, tolerance, findings);
  } else {
    findings.opaque = one.kind === 'bytes' || other.kind === 'bytes';
    findings.add('body', describe(one, legacy), describe(other, fresh));
  }
}

/** JSON as a value, and everything else as text. */
export function seenByNormalizer({ status, fields, body }: ComparableAnswer, as: 'structure' | 'text' = 'structure') {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = (fields[index] ?? '').toLowerCase();
    headers[name] ??= fieldValue(fields, name) ?? '';
  }
  const read = readComparableBody(body, fieldValue(fields, 'content-type'), as);
  return { status, headers, body: read.kind === 'json' ? read.value : body.toString() };
}

function describe(read: ComparableBody, { body }: ComparableAnswer): unknown {
  if (read.kind === 'json') return read.value;
  if (read.kind === 'bytes') return counted(read.size, 'byte');
  return body.length === 0 ? undefined : body.toString();
}

/** The value of a field by its lower-case name; that of a repeated one is joined with `, `. */
export function fieldValue(fields: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const each = fields[index] ?? '';
    if (each.length !== name.length || each.toLowerCase() !== name) continue;
    found = found === undefined ? fields[index + 1] : `${found}, ${fields[index + 1]}`;
  }
  return found;
}

/**
 * Media types are the same in any case and with any blanks around the semicolon (RFC 9110 §8.3.1).
 */
function toComparable(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  return name === 'content-type' ? value.toLowerCase().replace(/\s*;\s*/g, ';') : value;
}
