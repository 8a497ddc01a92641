// Which indexes and aliases there are, and what their settings mean; what an index is never changes, so it is remembered.
import type { DatabaseSync } from 'node:sqlite';
import { TenfoldError } from '../../../core/errors.ts';
import { numberOf, textOf } from '../../sqlite/columns.ts';
import { indexSettings } from '../settings.ts';
import { type IndexPlan, planOf } from '../text/plan.ts';
import { type Tables, tablesOf } from './schema.ts';

export interface OpenIndex {
  readonly id: number;
  readonly plan: IndexPlan;
  readonly tables: Tables;
}

export interface Catalog {
  /** Of an index, and with `aliases` of an alias too. */
  find(name: string, aliases: boolean): OpenIndex;
}

/** Plans that are remembered. */
const MAX_PLANS = 256;

export function openCatalog(db: DatabaseSync): Catalog {
  const byName = db.prepare('SELECT id, settings FROM search_index WHERE name = ?');
  const byAlias = db.prepare(
    'SELECT id, settings FROM search_alias a JOIN search_index i ON i.id = a.idx WHERE a.name = ? AND i.name IS NOT NULL',
  );
  const plans = new Map<number, OpenIndex>();
  return {
    find(name, aliases) {
      const row = byName.get(name) ?? (aliases ? byAlias.get(name) : undefined);
      if (!row) throw new TenfoldError('not-found', `There is no search index '${name}'.`);
      const id = numberOf(row, 'id');
      const known = plans.get(id);
      if (known) return known;
      const settings: unknown = JSON.parse(textOf(row, 'settings'));
      const opened = { id, plan: planOf(indexSettings.parse(settings)), tables: tablesOf(id) };
      if (plans.size >= MAX_PLANS) plans.clear();
      plans.set(id, opened);
      return opened;
    },
  };
}
