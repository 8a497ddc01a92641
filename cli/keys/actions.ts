// The actions of `tenfold keys`: a key exists in clear text only while it is printed.
import { hash, randomBytes } from 'node:crypto';
import { counted } from '../../core/units/counted.ts';
import { CommandError } from '../command-error.ts';
import { renderData } from '../output/render.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';
import type { KeyStore } from './key-store.ts';

type Format = 'table' | 'json' | 'yaml';

interface Result {
  readonly data?: string;
  readonly talk: string;
}

/** The names that a Kubernetes Secret allows for an entry. */
const CONSUMER = /^[-._a-zA-Z0-9]{1,128}$/;

export function createKey(store: KeyStore, consumer: string, rotate: boolean, format: Format): Result {
  if (!CONSUMER.test(consumer)) {
    throw new CommandError('usage', 'The name of a consumer has letters, digits, ".", "_" and "-", at most 128.');
  }
  const entries = store.read();
  const before = hashesOf(entries, consumer);
  if (before.length > 0 && !rotate) {
    throw new CommandError('consumer-exists', `${consumer} has a key for ${store.owner} already.`);
  }
  // The first letters tell people and secret scanners that it is a key.
  const key = `tfk_${randomBytes(32).toString('base64url')}`;
  store.write({ ...entries, [consumer]: [...before, hash('sha256', key, 'hex')].join(' ') });
  const data = format === 'table' ? key : renderData({ consumer, header: store.header, key }, format);
  return { data, talk: `Key of ${consumer} for ${store.owner}, to be sent in ${store.header}. It is not shown again.` };
}

export function listKeys(store: KeyStore, format: Format, { columns }: Pick<Terminal, 'columns'>): Result {
  const entries = store.read();
  const rows = Object.keys(entries).map(consumer => ({
    consumer,
    // Enough to tell which is which; a hash of 256 random bits gives nothing away.
    keys: hashesOf(entries, consumer).map(each => each.slice(0, 8)),
  }));
  const talk = `${counted(rows.length, 'consumer')} of ${store.owner}.`;
  if (format !== 'table') return { data: renderData({ secret: store.secret, items: rows }, format), talk };
  if (rows.length === 0) return { talk };
  const table = renderTable(
    [
      { title: 'CONSUMER', value: row => row.consumer },
      { title: 'KEYS', value: row => row.keys.length },
      { title: 'SHA-256', value: row => row.keys.map(key => `${key}…`).join(' ') },
    ],
    rows,
    columns,
  );
  return { data: table, talk };
}

export function revokeKeys(store: KeyStore, consumer: string, onlyOld: boolean, format: Format): Result {
  const entries = store.read();
  const before = hashesOf(entries, consumer);
  if (before.length === 0) throw new CommandError('no-consumer', `${consumer} has no key for ${store.owner}.`);
  const kept = onlyOld ? before.slice(-1) : [];
  const { [consumer]: _taken, ...others } = entries;
  store.write(kept.length === 0 ? others : { ...others, [consumer]: kept.join(' ') });
  const revoked = before.length - kept.length;
  const talk = `${counted(revoked, 'key')} of ${consumer} taken back; ${kept.length} left.`;
  return {
    ...(format === 'table' ? {} : { data: renderData({ consumer, revoked, left: kept.length }, format) }),
    talk,
  };
}

/** Oldest first. */
function hashesOf(entries: Readonly<Record<string, string>>, consumer: string): string[] {
  const value = Object.hasOwn(entries, consumer) ? (entries[consumer] ?? '') : '';
  return value.split(/\s+/).filter(each => each !== '');
}
