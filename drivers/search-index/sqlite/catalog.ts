// Which indexes and aliases there are, and what their settings mean; what an index is never
// changes, so it is remembered.
import type { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../../core/errors.ts';
import { numberColumn, textColumn } from '../../sqlite/columns.ts';
import { indexSettings } from '../settings.ts';
import { type IndexPlan, planOf } from '../text/plan.ts';
import { type SearchTables, tablesOf } from './schema.ts';

export interface SqliteIndex {
  readonly id: number;
  readonly plan: IndexPlan;
  readonly tables: SearchTables;
}

export interface SqliteCatalog {
  /** Finds an index, and with `aliases` also an alias. */
  find(name: string, aliases: boolean): SqliteIndex;
}

/** Plans that are remembered. */
const MAX_PLANS = 256;

export function openSqliteCatalog(db: DatabaseSync): SqliteCatalog {
  const byName = db.prepare('SELECT id, settings FROM search_index WHERE name = ?');
  const byAlias = db.prepare(
    'SELECT id, settings FROM search_alias a JOIN search_index i ON i.id = a.idx WHERE a.name = ? AND i.name IS NOT NULL',
  );
  const plans = new Map<number, SqliteIndex>();
  return {
    find(name, aliases) {
      const row = byName.get(name) ?? (aliases ? byAlias.get(name) : undefined);
      if (!row) throw new TenfoldError('not-found', `There is no search index '${name}'.`);
      const id = numberColumn(row, 'id');
      const known = plans.get(id);
      if (known) return known;
      const settings: unknown = JSON.parse(textColumn(row, 'settings'));
      const opened = { id, plan: planOf(indexSettings.parse(settings)), tables: tablesOf(id) };
      if (plans.size >= MAX_PLANS) plans.clear();
      plans.set(id, opened);
      return opened;
    },
  };
}
