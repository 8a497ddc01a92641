// The event that every endpoint, log and function exchanges: CloudEvents 1.0.2, attributes and data
// side by side as in its JSON format.

export interface CloudEvent {
  specversion: '1.0';
  /** Unique together with `source`. */
  id: string;
  /** URI reference of where it happened. */
  source: string;
  /** Kind of the occurrence, e.g. `OrderCreated`. */
  type: string;
  /** Media type of `data`; JSON when absent and `data` is not binary. */
  datacontenttype?: string;
  dataschema?: string;
  subject?: string;
  /** RFC 3339. */
  time?: string;
  /**
   * A JSON value, a string for text, a Buffer for anything else; absent
   * when the event carries none.
   */
  data?: unknown;
  /** Extension attributes: lower-case letters and digits; strings, booleans and 32-bit integers. */
  [extension: string]: unknown;
}

/** Reads JSON text: as JavaScript does, or with every digit, for expressions. */
export type ParseJson = (text: string) => unknown;

/** Bounds of what a decoder accepts, so that a hostile event costs little. */
export interface EventLimits {
  /** Attributes of one event, required and extensions together. */
  readonly maxAttributes: number;
  /** UTF-16 code units of one attribute's value. */
  readonly maxAttributeLength: number;
  /** Events of one batch. */
  readonly maxBatch: number;
}

export const defaultEventLimits: EventLimits = { maxAttributes: 100, maxAttributeLength: 16_384, maxBatch: 10_000 };
