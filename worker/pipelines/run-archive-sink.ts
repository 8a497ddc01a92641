// A sink that archives: what comes out of a pipeline goes to files.
import { TenfoldError } from '../../core/errors.ts';
import type { Resource } from '../../resources/resource.ts';
import { toArchive } from '../archive/pipeline-archives.ts';
import { startArchive } from '../archive/run-archive.ts';
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import type { Stage, StageListener } from '../fold/stage.ts';
import { createRefused } from './dead-letters.ts';
import type { ReaderPlan } from './topology.ts';

export interface RunArchiveSinkOptions {
  readonly deps: ConsumerDeps;
  readonly pipeline: Resource<'Pipeline'>;
  readonly reader: Extract<ReaderPlan, { kind: 'archive' }>;
  /** Topic and group have the same name. */
  readonly topic: string;
  /** Under which dead letters of the pipeline are kept. */
  readonly group: string;
  readonly partitions: number;
  readonly listener: StageListener;
}

export async function runArchiveSink(options: RunArchiveSinkOptions): Promise<Stage> {
  const { deps, pipeline, reader, topic, group, partitions, listener } = options;
  const { world, log, store, blobs } = deps;
  if (blobs === undefined) throw new TenfoldError('unsupported', 'There is no blob store to keep the archive in.');
  const refused = createRefused({ pipeline, group, internal: topic, partitions }, deps);
  return startArchive({
    world,
    log,
    store,
    blobs,
    listener,
    settings: { ...toArchive(pipeline, reader, topic), group: topic, begin: async () => 0, refused },
  });
}
