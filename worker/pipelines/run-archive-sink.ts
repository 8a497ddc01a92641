// A sink that archives the results of a pipeline in files.
import { TenfoldError } from '../../core/errors.ts';
import type { Resource } from '../../resources/resource.ts';
import { toArchive } from '../archive/pipeline-archives.ts';
import { startArchive } from '../archive/run-archive.ts';
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import type { Stage, StageObserver } from '../fold/stage.ts';
import { createRefused } from './dead-letters.ts';
import type { ReaderPlan } from './topology.ts';

export interface RunArchiveSinkOptions {
  readonly deps: ConsumerDeps;
  readonly pipeline: Resource<'Pipeline'>;
  readonly reader: Extract<ReaderPlan, { kind: 'archive' }>;
  /** Topic and group have the same name. */
  readonly topic: string;
  /** The group that keeps dead letters of the pipeline. */
  readonly group: string;
  readonly partitions: number;
  readonly observer: StageObserver;
}

export async function runArchiveSink(options: RunArchiveSinkOptions): Promise<Stage> {
  const { deps, pipeline, reader, topic, group, partitions, observer } = options;
  const { world, log, store, blobs } = deps;
  if (blobs === undefined) throw new TenfoldError('unsupported', 'There is no blob store to keep the archive in.');
  const refused = createRefused({ pipeline, group, internal: topic, partitions }, deps);
  return startArchive({
    world,
    log,
    store,
    blobs,
    observer,
    settings: { ...toArchive(pipeline, reader, topic), group: topic, begin: async () => 0, refused },
  });
}
