// Runs one Pipeline: its stages, each over its topic, with the outlets that lead from one to the next and out.
import { deadTopicOf } from '../../core/names.ts';
import type { World } from '../../core/world.ts';
import type { EventLog, LogRecord } from '../../drivers/event-log/event-log.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { createDeadLetterPublisher } from '../deliver/dead-letter-topic.ts';
import { createOutlet } from '../deliver/outlet.ts';
import { encodeLetter } from '../dispatch/dead-letter-codec.ts';
import { seekBeginning } from '../dispatch/seek-beginning.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import type { Stage, StageListener } from '../fold/stage.ts';
import type { PipelinePlan, PipelineSettings } from '../plan/compile-pipelines.ts';
import type { Outlet } from './outlets/outlet.ts';
import { createQueueOutlet } from './outlets/queue-outlet.ts';
import { createTopicOutlet } from './outlets/topic-outlet.ts';
import { createViewOutlet } from './outlets/view-outlet.ts';
import { startFlowStage } from './run-flow-stage.ts';
import type { OutletPlan } from './topology.ts';

export interface RunPipelineOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly plan: PipelinePlan;
  /** Those in force. */
  resources(): ResourceSet;
  readonly listener: StageListener;
  /** Of what is given up without an error of the platform itself. */
  problem(message: string, error: unknown): void;
}

export interface RunningPipeline {
  /** By name, in the order in which events go through them; `source` is the first. */
  readonly stages: ReadonlyMap<string, Stage>;
  close(graceMs: number): Promise<void>;
}

/** Rejects when a topic or the log is not there yet. */
export async function runPipeline(options: RunPipelineOptions): Promise<RunningPipeline> {
  const { world, log, plan, listener } = options;
  const { settings, resource } = plan;
  const { group, topic, topology, partitions } = settings;
  await seekBeginning(log, group, topic, settings.start);
  const retentionMs = resource.spec.deadLetter.retention;
  await log.ensureTopic(deadTopicOf(group), { partitions, retentionMs });
  const stages = new Map<string, Stage>();
  try {
    const { flow, outlets } = topology.source;
    const source = await startFlowStage({
      world,
      log,
      listener,
      settings: {
        group,
        topic,
        source: resource.spec.from.topic,
        flow,
        outlets: outlets.map(outlet => createOutletOf(outlet, options)),
        refused: createRefused(options),
      },
    });
    stages.set('source', source);
    return { stages, close: graceMs => closeAll(stages, graceMs) };
  } catch (error) {
    await closeAll(stages, 0);
    throw error;
  }
}

function createOutletOf(plan: OutletPlan, { log, resources, plan: { settings } }: RunPipelineOptions): Outlet {
  const { namespace, group } = settings;
  switch (plan.kind) {
    case 'topic':
      return createTopicOutlet({ log, resources, namespace, topic: plan.topic, key: plan.key });
    case 'queue':
      return createQueueOutlet({ log, resources, namespace, queue: plan.queue, key: plan.key, feeder: group });
    case 'view':
      return createViewOutlet({ log, view: { namespace, name: plan.view }, feeder: group });
    case 'internal':
      throw new Error(`The reader ${plan.reader} is not there.`);
  }
}

/** Keeps what nothing could be made of with the dead letters of the pipeline. */
function createRefused({ world, log, plan, resources, problem }: RunPipelineOptions) {
  const { group, namespace }: PipelineSettings = plan.settings;
  const { from, deadLetter } = plan.resource.spec;
  const published = deadLetter.topic;
  return async (partition: number, record: LogRecord, error: unknown): Promise<void> => {
    const letter: DeadLetter = {
      partition,
      offset: record.offset,
      generation: 0,
      reason: 'refused',
      error: { message: error instanceof Error ? error.message : String(error) },
      attempts: 1,
      at: world.now(),
      held: false,
      record,
    };
    await log.append(deadTopicOf(group), [encodeLetter(letter)]);
    const topic: Resource<'Topic'> | undefined =
      published === undefined ? undefined : resources().get('Topic', namespace, published);
    if (topic) await createDeadLetterPublisher(group, from.topic, createOutlet(log, topic), problem)(letter);
  };
}

async function closeAll(stages: ReadonlyMap<string, Stage>, graceMs: number): Promise<void> {
  await Promise.all([...stages.values()].map(stage => stage.close(graceMs)));
}
