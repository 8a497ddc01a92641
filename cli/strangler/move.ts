// Moves one feature and says where it stands now, and what the resource
// has to say for that to last.
import { describePhaseState, type Phase } from '../../gateway/strangler/phase/phase-state.ts';
import { CommandError } from '../command-error.ts';
import { renderData } from '../output/render.ts';
import type { AdminClient, MoveRequest } from '../platform/admin-client.ts';
import { findFeature, type Wanted } from './find-feature.ts';
import type { StranglerFormat } from './show.ts';

export interface FeatureMoveRequest extends Wanted {
  readonly action: 'set' | 'promote' | 'back-out';
  readonly phase: Phase | undefined;
  readonly percent: number | undefined;
  readonly reason: string | undefined;
  /** Moves on although legacy has not got every change. */
  readonly force: boolean;
}

export async function moveFeature(
  moveRequest: FeatureMoveRequest,
  client: Pick<AdminClient, 'stranglers' | 'moveFeature'>,
  format: StranglerFormat,
): Promise<{ readonly data: string; readonly talk?: string }> {
  const request = toRequest(moveRequest);
  const { strangler, feature } = await findFeature(moveRequest, client);
  const after = await client.moveFeature(strangler.namespace, strangler.name, feature.name, request);
  if (format !== 'table') return { data: renderData(after, format) };
  const data = `${strangler.name} ${feature.name}: ${describePhaseState(feature)} → ${describePhaseState(after)}`;
  if (!after.switched) return { data };
  const percent = after.phase === 'canary' ? `, canary.percent: ${after.percent}` : '';
  return {
    data,
    talk: `The resource says ${describePhaseState(after.declared)}. Write phase: ${after.phase}${percent} there to make it last.`,
  };
}

function toRequest({ action, phase, percent, reason, force }: FeatureMoveRequest): MoveRequest {
  if (force && action === 'back-out') {
    throw new CommandError('usage', 'back-out takes no --force: nothing holds it up.');
  }
  const insists = force ? ({ force } as const) : {};
  if (action !== 'set') {
    if (phase !== undefined || percent !== undefined) {
      throw new CommandError('usage', `${action} takes neither a phase nor a percentage.`, {
        hint: 'use "tenfold strangler set" to choose where it stands.',
      });
    }
    return { action, reason, ...insists };
  }
  if (phase === undefined) {
    throw new CommandError('usage', 'It is not said in which phase the feature is to be.', {
      hint: 'name one: legacy, shadow, canary, live or retired.',
    });
  }
  return { action: 'phase', phase, percent, reason, ...insists };
}
