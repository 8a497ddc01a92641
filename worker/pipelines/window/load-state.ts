// Loads the state of a partition of a window stage: its windows, and what was seen, as of one
// position.
import type { Store } from '../../../drivers/store/store.ts';
import { REPEATS_DIRECT, REPEATS_DIVIDED, Repeats } from '../../fold/repeats.ts';
import { Seen } from '../../fold/seen.ts';
import { SeenApart } from '../../fold/seen-apart.ts';
import { StoredPosition } from '../../fold/stored-position.ts';
import type { StageState } from './stage-state.ts';
import type { WindowInput } from './window-input.ts';

export type WindowStore = Pick<Store, 'apply' | 'position' | 'scan' | 'row' | 'server'>;

export interface StateSettings {
  scopeOf(partition: number): string;
  readonly input: Pick<WindowInput, 'marked' | 'ordered' | 'countedAs'>;
  /** Takes over what was counted in place, where that is so; false as below. */
  readonly takeOver?: ((store: WindowStore, scope: string, partition: number) => Promise<boolean>) | undefined;
  /** Loads the windows of a partition. Undefined when another owner has written meanwhile. */
  load(store: WindowStore, scope: string, partition: number): Promise<StageState | undefined>;
}

/**
 * The consumer of its position, which is a version, as time may go on without a record. The
 * offset is in a row beside it.
 */
export const WINDOW_CONSUMER = 'window';

export interface LoadedState {
  readonly position: StoredPosition;
  readonly windows: StageState;
  readonly seen: Seen | SeenApart | undefined;
  readonly repeats: Repeats;
}

/** Undefined where it was written in between: only a part of it has those changes. */
export async function loadState(
  { scopeOf, input, takeOver, load }: StateSettings,
  store: WindowStore,
  partition: number,
): Promise<LoadedState | undefined> {
  const scope = scopeOf(partition);
  if (takeOver && !(await takeOver(store, scope, partition))) return undefined;
  const position = await StoredPosition.load({ store, scope, consumer: WINDOW_CONSUMER, partition });
  const seen = !input.marked ? undefined : await (input.ordered ? Seen : SeenApart).load(store, scope);
  const isDivided = input.marked && input.countedAs === undefined;
  const repeats = await Repeats.load(store, scope, isDivided ? REPEATS_DIVIDED : REPEATS_DIRECT);
  const windows = await load(store, scope, partition);
  // Nothing may be made of a part.
  if (windows === undefined || windows.clock.version !== position.value) return undefined;
  return (await position.isOfOneServer()) ? { position, windows, seen, repeats } : undefined;
}
