// The requests of people about objects in the blob store: list the damaged ones, check all now,
// repair.
import {
  type DamagedObject,
  MAX_UNKNOWN,
  type ObjectCheck,
  type ObjectControl,
  type ObjectRepair,
  type ObjectsReport,
} from '../../admin/object-view.ts';
import { createPace } from './read-object.ts';
import { repairObject } from './repair-object.ts';
import { NO_UNKNOWN, readScrubState, type ScrubState, withUnknown, writeScrubState } from './scrub-state.ts';
import { Damages, type ObjectSite, ownerAt, walkContents, walkManifests } from './walk-objects.ts';

/** A person waits for this pass. */
const BYTES_PER_SECOND = 128 * 1024 ** 2;
const TELL_EVERY_MS = 500;
const ATTEMPTS = 10;

export function createObjectService(site: ObjectSite): ObjectControl {
  const { world, store, blobs } = site;

  /** Others may write it at the same time: their pass continues with the newest state. */
  const change = async (to: (state: ScrubState) => ScrubState): Promise<void> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { state, version } = await readScrubState(store);
      if ((await writeScrubState(store, to(state), version)) !== undefined) return;
    }
  };
  const forget = (keys: ReadonlySet<string>) =>
    change(state => ({ ...state, damaged: state.damaged.filter(({ key }) => !keys.has(key)) }));

  return {
    async report(): Promise<ObjectsReport> {
      const { state } = await readScrubState(store);
      const { objects, bytes, checkedAt, damaged, beyond, beyondSoFar } = state;
      const { count, keys } = checkedAt === undefined ? state.unknownSoFar : state.unknown;
      const unknown = { count, objects: keys.map(key => ({ key, owner: ownerAt(site, key) })) };
      return { objects, bytes, checkedAt, damaged, count: damaged.length + Math.max(beyond, beyondSoFar), unknown };
    },
    async *check(signal): AsyncGenerator<ObjectCheck> {
      const damages = new Damages();
      let objects = 0;
      let bytes = 0;
      let unknown = NO_UNKNOWN;
      let toldAt = Number.NEGATIVE_INFINITY;
      const pace = createPace(world, BYTES_PER_SECOND, signal);
      for await (const step of walkContents(site, '', pace, signal)) {
        objects++;
        bytes += step.bytes;
        if (step.isUnknown) {
          unknown = withUnknown(unknown, step.after);
          const object = { key: step.after, owner: ownerAt(site, step.after) };
          if (unknown.count <= MAX_UNKNOWN) yield { kind: 'unknown', object };
        }
        if (step.damaged && damages.add(step.damaged)) yield { kind: 'damaged', object: step.damaged };
        if (world.monotonic() - toldAt < TELL_EVERY_MS) continue;
        toldAt = world.monotonic();
        yield { kind: 'checking', objects, bytes };
      }
      for await (const object of walkManifests(site, signal))
        if (damages.add(object)) yield { kind: 'damaged', object };
      const { list, beyond, count } = damages;
      const checkedAt = await blobs.now();
      // A running background pass begins anew another time.
      await change(state => ({
        ...state,
        beganAt: undefined,
        after: '',
        objects,
        bytes,
        checkedAt,
        damaged: [...list],
        beyondSoFar: 0,
        beyond,
        unknownSoFar: NO_UNKNOWN,
        unknown,
      }));
      yield { kind: 'checked', objects, bytes, damaged: count, unknown: unknown.count };
    },
    async *repair({ dryRun }, signal): AsyncGenerator<ObjectRepair> {
      const { state } = await readScrubState(store);
      const repaired = new Set<string>();
      try {
        for (const object of state.damaged) {
          signal.throwIfAborted();
          const outcome = await repairObject(site, object as DamagedObject, dryRun, signal);
          if (outcome.kind === 'made') repaired.add(object.key);
          yield outcome;
        }
      } finally {
        if (repaired.size > 0) await forget(repaired);
      }
    },
  };
}
