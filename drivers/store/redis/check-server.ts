// What servers say of themselves. Refused are those that would lose state by design, which evict keys when memory is short, and those that lack what the scripts use.
import { TenfoldError } from '../../../core/errors.ts';
import type { Link } from './link.ts';
import { textOf } from './replies.ts';

/** PEXPIRETIME and scripts that are refused nothing once they have written came with it. Valkey tells a version of Redis, too. */
const OLDEST = 7;

/** What is wrong with the servers; undefined when nothing is. INFO, since CONFIG is switched off on many hosted servers. */
export async function findFault(link: Link): Promise<string | undefined> {
  const answers = await link.onEach(['INFO']);
  for (const answer of answers) {
    const info = textOf(answer);
    const version = field(info, 'redis_version');
    if (Number.parseInt(version, 10) < OLDEST) return `Redis ${version} is too old; ${OLDEST}.0 or later is needed.`;
    const policy = field(info, 'maxmemory_policy');
    if (policy !== 'noeviction')
      return `Redis would drop keys when its memory is full (maxmemory-policy is ${policy}); it must be noeviction, so that nothing is lost silently.`;
  }
  return undefined;
}

export async function assertFit(link: Link): Promise<void> {
  const fault = await findFault(link);
  if (fault !== undefined) throw new TenfoldError('storage-unusable', fault);
}

/** A server that starts anew has another id, too: what was not on its disk yet is gone. */
export async function keeperOf(link: Link): Promise<string> {
  const answers = await link.onEach(['INFO', 'server']);
  return answers
    .map(answer => field(textOf(answer), 'run_id'))
    .sort()
    .join(' ');
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
}
