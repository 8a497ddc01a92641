// Which tables the plan in force offers to SQL: the archives of its pipelines, and their windows.
import type { Tables } from '../../drivers/store/tables.ts';
import { toArchive } from '../../worker/archive/pipeline-archives.ts';
import type { EventPlan } from '../../worker/plan/event-plan.ts';
import { readerTopicOf } from '../../worker/plan/reader-topic.ts';
import type { TableSource } from './sql-tables.ts';
import { toWindowTable, windowsOf } from './window-tables.ts';

export function tablesOfPlan({ pipelines }: Pick<EventPlan, 'pipelines'>, store: Pick<Tables, 'scan'>): TableSource[] {
  return pipelines.flatMap(plan => {
    const { resource, settings } = plan;
    const { namespace, name } = settings;
    const archives = settings.topology.readers.flatMap((reader): TableSource[] => {
      if (reader.kind !== 'archive') return [];
      const archive = toArchive(resource, reader, readerTopicOf(settings, reader.id));
      return [{ kind: 'archive', namespace, name: archive.layout.table, pipeline: name, archive }];
    });
    const windows = windowsOf(plan).map((window, number) =>
      toWindowTable(plan, windowTableNameOf(name, number), window, store),
    );
    return [...archives, ...windows];
  });
}

/** `number`: that of the `window` step in its Pipeline, from 0. */
export function windowTableNameOf(pipeline: string, number: number): string {
  return `${toTableName(pipeline)}_window${number === 0 ? '' : `_${number}`}`;
}

export function toTableName(name: string): string {
  return name.replaceAll(/[^a-z0-9]/g, '_');
}
