// Takes the header fields of an upstream's answer over into ours.
import { HEADER_PREFIX } from '../../core/wire.ts';
import { isHopByHop } from '../http/hop-by-hop.ts';

/** Name and value in turn, without hop-by-hop fields, those that `Connection` names, and those that are ours alone. */
export function toResponseFields(raw: Buffer[] | string[] | object | null | undefined): string[] {
  const fields: string[] = [];
  if (!Array.isArray(raw)) return fields;
  let named: Set<string> | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = text(raw[index]);
    const lower = name.toLowerCase();
    const value = text(raw[index + 1]);
    if (lower === 'connection') {
      for (const token of value.toLowerCase().split(',')) {
        const other = token.trim();
        if (other !== 'keep-alive' && other !== 'close' && other !== '') named = (named ?? new Set()).add(other);
      }
    }
    if (isHopByHop(lower) || lower.startsWith(HEADER_PREFIX)) continue;
    fields.push(name, value);
  }
  if (named === undefined) return fields;
  const kept: string[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    if (!named.has(name.toLowerCase())) kept.push(name, fields[index + 1] ?? '');
  }
  return kept;
}

/** Header bytes are latin-1 on the wire, and node:http writes strings as latin-1. */
function text(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
}
