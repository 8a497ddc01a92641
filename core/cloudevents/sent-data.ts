// The data of events as they were sent, where reading them as JSON and writing them again would
// change them: large whole numbers would lose digits.
import { mayBeRounded, readExactJson, writeExactJson } from '../units/exact-json.ts';
import type { CloudEvent } from './cloud-event.ts';
import { isJsonType } from './media-type.ts';

/** One event, or a batch, in the JSON format. It has been read as such before. */
export class SentData {
  /** Undefined where reading changes nothing. */
  readonly #document: unknown;

  constructor(bytes: Buffer) {
    const text = bytes.toString('utf8');
    if (bytes.includes('"data_base64"') || mayBeRounded(text)) this.#document = readExactJson(text);
  }

  /** `index`: of the event in a batch. Undefined: the data can be written as it was read. */
  of(event: CloudEvent, index?: number): Buffer | undefined {
    const sent = Array.isArray(this.#document) ? this.#document[index ?? 0] : this.#document;
    if (!isObject(sent) || !isJson(event)) return undefined;
    const { data, data_base64: base64 } = sent;
    if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
    return data === undefined ? undefined : Buffer.from(writeExactJson(data));
  }
}

function isJson({ datacontenttype: type }: CloudEvent): boolean {
  return isJsonType(type ?? 'application/json');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
