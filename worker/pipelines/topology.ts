// The topology of a Pipeline: stages that each read one topic, and the outlets that each of them
// hands its results to.
import type { Resource } from '../../resources/resource.ts';
import type { Flow } from './flow/flow.ts';
import type { JoinPlan, Side } from './join/join-plan.ts';
import type { WindowPlan } from './window/window-plan.ts';

type PipelineSpec = Resource<'Pipeline'>['spec'];
export type StepSpec = PipelineSpec['steps'][number];
export type SinkSpec = PipelineSpec['to'][number];

type ArchiveSpec = NonNullable<SinkSpec['archive']>;
type TableSpec = NonNullable<SinkSpec['postgres']>;
export type CallTarget = Pick<SinkSpec, 'function' | 'url' | 'aggregate' | 'fanOut'>;

export type OutletPlan =
  | { readonly kind: 'topic'; readonly topic: string; readonly key: string | undefined }
  | { readonly kind: 'queue'; readonly queue: string; readonly key: string | undefined }
  | { readonly kind: 'view'; readonly view: string }
  /** An internal topic, read by a window. */
  | { readonly kind: 'window'; readonly window: string }
  /** An internal topic, read by a join: where its events of one side come from. */
  | { readonly kind: 'join'; readonly join: string; readonly side: Side }
  /** An internal topic, read by `reader`. */
  | { readonly kind: 'internal'; readonly reader: string };

/** A stage takes its source through its flow, and hands the results to its outlets. */
export interface FlowPlan {
  readonly flow: Flow;
  /** By the numbers that the flow uses. */
  readonly outlets: readonly OutletPlan[];
}

/** A reader of an internal topic. Records in it are marked, so that a repeat is recognised. */
export type ReaderPlan =
  /**
   * Delivered at least once, in order of the keys that events came with, with retries and dead
   * letters.
   */
  | { readonly kind: 'call'; readonly id: string; readonly target: CallTarget }
  /** `ordered`: whether marks of one source come in their order. */
  | { readonly kind: 'archive'; readonly id: string; readonly archive: ArchiveSpec; readonly ordered: boolean }
  | { readonly kind: 'table'; readonly id: string; readonly table: TableSpec; readonly ordered: boolean };

export interface WindowStagePlan extends FlowPlan {
  readonly id: string;
  readonly plan: WindowPlan;
  /** The beginning of the ids of its results. */
  readonly origin: string;
  readonly partitions: number;
  /** The id that it would have with so many partitions. */
  readonly idWith: (partitions: number) => string;
  /**
   * The stage that appends to its topic, as named in the marks, and whether it appends in the order
   * of what it reads. `stage` is undefined for the stage that reads the Topic.
   */
  readonly feeder: { readonly stage: string | undefined; readonly ordered: boolean };
  /** Topic of late events. */
  readonly late: string | undefined;
  /** Whether it counted the events where the Topic has them, before keys moved. */
  readonly isMoved?: boolean;
}

/** Joins the events of the stage before it with those of another Topic. */
export interface JoinStagePlan
  extends Pick<WindowStagePlan, 'id' | 'origin' | 'partitions' | 'feeder' | 'late'>,
    FlowPlan {
  readonly plan: JoinPlan;
  /** The reader of the other Topic. */
  readonly other: string;
}

/** Reads another Topic for joins. */
export interface OtherPlan {
  readonly id: string;
  /** Resource name of the Topic. */
  readonly topic: string;
  readonly outlets: readonly OutletPlan[];
}

/**
 * Takes its events through steps of which some call functions, with retries and dead letters, in
 * order of keys.
 */
export interface CallingStagePlan extends FlowPlan {
  readonly id: string;
  /** Names of the Functions that its steps call. */
  readonly calls: readonly string[];
}

export interface Topology {
  /**
   * The stage that reads the Topic: steps that keep nothing, or filters and a window right away.
   */
  readonly source:
    | ({ readonly kind: 'flow' } & FlowPlan)
    | { readonly kind: 'window'; readonly filters: readonly string[]; readonly window: WindowStagePlan };
  /** The readers of internal topics. */
  readonly windows: readonly WindowStagePlan[];
  readonly joins: readonly JoinStagePlan[];
  readonly calling: readonly CallingStagePlan[];
  readonly readers: readonly ReaderPlan[];
  /** The readers of other Topics. */
  readonly others: readonly OtherPlan[];
}
