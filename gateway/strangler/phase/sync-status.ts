// How far legacy is behind the new side of a feature, and whether that lets it move on.
import { counted } from '../../../core/units/counted.ts';
import { formatDuration } from '../../../core/units/duration.ts';

/** The report of the consumer that writes changes back. */
export interface SyncStatus {
  /** The consumer that writes them back, e.g. `function orders-to-legacy`. */
  readonly target: string;
  /** `off`: legacy is gone for the feature, so nothing is written back. */
  readonly state: 'starting' | 'running' | 'resting' | 'paused' | 'stopped' | 'off';
  readonly lastError?: string | undefined;
  /** Changes that legacy has not got yet; undefined while it is not known. */
  readonly lag: number | undefined;
  /** Age of the oldest of them, milliseconds. */
  readonly ageMs: number | undefined;
  /** Keys whose changes wait for a person, since legacy refuses one. */
  readonly heldKeys: number;
  /** Since it runs: written back, and left out because they came from legacy. */
  readonly delivered: number;
  readonly returned: number;
}

export interface SyncReport extends SyncStatus {
  readonly topic: string;
  readonly maxLagMs: number;
  /** One sentence while legacy is too far behind for the feature to move on. */
  readonly behind?: string;
}

/** Undefined: legacy is near enough. An unknown lag does not count as near. */
export function describeBehind(status: SyncStatus | undefined, maxLagMs: number): string | undefined {
  if (status?.state === 'off') return undefined;
  if (status?.lag === 0) return undefined;
  if (status?.lag === undefined || status.ageMs === undefined) return 'How far legacy is behind is not known yet.';
  if (status.ageMs <= maxLagMs) return undefined;
  const held = status.heldKeys > 0 ? `; keys that wait for a person: ${status.heldKeys}` : '';
  const changes = counted(status.lag, 'change');
  return `Legacy is ${roughly(status.ageMs)} behind (${changes}, at most ${formatDuration(maxLagMs)})${held}.`;
}

function roughly(ms: number): string {
  const unit = ms < 60_000 ? 1000 : 60_000;
  return formatDuration(Math.ceil(ms / unit) * unit);
}
