// What the killer of operations and the process that it kills say to each other.
import type { OperationReport } from '../../../admin/commands/operation-view.ts';

export type Phase = 'broken' | 'mended';

export type Order =
  | { readonly kind: 'publish'; readonly count: number }
  /** Plans and starts the redrive of all. */
  | { readonly kind: 'begin'; readonly count: number }
  | { readonly kind: 'look'; readonly id?: string }
  | { readonly kind: 'results'; readonly id: string };

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'published' }
  | { readonly kind: 'begun'; readonly id: string; readonly total: number; readonly groups: number }
  | {
      readonly kind: 'seen';
      readonly dead: number;
      readonly report: OperationReport | undefined;
      readonly lag: number | undefined;
    }
  | { readonly kind: 'results'; readonly outcomes: Readonly<Record<string, number>>; readonly ids: number };

export const TOPIC = 'events';
export const GROUP = 'subscription.kills.wall';
export const CONSUMER = { kind: 'Subscription', namespace: 'kills', name: 'wall' } as const;
export const PARTITIONS = 4;
export const KEYS = 500;
/** Causes. */
export const GROUPS = 50;
/** At its rate the whole takes about so many seconds, which leaves time to kill in. */
export const RATE_SHARE = 8;
