// Refuses names, documents and questions that no search index can take.
import * as z from 'zod';
import { TenfoldError } from '../../core/errors.ts';
import { invalidSearch } from './invalid.ts';
import { type DocumentChange, MAX_DOCUMENT, MAX_DOCUMENT_CHANGES } from './search-index.ts';

const MAX_ID = 512;
const MAX_BYTES = 16 * 1024 * 1024;

/** Elasticsearch allows the same names. */
export function assertIndexName(name: string): void {
  if (!/^[a-z0-9][a-z0-9._-]{0,199}$/.test(name))
    throw invalidSearch(
      `'${name}' cannot be the name of a search index: 1 to 200 lower-case letters, digits, '.', '_' and '-', a letter or digit first.`,
    );
}

/** The documents as JSON, by place, and the bytes that they take. */
export function assertDocumentChanges(changes: readonly DocumentChange[]): {
  readonly documents: readonly string[];
  readonly bytes: number;
} {
  if (changes.length > MAX_DOCUMENT_CHANGES)
    throw invalidSearch(`${changes.length} changes are too many at once; ${MAX_DOCUMENT_CHANGES} are allowed.`);
  let bytes = 0;
  const documents = changes.map(change => {
    if (change.id === '' || Buffer.byteLength(change.id) > MAX_ID || !change.id.isWellFormed())
      throw invalidSearch(`The id of a document must be 1 to ${MAX_ID} bytes of well-formed text.`);
    if (!Number.isSafeInteger(change.version) || change.version < 0)
      throw invalidSearch(
        `The version of document '${change.id}' is ${change.version}; it must be a whole number from 0 on.`,
      );
    if (change.kind === 'delete') return '';
    if (change.ttlMs !== undefined && !(change.ttlMs >= 1))
      throw invalidSearch(`The time to live of document '${change.id}' must be 1 ms or more.`);
    const text = JSON.stringify(change.document).toWellFormed();
    const length = Buffer.byteLength(text);
    if (length > MAX_DOCUMENT)
      throw tooLarge(`Document '${change.id}' has ${length} bytes; ${MAX_DOCUMENT} are allowed.`);
    bytes += length;
    return text;
  });
  if (bytes > MAX_BYTES) throw tooLarge(`The documents have ${bytes} bytes; ${MAX_BYTES} are allowed at once.`);
  return { documents, bytes };
}

export function parsed<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidSearch(`${what} cannot be used: ${z.prettifyError(result.error)}`);
}

function tooLarge(message: string): TenfoldError {
  return new TenfoldError('body-too-large', message);
}
