// Answers from the newest look at the platform, for callers who follow it and so look often: what
// was made for one of them is for all, and who has the answer is told that it is the same.
import { createHash } from 'node:crypto';
import { namespacesOf } from '../access/scope.ts';
import type { Gathered } from '../gathered.ts';
import type { Given } from '../routing/route.ts';
import type { Made } from './shared-answers.ts';

/**
 * `Cache-Control: max-age` of the request says how old the look may be (RFC 9111, 5.2.1.1). Without
 * it, or where nobody follows changes, `make` gets nothing and asks the platform itself.
 *
 * Undefined: the caller was told by the status 304 that its answer is still the one.
 */
export async function fromLook<T>(
  { live, response, scope, whole }: Given,
  make: (gathered: Gathered | undefined) => Promise<Made<T>>,
): Promise<T | undefined> {
  const { req } = response;
  const look = live.lookWithin(oldestMs(req.get('cache-control')));
  if (look === undefined) return (await make(undefined)).answer;
  const whose = scope.all ? 'all' : [...namespacesOf(whole)].filter(scope.has).toSorted();
  const hash = createHash('sha256').update(JSON.stringify(whose)).digest('base64url').slice(0, 16);
  const tag = `W/"${live.epoch}-${look.version}-${hash}"`;
  if (req.get('if-none-match') === tag) {
    response.setHeader('etag', tag);
    response.status(304).end();
    return undefined;
  }
  const { answer, lasts } = await live.answers.of(look.version, `${hash} ${req.originalUrl}`, () =>
    make(look.gathered),
  );
  if (lasts) response.setHeader('etag', tag);
  return answer;
}

function oldestMs(header: string | undefined): number {
  return 1_000 * Number(/(?:^|,)\s*max-age=(\d{1,6})\s*(?:,|$)/i.exec(header ?? '')?.[1] ?? 0);
}
