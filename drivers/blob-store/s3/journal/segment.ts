// A segment of the journal of changes: lines of JSON, of which the first says which call wrote it.
import { TenfoldError } from '../../../../core/errors.ts';
import type { BlobChange } from '../../blob-store.ts';

export interface Segment {
  readonly id: string;
  readonly changes: readonly BlobChange[];
}

export function packSegment({ id, changes }: Segment): string {
  return [{ id, changes: changes.length }, ...changes].map(line => `${JSON.stringify(line)}\n`).join('');
}

export function unpackSegment(text: string, name: string): Segment {
  const [head, ...rest] = text.trimEnd().split('\n').map(parseLine);
  const changes = rest.map(toChange);
  if (typeof head?.['id'] !== 'string' || head['changes'] !== changes.length || changes.includes(undefined))
    throw new TenfoldError(
      'data-corrupt',
      `The object '${name}' is no segment of the journal of changes. List the objects and go on from a new cursor.`,
    );
  return { id: head['id'], changes: changes.filter(change => change !== undefined) };
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

function toChange(line: Readonly<Record<string, unknown>> | undefined): BlobChange | undefined {
  const { kind, key, etag, size, at } = line ?? {};
  if (typeof key !== 'string' || typeof at !== 'number') return undefined;
  if (kind === 'deleted') return { kind, key, etag: undefined, size: undefined, at };
  if (kind !== 'written' || typeof etag !== 'string' || typeof size !== 'number') return undefined;
  return { kind, key, etag, size, at };
}
