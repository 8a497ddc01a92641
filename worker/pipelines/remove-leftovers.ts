// Removes the state of windows and joins of an earlier definition. Records on their way to
// functions and sinks stay, as they are still to be delivered.
import { sleep, type World } from '../../core/world.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { Store } from '../../drivers/store/store.ts';
import type { PipelineSettings } from '../plan/reader-topic.ts';
import { readerTopicOf } from '../plan/reader-topic.ts';
import { windowsPlaceOf } from './run-window.ts';

const PAGE = 1_000;
const STAGE = /^(window|join)\.[0-9a-f]{12}$/;

export async function removePipelineLeftovers(
  log: Pick<EventLog, 'topics' | 'deleteTopic'>,
  store: Pick<Store, 'scopes' | 'drop'>,
  settings: PipelineSettings,
): Promise<void> {
  const { namespace, name, topology } = settings;
  const kept = new Set(windowIdsOf(topology));
  const isLeft = (id: string) => STAGE.test(id) && !kept.has(id);
  const prefix = readerTopicOf(settings, '');
  for (const topic of await log.topics()) {
    if (topic.name.startsWith(prefix) && isLeft(topic.name.slice(prefix.length))) await log.deleteTopic(topic.name);
  }
  const place = windowsPlaceOf(namespace, name);
  for (let after: string | undefined; ; ) {
    const page = await store.scopes(place, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const scope of page) if (isLeft(scope.slice(place.length).split('/')[0] ?? '')) await store.drop(scope);
    after = page.at(-1);
    if (page.length < PAGE) return;
  }
}

export interface RemoveOnceAgreedOptions {
  readonly world: World;
  /** The definition that these leftovers belong to is run here. */
  isInForce(): boolean;
  /**
   * No other live process desires another definition: leftovers of one may be in use by another.
   */
  isAgreed(): Promise<boolean>;
  remove(): Promise<void>;
  /** Called with the first failure; it is tried again. */
  failed(error: unknown): void;
}

/** How often to check whether all processes desire the same. */
const AGAIN_MS = 10_000;

/** Resolves once they are removed, or the definition is no longer in force. */
export async function removeOnceAgreed({
  world,
  isInForce,
  isAgreed,
  remove,
  failed,
}: RemoveOnceAgreedOptions): Promise<void> {
  let isTold = false;
  while (isInForce()) {
    try {
      if (await isAgreed()) {
        await remove();
        return;
      }
    } catch (error) {
      if (!isTold) failed(error);
      isTold = true;
    }
    await sleep(world, AGAIN_MS);
  }
}

/** The stages that keep state. */
export function windowIdsOf({ source, windows, joins }: PipelineSettings['topology']): string[] {
  return [...windows, ...joins, ...(source.kind === 'window' ? [source.window] : [])].map(({ id }) => id);
}
