// Which consumers were paused by command: the same in all processes, and it lasts over restarts.
import * as z from 'zod';
import type { World } from '../../core/world.ts';
import type { Hints } from '../../drivers/store/hints.ts';
import type { Keys } from '../../drivers/store/store.ts';
import { CONTROL_SCOPE, createDocument } from '../shared/document.ts';

export interface Pauses {
  isPaused(group: string): Promise<boolean>;
  /** Whether the group is known to be paused, without a call of the store. */
  known(group: string): boolean;
  set(group: string, paused: boolean): Promise<void>;
  /** Called when some process has paused or resumed something. */
  listen(listener: () => void): void;
  close(): void;
}

const names = z.array(z.string());

export function createPauses(
  world: World,
  store: Pick<Keys, 'get' | 'put' | 'delete'>,
  hints: Hints | undefined,
): Pauses {
  const paused = createDocument<readonly string[]>({
    world,
    store,
    hints,
    key: 'paused',
    initial: [],
    parse: value => names.parse(value),
  });
  const set = async (group: string, is: boolean) => {
    await paused.update(groups => {
      if (groups.includes(group) === is) return groups;
      return is ? [...groups, group] : groups.filter(each => each !== group);
    });
  };
  return {
    async isPaused(group) {
      if (!paused.known) await paused.read();
      // The form of an earlier version.
      const key = `paused/${group}`;
      if ((await store.get(CONTROL_SCOPE, key)) !== undefined) {
        await set(group, true);
        await store.delete(CONTROL_SCOPE, key);
      }
      return paused.current.includes(group);
    },
    known: group => paused.current.includes(group),
    set,
    listen: listener => void paused.listen(listener),
    close: () => paused.close(),
  };
}
