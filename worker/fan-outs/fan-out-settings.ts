// The settings that the parts of a FanOut share; durations in milliseconds.
import type { FanOutLayout } from '../../core/fan-outs/layout.ts';
import type { World } from '../../core/world.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Store } from '../../drivers/store/store.ts';
import type { TurnRules } from './turn-rules.ts';

export interface FanOutSettings {
  readonly namespace: string;
  readonly name: string;
  readonly layout: FanOutLayout;
  readonly rules: TurnRules;
  readonly maxItems: number;
  /** Items of one job at the same time; undefined: as many as the worker takes. */
  readonly perJob: number | undefined;
}

/** The part of the store that a FanOut uses. */
export type FanOutStore = Pick<
  Store,
  'get' | 'put' | 'delete' | 'row' | 'rows' | 'scan' | 'apply' | 'position' | 'server' | 'takeDue' | 'settle'
>;

export interface FanOutSite {
  readonly world: World;
  readonly log: EventLog;
  readonly store: FanOutStore;
  /** For results that are too large for the store. */
  readonly blobs: Pick<BlobStore, 'now' | 'put' | 'get'> | undefined;
  readonly settings: FanOutSettings;
}
