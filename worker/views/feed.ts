// A View as feeds: each event goes into the feeds of its owners, the newest first, or comes out of them.
import { compileJsonTemplate } from '../../core/cel/json-template.ts';
import { compileTemplate } from '../../core/cel/template.ts';
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../core/errors.ts';
import { VIEW_FEED } from '../../core/views/view-layout.ts';
import { parseTimestamp } from '../../core/world.ts';
import type { Change } from '../../drivers/store/changes.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import { compileCondition, compileKey, createEventReader } from './event-reader.ts';
import { DELETE, isDelete, parseValue } from './operation.ts';
import type { ViewShape } from './view-shape.ts';

type FeedSpec = NonNullable<Resource<'View'>['spec']['feed']>;

/** What a record says of an entry of its owner. */
interface Entry {
  readonly id: string;
  readonly at: number;
  /** JSON text. */
  readonly shown: string;
}

/** Owners of one event: each gets a record of its own. */
const MAX_OWNERS = 10_000;

export function compileFeed(spec: FeedSpec & { readonly owner: string }, filter: string | undefined): ViewShape {
  const read = createEventReader(filter);
  const owner = compileTemplate(spec.owner, scopeOf('event'));
  const ownersOf = (event: CloudEvent) => toOwners(owner.evaluate({ event }), spec.owner);
  const idOf = compileKey('The id of the entry', spec.id);
  const deletes = compileCondition(spec.delete);
  const value = spec.value === undefined ? undefined : compileJsonTemplate(spec.value, scopeOf('event'));

  return {
    project(record) {
      const event = read(record);
      if (event === undefined) return [];
      const owners = ownersOf(event);
      const id = idOf(event);
      const gone = deletes(event);
      const json = value ? value.evaluate({ event }) : event.data;
      if (!gone && (json instanceof Uint8Array || json === undefined)) {
        throw new TenfoldError(
          'expression-failed',
          'The event has no data that are JSON, and the feed has no "value".',
        );
      }
      const at = (event.time === undefined ? undefined : parseTimestamp(event.time)) ?? record.timestamp;
      const made: Entry = { id, at, shown: gone ? '' : JSON.stringify(json) };
      const bytes = Buffer.from(JSON.stringify(made));
      return owners.map(key => (gone ? { key, value: bytes, headers: DELETE } : { key, value: bytes }));
    },
    async toChanges(records) {
      const { limit, ttl: ttlMs } = spec;
      return records.map((record): Change => {
        const whose = record.key ?? '';
        const { id, at, shown } = toEntry(record.value);
        if (isDelete(record)) return { kind: 'unpush', feed: VIEW_FEED, owner: whose, id };
        return { kind: 'push', feed: VIEW_FEED, owner: whose, id, at, value: shown, limit, ttlMs };
      });
    },
  };
}

function toOwners(value: unknown, source: string): string[] {
  const owners = [...new Set([value].flat())];
  if (owners.length > MAX_OWNERS) {
    throw new TenfoldError(
      'expression-failed',
      `The owners, ${source}, are ${owners.length}; ${MAX_OWNERS} are allowed.`,
    );
  }
  return owners.map(each => {
    if (typeof each === 'string' && each !== '') return each;
    throw new TenfoldError('expression-failed', `The owner, ${source}, is no text or list of texts.`);
  });
}

function toEntry(bytes: Uint8Array): Entry {
  const made = parseValue(bytes);
  if (typeof made === 'object' && made !== null && 'id' in made && 'at' in made && 'shown' in made) {
    const { id, at, shown } = made;
    if (typeof id === 'string' && typeof at === 'number' && typeof shown === 'string') return { id, at, shown };
  }
  throw new TenfoldError('invalid-input', 'A record of the feed has no entry.');
}
