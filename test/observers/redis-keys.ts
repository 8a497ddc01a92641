// Reads what Redis has with another client than the platform's own (ioredis), and takes rows apart
// by itself: what a driver passed over or misread would be hidden from its own endpoints, too.
import { Redis } from 'ioredis';

export interface RedisKeys {
  /** All keys of the installation, and of those in scopes which and under which name. */
  all(): Promise<readonly SeenKey[]>;
  /** Names that the catalog of the scope lists. */
  catalog(scope: string): Promise<ReadonlySet<string>>;
  /** Of each of these scopes, its rows of a table by their keys. */
  rows(scopes: readonly string[], table: string): Promise<ReadonlyMap<string, Buffer>>;
  /** Of each of these scopes, the members of a sorted set with their scores. */
  sorted(scopes: readonly string[], name: string): Promise<readonly (readonly [member: string, score: number])[]>;
  text(key: string): Promise<string | null>;
  close(): void;
}

export interface SeenKey {
  readonly key: string;
  /** Undefined of keys that are in none. */
  readonly scope: string | undefined;
  /** What the key is called in its scope. */
  readonly name: string;
  /** Milliseconds; -1 when it has no end. */
  readonly livesMs: number;
}

const SCOPED = /^\{(.*?)\}:(.*)$/s;
const SCANNED_AT_ONCE = '1000';
/** Of a row: when it ends, how long its version is, and its places in indexes. */
const ROW_HEAD = 13;

/** `prefix`: what all keys of the installation begin with. */
export async function openRedisKeys(url: string, prefix: string): Promise<RedisKeys> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  // Each call rejects as well.
  client.on('error', () => {});
  await client.connect();
  const keyOf = (scope: string, name: string) => `${prefix}:{${encode(scope)}}:${name}`;
  const withEnds = async (keys: readonly string[]): Promise<SeenKey[]> => {
    const ends = await Promise.all(keys.map(key => client.pttl(key)));
    return keys.flatMap((key, index) => {
      const livesMs = ends[index] ?? -2;
      const [, scope, name] = SCOPED.exec(key.slice(prefix.length + 1)) ?? [];
      // It has ended since it was found.
      if (livesMs === -2) return [];
      return [{ key, scope: scope === undefined ? undefined : decode(scope), name: name ?? '', livesMs }];
    });
  };
  return {
    async all() {
      const found = new Set<string>();
      let cursor = '0';
      do {
        const [next, keys] = await client.scan(cursor, 'MATCH', `${prefix}:*`, 'COUNT', SCANNED_AT_ONCE);
        for (const key of keys) found.add(key);
        cursor = next;
      } while (cursor !== '0');
      return await withEnds([...found]);
    },
    catalog: async scope => new Set(await client.smembers(keyOf(scope, '~'))),
    async rows(scopes, table) {
      const each = await Promise.all(scopes.map(scope => client.hgetallBuffer(keyOf(scope, `r${table}`))));
      return new Map(each.flatMap(rows => Object.entries(rows)).map(([key, row]) => [key, rowValue(row)]));
    },
    async sorted(scopes, name) {
      const each = await Promise.all(scopes.map(scope => client.zrange(keyOf(scope, name), '0', '-1', 'WITHSCORES')));
      return each.flatMap(pairsOf);
    },
    text: key => client.get(key),
    close: () => client.disconnect(),
  };
}

/** What has neither an owner, who drops it with its scope, nor an end. */
export async function ownerless(keys: RedisKeys): Promise<string[]> {
  const all = await keys.all();
  const forever = all.filter(({ livesMs }) => livesMs === -1);
  const scopes = [...new Set(forever.flatMap(({ scope }) => (scope === undefined ? [] : [scope])))];
  const catalogs = new Map(await Promise.all(scopes.map(async scope => [scope, await keys.catalog(scope)] as const)));
  return forever.flatMap(({ key, scope, name }) => {
    // Which server has had the data since when: one of them for the whole installation.
    if (scope === undefined) return key.endsWith(':epoch') ? [] : [`${key} is in no scope and has no end`];
    if (name === '~' || catalogs.get(scope)?.has(name)) return [];
    return [`${key} has no end, and its scope does not know it`];
  });
}

function rowValue(row: Buffer): Buffer {
  return row.subarray(ROW_HEAD + row.readUInt8(8) + row.readUInt32BE(9));
}

function pairsOf(flat: readonly string[]): (readonly [string, number])[] {
  return flat.flatMap((member, index) => (index % 2 === 0 ? [[member, Number(flat[index + 1])] as const] : []));
}

const encode = (scope: string) => scope.replaceAll('%', '%25').replaceAll('}', '%7D');
const decode = (text: string) => text.replaceAll('%7D', '}').replaceAll('%25', '%');
