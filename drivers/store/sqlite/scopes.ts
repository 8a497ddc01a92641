// Which scopes hold something, and when the next thing of any of them is
// over: for those who clean up.
import type { DatabaseSync } from 'node:sqlite';
import { maybeNumberColumn, maybeTextColumn } from '../../sqlite/columns.ts';

const TABLES = ['store_row', 'store_ranking', 'store_feed', 'store_counter', 'store_timer', 'store_position'] as const;
const WITH_EXPIRY = ['store_row', 'store_ranking', 'store_feed', 'store_counter'] as const;

export interface ScopeReader {
  list(prefix: string, after: string, limit: number): readonly string[];
  /** By the store's clock. */
  nextExpiry(): number | undefined;
}

export function openScopeReader(db: DatabaseSync): ScopeReader {
  // Each jumps from one scope to the next, however much they hold.
  const jumps = TABLES.map(table => db.prepare(`SELECT min(scope) AS scope FROM ${table} WHERE scope > ?`));
  const begins = TABLES.map(table => db.prepare(`SELECT min(scope) AS scope FROM ${table} WHERE scope >= ?`));
  const expiries = WITH_EXPIRY.map(table =>
    db.prepare(`SELECT min(expires) AS at FROM ${table} WHERE expires IS NOT NULL`),
  );
  const first = (statements: typeof jumps, than: string) => {
    const found = statements.map(statement => maybeTextColumn(statement.get(than) ?? {}, 'scope'));
    return found.filter(scope => scope !== undefined).sort(byBytes)[0];
  };
  return {
    list(prefix, after, limit) {
      const scopes: string[] = [];
      let scope = byBytes(after, prefix) < 0 ? first(begins, prefix) : first(jumps, after);
      while (scope?.startsWith(prefix) && scopes.length < limit) {
        scopes.push(scope);
        scope = first(jumps, scope);
      }
      return scopes;
    },
    nextExpiry() {
      const times = expiries
        .map(statement => maybeNumberColumn(statement.get() ?? {}, 'at'))
        .filter(at => at !== undefined);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}

/** UTF-8 order, as SQLite has it; that of JavaScript differs beyond U+FFFF. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
