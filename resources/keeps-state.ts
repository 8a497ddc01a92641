// Which kinds do nothing where nothing can be kept: their events, jobs and state end on a disk or
// in services. Routes and functions go on.
import type { Kind } from './kinds/kind-names.ts';

const KEEPS_STATE: ReadonlySet<Kind> = new Set(['Topic', 'Subscription', 'Queue', 'View', 'Pipeline', 'FanOut']);

export const keepsState = (kind: Kind): boolean => KEEPS_STATE.has(kind);
