// The objects of the blob store in the admin API: the damaged ones, their owners, and those that
// can be made anew.

/** The owner of an object. */
export interface ObjectOwner {
  /** A kind of resource, or `object` for one of the application, or `unknown`. */
  readonly kind: 'Topic' | 'Queue' | 'FanOut' | 'Pipeline' | 'object' | 'unknown';
  readonly namespace: string;
  readonly name: string;
  /** e.g. `the result of job 7…` or `the archive, events 0 to 4711 of partition 2`. */
  readonly what: string;
}

export interface DamagedObject {
  readonly key: string;
  readonly owner: ObjectOwner;
  readonly reason: string;
  /** When it was found, milliseconds since 1970. */
  readonly at: number;
}

/** An object without a checksum: nothing says whether it is as it was written. */
export interface UnknownObject {
  readonly key: string;
  readonly owner: ObjectOwner;
}

export interface UnknownObjects {
  /** The number in all; the list below has at most `MAX_UNKNOWN`, the first by key. */
  readonly count: number;
  readonly objects: readonly UnknownObject[];
}

export interface ObjectsReport {
  /** The count of the current pass, or else of the last one. */
  readonly objects: number;
  readonly bytes: number;
  /** When the last whole pass ended, milliseconds since 1970; absent before the first. */
  readonly checkedAt?: number | undefined;
  /** The number in all; the list below has at most `MAX_DAMAGED`. */
  readonly count: number;
  readonly damaged: readonly DamagedObject[];
  /** As the last whole pass found them; before that, as the first one has found them so far. */
  readonly unknown: UnknownObjects;
}

export const MAX_DAMAGED = 200;
export const MAX_UNKNOWN = 100;

export type ObjectCheck =
  | { readonly kind: 'checking'; readonly objects: number; readonly bytes: number }
  | { readonly kind: 'damaged'; readonly object: DamagedObject }
  /** The first `MAX_UNKNOWN` of them. */
  | { readonly kind: 'unknown'; readonly object: UnknownObject }
  | {
      readonly kind: 'checked';
      readonly objects: number;
      readonly bytes: number;
      readonly damaged: number;
      /** The `objects` without a checksum: it is unknown whether they are as they were written. */
      readonly unknown: number;
    };

export type ObjectRepair =
  /**
   * `possible`: it would be repaired. `made`: it is as it was. `lost`: it cannot be repaired, and
   * the consequence.
   */
  { readonly kind: 'possible' | 'made' | 'lost'; readonly object: DamagedObject; readonly message: string };

export interface ObjectControl {
  report(): Promise<ObjectsReport>;
  /** Reads all contents now, not at the pace of the background. */
  check(signal: AbortSignal): AsyncGenerator<ObjectCheck>;
  /** Repairs the objects that are known to be damaged. `dryRun`: only reports what it would do. */
  repair(options: { readonly dryRun: boolean }, signal: AbortSignal): AsyncGenerator<ObjectRepair>;
}

/** For a platform without an object store. */
export const noObjects: ObjectControl = {
  report: async () => ({ objects: 0, bytes: 0, count: 0, damaged: [], unknown: { count: 0, objects: [] } }),
  async *check() {
    yield { kind: 'checked', objects: 0, bytes: 0, damaged: 0, unknown: 0 };
  },
  async *repair() {},
};
