// A sink that puts the results of a pipeline into a table of a database.
import { TenfoldError } from '../../core/errors.ts';
import type { TableSink } from '../../drivers/table-sink/table-sink.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ConsumerDeps } from '../deliver/create-consumer.ts';
import type { Stage, StageObserver } from '../fold/stage.ts';
import { startTableStage } from '../tables/run-table-stage.ts';
import { installationOf } from '../tables/sink-identity.ts';
import { createRefused } from './dead-letters.ts';
import type { ReaderPlan } from './topology.ts';

export interface RunTableSinkOptions {
  readonly deps: ConsumerDeps;
  readonly pipeline: Resource<'Pipeline'>;
  readonly reader: Extract<ReaderPlan, { kind: 'table' }>;
  /** Topic and group have the same name. */
  readonly topic: string;
  /** The group that keeps dead letters of the pipeline. */
  readonly group: string;
  readonly partitions: number;
  readonly observer: StageObserver;
}

export async function runTableSink(options: RunTableSinkOptions): Promise<Stage> {
  const { deps, pipeline, reader, topic, group, partitions, observer } = options;
  const { world, log, store, openTable } = deps;
  const { namespace } = pipeline.metadata;
  const { table: spec, ordered } = reader;
  if (openTable === undefined) throw new TenfoldError('unsupported', 'No tables of databases can be written here.');
  const ending = new AbortController();
  let opened: Promise<TableSink> | undefined;
  const open = async () => {
    const installation = await installationOf(store, topic);
    return openTable({ namespace, spec, installation, sink: topic, signal: ending.signal });
  };
  const sink = () => {
    opened ??= open().catch(error => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const refused = createRefused({ pipeline, group, internal: topic, partitions }, deps);
  const settings = { topic, spec, unordered: !ordered, refused };
  const stage = await startTableStage({ world, log, sink, settings, observer });
  return {
    get partitions() {
      return stage.partitions;
    },
    totals: stage.totals,
    async close(graceMs) {
      await stage.close(graceMs);
      ending.abort(new Error('The sink is closed.'));
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}
