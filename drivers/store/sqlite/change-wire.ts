// How the changes of an `apply` cross to the thread that makes them.
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { Change, Score } from '../changes.ts';
import type { Value } from '../values.ts';
import { packBytes, packMaybe, packMaybeBytes, unpackMaybe } from './wire.ts';

const KINDS = [
  'put',
  'delete',
  'put-row',
  'delete-row',
  'score',
  'unrank',
  'push',
  'unpush',
  'count',
  'set-timer',
  'cancel-timer',
] as const satisfies readonly Change['kind'][];
const MODES = ['sum', 'max', 'last'] as const satisfies readonly Score['mode'][];

export function packChange(out: ByteWriter, change: Change): void {
  out.u8(KINDS.indexOf(change.kind));
  switch (change.kind) {
    case 'put':
      out.text(change.key);
      out.f64(change.ttlMs);
      packBytes(out, change.value);
      return;
    case 'delete':
      out.text(change.key);
      return;
    case 'put-row': {
      out.text(change.table);
      out.text(change.key);
      packMaybe(out, change.ttlMs);
      const indexes = Object.entries(change.indexes ?? {});
      out.u8(indexes.length);
      for (const [index, values] of indexes) {
        out.text(index);
        packValues(out, values);
      }
      packBytes(out, change.value);
      return;
    }
    case 'delete-row':
      out.text(change.table);
      out.text(change.key);
      return;
    case 'score':
      out.text(change.ranking);
      out.text(change.member);
      out.f64(change.score);
      out.u8(MODES.indexOf(change.mode));
      out.u32(change.limit);
      packMaybe(out, change.ttlMs);
      packMaybeBytes(out, change.value);
      return;
    case 'unrank':
      out.text(change.ranking);
      out.text(change.member);
      return;
    case 'push':
      out.text(change.feed);
      out.text(change.owner);
      out.text(change.id);
      out.f64(change.at);
      out.u32(change.limit);
      packMaybe(out, change.ttlMs);
      packBytes(out, change.value);
      return;
    case 'unpush':
      out.text(change.feed);
      out.text(change.owner);
      out.text(change.id);
      return;
    case 'count':
      out.text(change.counter);
      out.f64(change.by);
      packMaybe(out, change.ttlMs);
      return;
    case 'set-timer':
      out.text(change.timer);
      out.f64(change.inMs);
      packBytes(out, change.payload);
      return;
    case 'cancel-timer':
      out.text(change.timer);
      return;
  }
}

/** Values are views of the request. */
export function unpackChange(from: ByteReader): Change {
  const kind = KINDS[from.u8()];
  switch (kind) {
    case 'put':
      return { kind, key: from.text(), ttlMs: from.f64(), value: from.sized() };
    case 'delete':
      return { kind, key: from.text() };
    case 'put-row':
      return {
        kind,
        table: from.text(),
        key: from.text(),
        ttlMs: unpackMaybe(from),
        indexes: unpackIndexes(from),
        value: from.sized(),
      };
    case 'delete-row':
      return { kind, table: from.text(), key: from.text() };
    case 'score':
      return {
        kind,
        ranking: from.text(),
        member: from.text(),
        score: from.f64(),
        mode: MODES[from.u8()] ?? 'last',
        limit: from.u32(),
        ttlMs: unpackMaybe(from),
        value: from.u8() === 0 ? undefined : from.sized(),
      };
    case 'unrank':
      return { kind, ranking: from.text(), member: from.text() };
    case 'push':
      return {
        kind,
        feed: from.text(),
        owner: from.text(),
        id: from.text(),
        at: from.f64(),
        limit: from.u32(),
        ttlMs: unpackMaybe(from),
        value: from.sized(),
      };
    case 'unpush':
      return { kind, feed: from.text(), owner: from.text(), id: from.text() };
    case 'count':
      return { kind, counter: from.text(), by: from.f64(), ttlMs: unpackMaybe(from) };
    case 'set-timer':
      return { kind, timer: from.text(), inMs: from.f64(), payload: from.sized() };
    case 'cancel-timer':
      return { kind, timer: from.text() };
    default:
      throw new RangeError('a change of no known kind');
  }
}

function unpackIndexes(from: ByteReader): Record<string, readonly Value[]> {
  const indexes: [string, readonly Value[]][] = [];
  for (let count = from.u8(); count > 0; count--) indexes.push([from.text(), unpackValues(from)]);
  return Object.fromEntries(indexes);
}

const TYPES = { null: 0, false: 1, true: 2, number: 3, text: 4 } as const;

function packValues(out: ByteWriter, values: readonly Value[]): void {
  out.u32(values.length);
  for (const value of values) {
    if (typeof value === 'number') {
      out.u8(TYPES.number);
      out.f64(value);
    } else if (typeof value === 'string') {
      out.u8(TYPES.text);
      out.text(value);
    } else {
      out.u8(value === null ? TYPES.null : value ? TYPES.true : TYPES.false);
    }
  }
}

function unpackValues(from: ByteReader): Value[] {
  const values: Value[] = [];
  for (let count = from.u32(); count > 0; count--) {
    const type = from.u8();
    if (type === TYPES.number) values.push(from.f64());
    else if (type === TYPES.text) values.push(from.text());
    else values.push(type === TYPES.null ? null : type === TYPES.true);
  }
  return values;
}
