// The data that functions keep outside themselves: values with a time to live that all functions of
// the namespace share.
import type { CallOptions } from './call-options.ts';

export interface Cached<Value> {
  readonly value: Value;
  /** Another one after each write; what `set` and `delete` compare. */
  readonly version: string;
}

export interface CacheKeepOptions {
  /** How long the value is served, milliseconds; at most 30 days. */
  readonly ttlMs: number;
  /**
   * Part of the time to live, 0 to 1, that is taken off at random, so that what was written
   * together does not end together.
   */
  readonly jitter?: number;
  /**
   * How long it may stand in for a new one after that, when making one fails or takes too long: for
   * `getOrSet`, milliseconds. 0 when absent.
   */
  readonly staleMs?: number;
  /** Names under which it is purged together with others; at most 16. */
  readonly tags?: readonly string[];
}

export interface CacheSetOptions extends CacheKeepOptions, CallOptions {
  /** Writes only while there is no value, or while it is still this one. */
  readonly when?: 'absent' | { readonly version: string };
}

export interface CacheDeleteOptions extends CallOptions {
  /** Deletes only while it is still this one. */
  readonly version?: string;
}

export interface CacheGetOrSetOptions extends CacheKeepOptions, CallOptions {
  /**
   * How long making the value may take before another caller begins as well,
   * milliseconds; 10 s when absent.
   */
  readonly leaseMs?: number;
  /**
   * How long to wait while another caller makes it, milliseconds; `leaseMs` when absent, and never
   * more than half of the time until the deadline.
   */
  readonly waitMs?: number;
}

/**
 * Keys have at most 512 bytes, values 1 MiB. Bytes are kept as they are, everything else as JSON.
 * Methods reject with `InvokeError`. A value may disappear at any time before its end: the cache is
 * no database.
 */
export interface Cache {
  /** Undefined when there is none. */
  get<Value = unknown>(key: string, options?: CallOptions): Promise<Value | undefined>;
  /** The value with its version, for a write or delete only while nobody else made one. */
  read<Value = unknown>(key: string, options?: CallOptions): Promise<Cached<Value> | undefined>;
  /** Answers the version; undefined when the condition does not hold. */
  set(key: string, value: unknown, options: CacheSetOptions): Promise<string | undefined>;
  /** Whether there was one (with that version). */
  delete(key: string, options?: CacheDeleteOptions): Promise<boolean>;
  /**
   * The value under the key, or the result of `load`, which is stored. When many callers ask at the
   * same time, in whatever process, one loads and the others wait for it. When `load` fails, the
   * value before is given if it may still stand in (`staleMs`), else its error. It does not
   * overwrite a value that is written, deleted or purged while it runs. When the cache cannot be
   * reached, `load` is called all the same. `undefined` is not kept.
   */
  getOrSet<Value>(key: string, options: CacheGetOrSetOptions, load: () => Value | Promise<Value>): Promise<Value>;
  /**
   * Stops serving values that were made under one of these tags, and values that are being made.
   */
  purge(tags: string | readonly string[], options?: CallOptions): Promise<void>;
}
