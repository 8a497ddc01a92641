// One View over storage on disk, as a worker keeps it, and the events that it is made of.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventRecord, toRecord } from '../../../core/cloudevents/record.ts';
import { topicOf } from '../../../core/names.ts';
import { type ViewLayout, viewLayoutOf } from '../../../core/views/view-layout.ts';
import type { ViewSignals } from '../../../core/views/view-signals.ts';
import { realWorld } from '../../../core/world.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet, type ResourceSet } from '../../../resources/resource-set.ts';
import { openStorage, type Storage } from '../../../server/storage/open-storage.ts';
import { compileViews, type ViewPlan } from '../../../worker/plan/compile-views.ts';
import { createViewPlane, type ViewPlane } from '../../../worker/view-plane.ts';

export interface Made {
  readonly key: string;
  readonly data: object;
}

export interface Site {
  readonly storage: Storage;
  readonly resources: ResourceSet;
  readonly plan: ViewPlan;
  fill(events: number, make: (n: number) => Made): Promise<void>;
  /** `signals`: told of each key that changes. */
  start(signals?: ViewSignals): ViewPlane;
  close(): Promise<void>;
}

const PARTITIONS = 4;
const TOPIC = topicOf('default', 'events');

/** `shape`: of the View, and more resources behind it. */
export async function openSite(shape: string, more = ''): Promise<Site> {
  const text = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: events }
spec: { partitions: ${PARTITIONS} }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: seen }
spec: { from: [events], ${shape} }
${more}`;
  const { resources: loaded, problems } = loadText('app.yaml', text);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const resources = createResourceSet(loaded);
  const failed = (message: string): never => {
    throw new Error(message);
  };
  const [plan] = compileViews(resources, (_, __, ___, message) => failed(message));
  if (plan === undefined) return failed('There is no plan.');
  // Beside this script and not in the folder for temporary files, which may be in memory.
  const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const storage = (await openStorage(realWorld, folder)) ?? failed('There is no storage.');
  await storage.log.ensureTopic(TOPIC, { partitions: PARTITIONS });
  let plane: ViewPlane | undefined;
  return {
    storage,
    resources,
    plan,
    async fill(events, make) {
      for (let from = 0; from < events; from += 1000) {
        const records = Array.from({ length: Math.min(1000, events - from) }, (_, index) => {
          const { key, data } = make(from + index);
          return { ...toNewRecord(from + index, key, data), key, partition: partitionOf(key, PARTITIONS) };
        });
        await storage.log.append(TOPIC, records);
      }
    },
    start(signals) {
      const problem = (message: string, cause: unknown) => {
        throw new Error(message, { cause });
      };
      plane = createViewPlane({
        world: realWorld,
        ...storage,
        signals,
        observerFor: () => ({
          trouble: (_, error) => problem('trouble', error),
          superseded() {},
          jumped() {},
          refused: (_, __, error) => problem('refused', error),
        }),
        problem,
      });
      plane.apply([plan]);
      return plane;
    },
    async close() {
      await plane?.close(1000);
      await storage.close();
    },
  };
}

function toNewRecord(n: number, key: string, data: object): EventRecord {
  return toRecord({ specversion: '1.0', id: `e${n}`, source: '/bench', type: 'Seen', data }, key);
}

/** Resolves once a generation that is none of `before` has taken all events in. */
export async function folded(plane: ViewPlane, events: number, before: readonly string[] = []): Promise<ViewLayout> {
  for (;;) {
    const running = plane.views.flatMap(({ runner }) => runner.running?.generations ?? []);
    for (const { generation, view } of running) {
      if (before.includes(generation.id) || (view?.fold.totals.handled ?? 0) < events) continue;
      return viewLayoutOf('default', 'seen', generation.id);
    }
    await sleep(5);
  }
}
