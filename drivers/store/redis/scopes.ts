// Which scopes there are in Redis: looked up in their catalogs, a handful of keys at a time (SCAN),
// since a list of its own could go astray.
import type { KeyNames } from './key-names.ts';
import type { RedisLink } from './link.ts';

export interface ScopeSource {
  readonly link: RedisLink;
  readonly names: KeyNames;
  holds(scope: string): Promise<boolean>;
}

/**
 * Takes as many steps as there are thousands of keys in all, so it is for
 * upkeep, not for every request.
 */
export async function listScopes(
  { link, names, holds }: ScopeSource,
  prefix: string,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const keys of link.scan(names.catalogs(prefix))) {
    for (const key of keys) {
      const scope = names.scopeOf(key.toString());
      if (scope?.startsWith(prefix) && byBytes(scope, after) > 0) found.add(scope);
    }
  }
  const scopes: string[] = [];
  for (const scope of [...found].sort(byBytes)) {
    if (scopes.length === limit) break;
    if (await holds(scope)) scopes.push(scope);
  }
  return scopes;
}

/** UTF-8 order; that of JavaScript differs beyond U+FFFF. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
