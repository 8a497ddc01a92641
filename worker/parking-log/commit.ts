// A commit: the source offset below which all events are done. Its metadata says what is done above
// that offset, where the parking log has to be read from, and who made the commit.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { assertKnownVersion } from '../../core/stored-version.ts';
import { MAX_METADATA, type Position } from '../../drivers/event-log/event-log.ts';
import { type Mark, PARKING_LOG_START } from './fold-parking-log.ts';
import { fromVarints, toVarints } from './varints.ts';

export interface Commit {
  /** All source offsets below are done: handled, dead, or in the parking log. */
  readonly position: number;
  /**
   * Every offset from `position` up to, not including, `top` is done, too, except for the holes.
   */
  readonly top: number;
  /** Ascending. */
  readonly holes: readonly number[];
  readonly parkingLog: Mark;
  /** Claim of the committer; -1: the commit was not made by an owner. */
  readonly by: number;
}

export interface ComposedCommit {
  readonly position: Position;
  /**
   * How many of the holes fit. When it is not all of them, events above the first hole left out
   * will be delivered again.
   */
  readonly told: number;
}

/**
 * Readable except for the holes: `v1 by=12 parked=40 claim=12 seq=7 top=1040 holes=<base64url>`;
 * `~` before deflated bytes.
 */
const COMMIT_VERSION = 1;
const OURS = /^v(\d{1,9}) by=/;
const PATTERN = /^v1 by=(-?\d+) parked=(\d+) claim=(-?\d+) seq=(\d+) top=(\d+) holes=(~?)([\w-]*)$/;
/** Below this size deflating gains nothing. */
const SMALL = 64;
/** Offsets in a commit of another program must not make us allocate without end. */
const MAX_INFLATED = 64 * 1024;

export function composeCommit(commit: Commit, maxBytes = MAX_METADATA): ComposedCommit {
  const whole = describe(commit, commit.holes.length);
  if (whole.length <= maxBytes)
    return { position: { offset: commit.position, metadata: whole }, told: commit.holes.length };
  let fits = 0;
  let tooMany = commit.holes.length;
  while (fits + 1 < tooMany) {
    const middle = (fits + tooMany) >> 1;
    if (describe(commit, middle).length <= maxBytes) fits = middle;
    else tooMany = middle;
  }
  return { position: { offset: commit.position, metadata: describe(commit, fits) }, told: fits };
}

/**
 * A commit with the first `count` holes. It speaks of offsets above them only when it has all of
 * them.
 */
function describe(commit: Commit, count: number): string {
  const { parkingLog, by, holes } = commit;
  const top = holes[count] ?? commit.top;
  const plain = toVarints(holes.slice(0, count), commit.position);
  const deflated = plain.length > SMALL ? deflateRawSync(plain) : plain;
  const bytes = deflated.length < plain.length ? `~${deflated.toString('base64url')}` : plain.toString('base64url');
  return `v1 by=${by} parked=${parkingLog.offset} claim=${parkingLog.claim} seq=${parkingLog.seq} top=${top} holes=${bytes}`;
}

/**
 * A position without our metadata (set by hand, or by another program) says nothing about the
 * parking log, which is then read from its start. Metadata of a later version is refused
 * (`later-release`).
 */
export function parseCommit(position: Position | undefined): Commit {
  const offset = position?.offset ?? 0;
  const plain: Commit = { position: offset, top: offset, holes: [], parkingLog: PARKING_LOG_START, by: -1 };
  const metadata = position?.metadata ?? '';
  assertKnownVersion(`the commit at offset ${offset}`, Number(OURS.exec(metadata)?.[1] ?? 0), COMMIT_VERSION);
  const match = PATTERN.exec(metadata);
  if (match === null) return plain;
  const [, by = '', parkingLog = '', claim = '', seq = '', top = '', deflated, text = ''] = match;
  const holes = readHoles(Buffer.from(text, 'base64url'), deflated === '~', offset);
  if (holes === undefined) return plain;
  return {
    position: offset,
    top: Math.max(Number(top), offset),
    holes,
    parkingLog: { offset: Number(parkingLog), claim: Number(claim), seq: Number(seq) },
    by: Number(by),
  };
}

function readHoles(bytes: Buffer, deflated: boolean, from: number): number[] | undefined {
  try {
    return fromVarints(deflated ? inflateRawSync(bytes, { maxOutputLength: MAX_INFLATED }) : bytes, from);
  } catch {
    return undefined;
  }
}
