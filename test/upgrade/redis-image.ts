// What is in a Redis, as text: each key with its type, its values in base64, and when it
// ends by the server's clock.
import { createClient, RESP_TYPES } from '@redis/client';

export type RedisImage = readonly KeyImage[];

interface KeyImage {
  readonly key: string;
  readonly type: string;
  /**
   * Of a string the value, of a hash names and values in turn, of a sorted set members and scores
   * in turn, of a set or a list what is in it.
   */
  readonly values: readonly string[];
  /** Milliseconds since 1970; -1: never. */
  readonly ends: number;
}

const READ: Readonly<Record<string, (key: Buffer) => (string | Buffer)[]>> = {
  string: key => ['GET', key],
  hash: key => ['HGETALL', key],
  zset: key => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  set: key => ['SMEMBERS', key],
  list: key => ['LRANGE', key, '0', '-1'],
};

const encode = (bytes: Buffer): string => bytes.toString('base64');
const decode = (text: string): Buffer => Buffer.from(text, 'base64');

export async function dumpRedis(url: string): Promise<RedisImage> {
  return withClient(url, async ask => {
    const names = listOf(await ask(['KEYS', '*'])).toSorted(Buffer.compare);
    const keys: KeyImage[] = [];
    for (const name of names) {
      const type = String(await ask(['TYPE', name]));
      const read = READ[type];
      if (!read) throw new Error(`${name} has the type ${type}, which is not known here.`);
      const reply = await ask(read(name));
      const values = Array.isArray(reply) ? listOf(reply) : listOf([reply]);
      const sorted = type === 'set' ? values.toSorted(Buffer.compare) : values;
      keys.push({
        key: encode(name),
        type,
        values: sorted.map(encode),
        ends: Number(await ask(['PEXPIRETIME', name])),
      });
    }
    return keys;
  });
}

interface Changes {
  /** All ends later than they were. */
  readonly shiftMs?: number;
  readonly rename?: (bytes: Buffer) => Buffer;
}

/** Into a server that has nothing. What has ended by its clock is not there. */
export async function loadRedis(
  url: string,
  keys: RedisImage,
  { shiftMs = 0, rename = bytes => bytes }: Changes = {},
): Promise<void> {
  await withClient(url, async ask => {
    for (const { key, type, values, ends } of keys) {
      const name = decode(key);
      const all = values.map(value => rename(decode(value)));
      switch (type) {
        case 'string':
          await ask(['SET', name, ...all]);
          break;
        case 'hash':
          await ask(['HSET', name, ...all]);
          break;
        case 'zset':
          for (let at = 0; at < all.length; at += 2) await ask(['ZADD', name, all[at + 1] ?? '', all[at] ?? '']);
          break;
        case 'set':
          await ask(['SADD', name, ...all]);
          break;
        default:
          await ask(['RPUSH', name, ...all]);
      }
      if (ends >= 0) await ask(['PEXPIREAT', name, String(ends + shiftMs)]);
    }
  });
}

type Ask = (args: readonly (string | Buffer)[]) => Promise<unknown>;

async function withClient<T>(url: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const client = await createClient({ url, RESP: 2 }).connect();
  try {
    return await work(args =>
      client.sendCommand<unknown>([...args], { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }),
    );
  } finally {
    client.destroy();
  }
}

function listOf(reply: unknown): Buffer[] {
  if (!Array.isArray(reply)) throw new Error('A list was expected.');
  return reply.map(each => {
    if (!Buffer.isBuffer(each)) throw new Error('Bytes were expected.');
    return each;
  });
}
