// The request that an HTTP handler gets: everything as it came, parsed only when asked for.
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { StandardSchemaV1 } from '@standard-schema/spec';

/**
 * Schemas (Standard Schema: zod, valibot, arktype, …) that a request must match; else it is
 * answered with 400 and all issues.
 */
export interface HttpInput {
  readonly body?: StandardSchemaV1;
  readonly query?: StandardSchemaV1;
  readonly params?: StandardSchemaV1;
  readonly headers?: StandardSchemaV1;
}

type Validated<Input, Part extends keyof HttpInput, Otherwise> = Input extends { readonly [P in Part]: infer Schema }
  ? Schema extends StandardSchemaV1
    ? StandardSchemaV1.InferOutput<Schema>
    : Otherwise
  : Otherwise;

// biome-ignore lint/complexity/noBannedTypes: the empty input is the one that asks for nothing
export interface HttpRequest<Input = {}, Params = Readonly<Record<string, string>>> {
  readonly method: string;
  /** Path and query as they came, not decoded. */
  readonly url: string;
  /** Path as it came, not decoded. */
  readonly path: string;
  /** Parameters of the route, decoded. */
  readonly params: Validated<Input, 'params', Params>;
  /** Decoded; a name that is repeated has a list. */
  readonly query: Validated<Input, 'query', Readonly<Record<string, string | string[] | undefined>>>;
  /** By lower-case name; repeated ones are joined as Node does. */
  readonly headers: Validated<Input, 'headers', IncomingHttpHeaders>;
  /** Names and values in turn, exactly as they came. */
  readonly rawHeaders: readonly string[];
  /**
   * The validated body when the input has a `body` schema. Without one this throws, and `await
   * request.json()`, `text()`, `bytes()` or `stream()` read the body.
   */
  readonly body: Validated<Input, 'body', never>;
  bytes(): Promise<Buffer>;
  text(): Promise<string>;
  /** The body parsed as JSON; broken JSON is answered with 400 when not caught. */
  json<T = unknown>(): Promise<T>;
  /** The body as it arrives; can be taken once, instead of the others. */
  stream(): Readable;
  /** A standard `Request`, e.g. for a framework's `fetch` handler or `formData()`. */
  toWebRequest(): Request;
}
