// A View as feeds: each event goes into the feeds of its owners, the newest
// first, or comes out of them.
import { compileTemplate } from '../../../core/cel/template.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { VIEW_FEED } from '../../../core/views/view-layout.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import { createEventReader } from './event-reader.ts';
import { compileEntry, type FeedSpec, toEntry } from './feed-entry.ts';
import { DELETE, isDelete } from './operation.ts';
import { timeToLiveOf } from './time-to-live.ts';
import type { PlainShape } from './view-shape.ts';

/** Owners of one event: each gets a record of its own. */
const MAX_OWNERS = 10_000;

export function compileFeed(spec: FeedSpec & { readonly owner: string }, filter: string | undefined): PlainShape {
  const read = createEventReader(filter);
  const owner = compileTemplate(spec.owner, scopeOf('event'));
  const entryOf = compileEntry(spec);

  return {
    project(record) {
      const event = read(record);
      if (event === undefined) return [];
      const owners = toOwners(owner.evaluate({ event }), spec.owner);
      const { bytes: value, isGone } = entryOf(event, record);
      return owners.map(key => (isGone ? { key, value, headers: DELETE } : { key, value }));
    },
    async toChanges(records, _scope, store) {
      const { limit, ttl } = spec;
      return records.map((record): Change => {
        const whose = record.key ?? '';
        const { id, at, shown } = toEntry(record.value);
        if (isDelete(record)) return { kind: 'unpush', feed: VIEW_FEED, owner: whose, id };
        const ttlMs = timeToLiveOf(record, ttl, store.now());
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
