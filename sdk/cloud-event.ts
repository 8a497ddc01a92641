// The event that functions receive and publish: CloudEvents 1.0, attributes and data side by side.

export interface CloudEvent<Data = unknown> {
  specversion: '1.0';
  /** Unique together with `source`; the same event delivered again has the same id. */
  id: string;
  /** URI reference of where it happened. */
  source: string;
  /** The type of the event, e.g. `OrderCreated`. */
  type: string;
  /** Media type of `data`. */
  datacontenttype?: string;
  dataschema?: string;
  subject?: string;
  /** RFC 3339. */
  time?: string;
  /** A parsed JSON value, a string for text, a Buffer for anything else. */
  data: Data;
  /** Extension attributes, named by lower-case letters and digits. */
  [extension: string]: unknown;
}

/** Whether a value has the attributes that every CloudEvent must have. */
export function isCloudEvent(value: unknown): value is CloudEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event = value as Partial<CloudEvent>;
  return (
    event.specversion === '1.0' &&
    typeof event.id === 'string' &&
    typeof event.source === 'string' &&
    typeof event.type === 'string'
  );
}
