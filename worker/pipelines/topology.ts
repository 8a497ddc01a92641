// What a Pipeline is made of: stages that each read one topic, and the outlets that each of them hands its results to.
import type { Resource } from '../../resources/resource.ts';
import type { Flow } from './flow/flow.ts';
import type { WindowPlan } from './window/window-plan.ts';

type PipelineSpec = Resource<'Pipeline'>['spec'];
export type StepSpec = PipelineSpec['steps'][number];
export type SinkSpec = PipelineSpec['to'][number];

type ArchiveSpec = NonNullable<SinkSpec['archive']>;
export type CallTarget = Pick<SinkSpec, 'function' | 'url' | 'aggregate' | 'fanOut'>;

export type OutletPlan =
  | { readonly kind: 'topic'; readonly topic: string; readonly key: string | undefined }
  | { readonly kind: 'queue'; readonly queue: string; readonly key: string | undefined }
  | { readonly kind: 'view'; readonly view: string }
  /** An internal topic, from which a window goes on. */
  | { readonly kind: 'window'; readonly window: string }
  /** An internal topic, from which `reader` goes on. */
  | { readonly kind: 'internal'; readonly reader: string };

/** A stage takes what it reads through its flow, and hands what comes of it to its outlets. */
export interface FlowPlan {
  readonly flow: Flow;
  /** By the numbers that the flow uses. */
  readonly outlets: readonly OutletPlan[];
}

/** What goes on from an internal topic of its own: records in it are marked, so that a repeat is recognised. */
export type ReaderPlan =
  /** Delivered at least once, in order of the keys that events came with, with retries and dead letters. */
  | { readonly kind: 'call'; readonly id: string; readonly target: CallTarget }
  /** `ordered`: whether marks of one source come in their order. */
  | { readonly kind: 'archive'; readonly id: string; readonly archive: ArchiveSpec; readonly ordered: boolean };

export interface WindowStagePlan extends FlowPlan {
  readonly id: string;
  readonly plan: WindowPlan;
  /** What ids of its results begin with. */
  readonly origin: string;
  readonly partitions: number;
  /** The id that it would have with so many. */
  readonly idWith: (partitions: number) => string;
  /** What appends to its topic, in the marks; in the order of what it reads, or not. `stage` is undefined for the one that reads the Topic. */
  readonly feeder: { readonly stage: string | undefined; readonly ordered: boolean };
  /** Topic of late events. */
  readonly late: string | undefined;
}

/** Takes its events through steps of which some call functions, with retries and dead letters, in order of keys. */
export interface CallingStagePlan extends FlowPlan {
  readonly id: string;
}

export interface Topology {
  /** What reads the Topic: steps that keep nothing, or filters and a window right away. */
  readonly source:
    | ({ readonly kind: 'flow' } & FlowPlan)
    | { readonly kind: 'window'; readonly filters: readonly string[]; readonly window: WindowStagePlan };
  /** That read internal topics. */
  readonly windows: readonly WindowStagePlan[];
  readonly calling: readonly CallingStagePlan[];
  readonly readers: readonly ReaderPlan[];
}
