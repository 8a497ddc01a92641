// A commit: the source offset below which all is done, and in its metadata what is done above it, where the lot has to be read from, and who says so.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { assertKnownVersion } from '../../core/stored-version.ts';
import { MAX_METADATA, type Position } from '../../drivers/event-log/event-log.ts';
import { LOT_START, type Mark } from './fold-lot.ts';
import { fromVarints, toVarints } from './varints.ts';

export interface Commit {
  /** All source offsets below are done: handled, dead, or in the lot. */
  readonly position: number;
  /** So is every offset from `position` up to, not including, `top`, but for the holes. */
  readonly top: number;
  /** Ascending. */
  readonly holes: readonly number[];
  readonly lot: Mark;
  /** Claim of the committer; -1: not committed by an owner. */
  readonly by: number;
}

export interface ComposedCommit {
  readonly position: Position;
  /** How many of the holes are told; when it is not all of them, what is done above the first untold one will be delivered again. */
  readonly told: number;
}

/** Readable but for the holes: `v1 by=12 lot=40 claim=12 seq=7 top=1040 holes=<base64url>`; `~` before deflated bytes. */
const COMMIT_VERSION = 1;
const OURS = /^v(\d{1,9}) by=/;
const PATTERN = /^v1 by=(-?\d+) lot=(\d+) claim=(-?\d+) seq=(\d+) top=(\d+) holes=(~?)([\w-]*)$/;
/** Below it deflating gains nothing. */
const SMALL = 64;
/** Offsets in a commit of somebody else's making must not make us allocate without end. */
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

/** With the first `count` holes; what lies above them is told only when it is all of them. */
function describe(commit: Commit, count: number): string {
  const { lot, by, holes } = commit;
  const top = holes[count] ?? commit.top;
  const plain = toVarints(holes.slice(0, count), commit.position);
  const deflated = plain.length > SMALL ? deflateRawSync(plain) : plain;
  const bytes = deflated.length < plain.length ? `~${deflated.toString('base64url')}` : plain.toString('base64url');
  return `v1 by=${by} lot=${lot.offset} claim=${lot.claim} seq=${lot.seq} top=${top} holes=${bytes}`;
}

/**
 * A position without our metadata (set by hand, or by another program) says nothing about the lot: it is read from its start. One of a later version
 * is refused (`later-release`).
 */
export function parseCommit(position: Position | undefined): Commit {
  const offset = position?.offset ?? 0;
  const plain: Commit = { position: offset, top: offset, holes: [], lot: LOT_START, by: -1 };
  const metadata = position?.metadata ?? '';
  assertKnownVersion(`the commit at offset ${offset}`, Number(OURS.exec(metadata)?.[1] ?? 0), COMMIT_VERSION);
  const match = PATTERN.exec(metadata);
  if (match === null) return plain;
  const [, by = '', lot = '', claim = '', seq = '', top = '', deflated, text = ''] = match;
  const holes = readHoles(Buffer.from(text, 'base64url'), deflated === '~', offset);
  if (holes === undefined) return plain;
  return {
    position: offset,
    top: Math.max(Number(top), offset),
    holes,
    lot: { offset: Number(lot), claim: Number(claim), seq: Number(seq) },
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
