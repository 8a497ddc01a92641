// The segments of the journal as objects in the bucket: written once each, and those
// that were read last are kept.
import type { S3Link } from '../link.ts';
import type { Places } from '../object-names.ts';
import { isMissing } from '../s3-error.ts';
import { type Segment, unpackSegment } from './segment.ts';

/** Segments that are read at once. */
export const AHEAD = 8;

export class SegmentObjects {
  readonly #link: S3Link;
  readonly #places: Places;
  /** The segments that were read last, as pages may be shorter than segments. */
  readonly #recent = new Map<number, Segment>();

  constructor(link: S3Link, places: Places) {
    this.#link = link;
    this.#places = places;
  }

  /** Fails where there is one of this number already. */
  async write(number: number, body: string): Promise<void> {
    const input = { Bucket: this.#link.bucket, Key: this.#places.segment(number), Body: body, IfNoneMatch: '*' };
    await this.#link.call((s3, options) => s3.putObject(input, options));
  }

  async read(number: number): Promise<Segment | undefined> {
    const known = this.#recent.get(number);
    if (known) return known;
    try {
      const text = await this.#link.call(async (s3, options) => {
        const { Body } = await s3.getObject({ Bucket: this.#link.bucket, Key: this.#places.segment(number) }, options);
        return (await Body?.transformToString()) ?? '';
      });
      const segment = unpackSegment(text, this.#places.segment(number));
      this.#recent.set(number, segment);
      for (const oldest of this.#recent.keys()) {
        if (this.#recent.size <= AHEAD) break;
        this.#recent.delete(oldest);
      }
      return segment;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

/**
 * Segments that one reader requests before it needs them, so that it does
 * not wait for each in turn.
 */
export class SegmentsAhead {
  readonly #segments: SegmentObjects;
  readonly #requested = new Map<number, Promise<Segment | undefined>>();

  constructor(segments: SegmentObjects) {
    this.#segments = segments;
  }

  request(first: number, last: number): void {
    for (let number = first; number <= last; number++) {
      if (this.#requested.has(number)) continue;
      const reading = this.#segments.read(number);
      reading.catch(() => {});
      this.#requested.set(number, reading);
    }
  }

  async read(number: number): Promise<Segment | undefined> {
    return await (this.#requested.get(number) ?? this.#segments.read(number));
  }
}
