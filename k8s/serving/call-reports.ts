// Tells the operator which Functions are called, so that it lets those sleep that are not, and
// wakes those that are; rarely, however often they are.
import { toTimestamp, type World } from '../../core/world.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { KubeError } from '../api/kube-error.ts';
import { type KubeObject, objectPath, readNumber, readText } from '../api/kube-object.ts';
import { type Log, reasonOf } from '../api/outages.ts';
import { apiResourceOf } from '../api/tenfold-kinds.ts';
import { reportEveryMs, sleepMarkOf } from '../operator/sleep/sleep.ts';

export interface CallReports {
  /** The Function was called just now. Cheap: said for each call. */
  called(key: string): void;
  /** The Function as the API server has it now; undefined when it is gone. */
  saw(key: string, object: KubeObject | undefined): void;
  close(): Promise<void>;
}

interface Entry {
  object: KubeObject;
  /** The text in its status. */
  calledAt: string | undefined;
  /** No report is written before. */
  nextAt: number;
}

/** All processes write the same field. */
const MANAGER = 'tenfold-calls';
const AGAIN_MS = 1000;
const WITHIN_MS = 10_000;

export function createCallReports(world: World, client: KubeClient, log: Log): CallReports {
  const entries = new Map<string, Entry>();
  const running = new Set<Promise<void>>();
  const stop = new AbortController();
  let failing = false;

  async function tell({ object }: Entry): Promise<void> {
    const { name, namespace = 'default', uid } = object.metadata;
    // The uid keeps the write from an object that has taken its place meanwhile.
    const body = {
      apiVersion: object.apiVersion,
      kind: object.kind,
      metadata: { name, namespace, uid },
      status: { calledAt: toTimestamp(world.now()) },
    };
    try {
      await client.call('PATCH', `${objectPath(apiResourceOf('Function'), namespace, name)}/status`, {
        query: { fieldManager: MANAGER, force: true },
        body,
        contentType: 'application/apply-patch+yaml',
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(WITHIN_MS)]),
      });
      failing = false;
    } catch (error) {
      if (stop.signal.aborted || (error instanceof KubeError && [404, 409].includes(error.httpStatus))) return;
      if (!failing) {
        const message = 'the operator cannot be told that a Function is called; one that sleeps does not wake up';
        log('warn', message, { function: `${namespace}/${name}`, reason: reasonOf(error) });
      }
      failing = true;
    }
  }

  return {
    called(key) {
      const entry = entries.get(key);
      if (!entry) return;
      const now = world.monotonic();
      if (now < entry.nextAt) return;
      const idle = readNumber(entry.object, 'status', 'idleSeconds');
      // The operator names the Functions whose calls it wants to know.
      if (idle === undefined) {
        entry.nextAt = now + AGAIN_MS;
        return;
      }
      entry.nextAt = now + (isAsleep(entry) ? AGAIN_MS : reportEveryMs(idle * 1000));
      const told: Promise<void> = tell(entry).finally(() => running.delete(told));
      running.add(told);
    },
    saw(key, object) {
      if (object === undefined) return void entries.delete(key);
      const calledAt = readText(object, 'status', 'calledAt');
      const entry = entries.get(key) ?? { object, calledAt: undefined, nextAt: 0 };
      const wasAsleep = isAsleep(entry);
      const idle = readNumber(object, 'status', 'idleSeconds');
      if (idle !== undefined && readNumber(entry.object, 'status', 'idleSeconds') === undefined) entry.nextAt = 0;
      entry.object = object;
      // The report counts, whichever process wrote it.
      if (entry.calledAt !== calledAt && idle !== undefined)
        entry.nextAt = Math.max(entry.nextAt, world.monotonic() + reportEveryMs(idle * 1000));
      entry.calledAt = calledAt;
      if (isAsleep(entry) !== wasAsleep) entry.nextAt = isAsleep(entry) ? 0 : entry.nextAt;
      entries.set(key, entry);
    },
    async close() {
      stop.abort();
      await Promise.all(running);
    },
  };
}

/** No process has asked to wake it since. */
function isAsleep({ object }: Entry): boolean {
  const asleepAfter = readText(object, 'status', 'asleepAfter');
  return asleepAfter !== undefined && asleepAfter === sleepMarkOf(readText(object, 'status', 'calledAt'));
}
