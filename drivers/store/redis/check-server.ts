// Checks what servers report of themselves. It refuses servers that would lose state by design, as
// they evict keys when memory is short, and servers that lack what the scripts use.
import { TenfoldError } from '../../../core/errors.ts';
import type { RedisLink } from './link.ts';
import { textReply } from './replies.ts';

/**
 * PEXPIRETIME and scripts that are refused nothing once they have written came with it. Valkey
 * tells a version of Redis, too.
 */
const OLDEST = 7;
/**
 * A script that may write and does nothing is refused wherever a write would be, for whatever
 * reason: too few replicas, a disk that cannot be written.
 * INFO tells none of that. Allowed when memory has run out: then there is
 * still much that can be done.
 */
const WRITES_NOTHING = '#!lua flags=allow-oom\nreturn 1';

/**
 * The fault of the servers: `storage-unusable` as long as an operator does not change them,
 * `store-unavailable` where it passes; undefined when there is none. It asks by INFO, since CONFIG
 * is switched off on many hosted servers. It rejects with the error of a server that takes no
 * writes, or with the reason why none can be asked.
 */
export async function findFault(link: RedisLink): Promise<TenfoldError | undefined> {
  const answers = await link.onEach(['INFO']);
  for (const answer of answers) {
    const info = textReply(answer);
    const unusable = findUnusable(info);
    if (unusable !== undefined) return new TenfoldError('storage-unusable', unusable);
    const unready = findUnready(info);
    if (unready !== undefined) return new TenfoldError('store-unavailable', unready);
  }
  await link.onEach(['EVAL', WRITES_NOTHING, '0']);
  return undefined;
}

export async function assertFit(link: RedisLink): Promise<void> {
  const fault = await findFault(link);
  if (fault !== undefined) throw fault;
}

/**
 * A server that starts anew has another id, too: writes that were not on its disk yet are gone. A
 * server that has become a replica loses its latest writes. They have to be repeated from the time
 * when it changed, though the connection to it stays.
 */
export async function keeperOf(link: RedisLink): Promise<string> {
  const answers = await link.onEach(['INFO']);
  return answers
    .map(answer => {
      const info = textReply(answer);
      return field(info, 'run_id') + (isReplica(info) ? ' replica' : '');
    })
    .sort()
    .join(' ');
}

function findUnusable(info: string): string | undefined {
  const version = field(info, 'redis_version');
  if (Number.parseInt(version, 10) < OLDEST) return `Redis ${version} is too old; ${OLDEST}.0 or later is needed.`;
  const policy = field(info, 'maxmemory_policy');
  if (policy !== 'noeviction')
    return `Redis would drop keys when its memory is full (maxmemory-policy is ${policy}); it must be noeviction, so that nothing is lost silently.`;
  return undefined;
}

function findUnready(info: string): string | undefined {
  if (field(info, 'loading') === '1') return 'Redis is still loading its data; it answers when it has read all of it.';
  if (isReplica(info)) return 'This Redis is a replica and takes no writes; the address must lead to its primary.';
  return undefined;
}

function isReplica(info: string): boolean {
  return field(info, 'role') === 'slave';
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
}
