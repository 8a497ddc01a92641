// Which tables the plan in force offers to SQL: the archives of its pipelines.
import { toArchive } from '../../worker/archive/pipeline-archives.ts';
import { readerTopicOf } from '../../worker/pipelines/create-outlet.ts';
import type { EventPlan } from '../../worker/plan/event-plan.ts';
import type { TableSource } from './sql-tables.ts';

export function tablesOfPlan({ pipelines }: Pick<EventPlan, 'pipelines'>): TableSource[] {
  return pipelines.flatMap(({ resource, settings }) => {
    const { namespace, name } = settings;
    return settings.topology.readers.flatMap((reader): TableSource[] => {
      if (reader.kind !== 'archive') return [];
      const archive = toArchive(resource, reader, readerTopicOf(settings, reader.id));
      return [{ kind: 'archive', namespace, name: archive.layout.table, pipeline: name, archive }];
    });
  });
}
