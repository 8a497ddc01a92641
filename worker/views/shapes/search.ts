// A View as documents that are found by words: each event puts or deletes the document of its id.

import { compileValue } from '../../../core/cel/value.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { toDoubles } from '../../../core/units/whole-numbers.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { type DocumentChange, MAX_DOCUMENT } from '../../../drivers/search-index/search-index.ts';
import type { IndexSettingsInput } from '../../../drivers/search-index/settings.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import type { Resource } from '../../../resources/resource.ts';
import { compileEventCondition, compileRequiredKey, createEventReader } from './event-reader.ts';
import { DELETE, isDelete, NOTHING, parseValue } from './operation.ts';
import { timeToLiveOf } from './time-to-live.ts';
import type { PlainShape } from './view-shape.ts';

type SearchSpec = NonNullable<Resource<'View'>['spec']['search']>;

/**
 * The index is written first, the position of the fold after that. A second owner, or a store that
 * has lost its newest changes, writes documents again. Each has the version that it had (its place
 * in the internal topic), and loses against the newer document.
 */
export function compileSearch(spec: SearchSpec, filter: string | undefined): PlainShape {
  const read = createEventReader(filter);
  const idOf = compileRequiredKey('The id of the document', spec.id);
  const deletes = compileEventCondition(spec.delete);
  const value = spec.document === undefined ? undefined : compileValue(spec.document, scopeOf('event'));

  return {
    index: toIndexSettings(spec),
    project(record) {
      const event = read(record);
      if (event === undefined) return [];
      const id = idOf(event);
      if (deletes(event)) return [{ key: id, value: NOTHING, headers: DELETE }];
      const document = value ? value.evaluate({ event }) : event.data;
      if (!isDocument(document)) {
        throw new TenfoldError('expression-failed', 'The document of the event is no object.');
      }
      assertHeld(document);
      const bytes = Buffer.from(JSON.stringify(document));
      if (bytes.length > MAX_DOCUMENT) {
        const message = `The document has ${bytes.length} bytes; ${MAX_DOCUMENT} are allowed.`;
        throw new TenfoldError('body-too-large', message);
      }
      return [{ key: id, value: bytes }];
    },

    async toChanges(records, _scope, store) {
      const latest = new Map(records.map(record => [record.key ?? '', record]));
      const changes = [...latest].map(([id, record]) =>
        toChange(id, record, timeToLiveOf(record, spec.ttl, store.now())),
      );
      for (const [index, outcome] of (await store.changeDocuments(changes)).entries()) {
        if (outcome.kind !== 'refused') continue;
        throw new TenfoldError(
          'invalid-input',
          `The document '${changes[index]?.id}' is not taken: ${outcome.reason}.`,
        );
      }
      return [];
    },
  };
}

/** Offsets begin at 0. */
function toChange(id: string, record: LogRecord, ttlMs: number | undefined): DocumentChange {
  const version = record.offset + 1;
  if (isDelete(record)) return { kind: 'delete', id, version };
  const document = parseValue(record.value);
  if (!isDocument(document)) throw new TenfoldError('invalid-input', 'A record of the View has no document.');
  assertHeld(document);
  return { kind: 'put', id, version, document, ttlMs };
}

/** A search index compares and shows doubles. */
function assertHeld(document: unknown): void {
  if (toDoubles(document) === document) return;
  const message = 'The document has a whole number beyond ±2^53, which a search index would round. Make it a text.';
  throw new TenfoldError('expression-failed', message);
}

function toIndexSettings({ fields, synonyms }: SearchSpec): IndexSettingsInput {
  const entries = Object.entries(fields).map(([name, field]): [string, IndexSettingsInput['fields'][string]] => {
    const { type, ...how } = field;
    return [name, type === 'text' ? { type, ...how } : { type }];
  });
  return { fields: Object.fromEntries(entries), synonyms };
}

function isDocument(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
