// The imports of function code from `tenfold`: wrappers, errors, replies, and the types of what
// handlers get.
export { type BatchFunction, type BatchOutcome, type BatchResult, batch, type ItemOutcome } from './batch.ts';
export type {
  Cache,
  CacheDeleteOptions,
  Cached,
  CacheGetOrSetOptions,
  CacheKeepOptions,
  CacheSetOptions,
} from './cache.ts';
export type { CallOptions } from './call-options.ts';
export type { BlobEntry, Blobs, PutBlobOptions, StoredBlob } from './client/blobs.ts';
export { InvokeError } from './client/invoke-error.ts';
export { type CloudEvent, isCloudEvent } from './cloud-event.ts';
export type {
  Clients,
  Context,
  EnqueueOptions,
  InvokeOptions,
  InvokeResult,
  Job,
  Logger,
  LogLevel,
  Published,
  PublishOptions,
  QueryParams,
  QueryValue,
  Trace,
} from './context.ts';
export { type EventFunction, event } from './event.ts';
export { type Gathered, type GatheredItem, type GatheredJob, gathered } from './gathered.ts';
export { type HttpFunction, http } from './http.ts';
export type { HttpInput, HttpRequest } from './http-request.ts';
export { doNotRetry, HttpProblem, type ProblemOptions, problem, retryAfter } from './problem.ts';
export type { BodyOf, Endpoint, Functions, Queues, Serialized, Topics, Views } from './registry.ts';
export { type Reply, type ReplyHeaders, reply } from './reply.ts';
