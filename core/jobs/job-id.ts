// The id of a job: the position of its record in the queue's log, and a secret part, so that ids
// can be neither guessed nor reused.

/**
 * `partition` and `offset` of the job's record; the nonce also stands in the
 * record's header `tenfold-job`.
 */
export interface JobId {
  readonly partition: number;
  readonly offset: number;
  /** 16 hex digits. */
  readonly nonce: string;
}

/** Record header with the nonce of a job. */
export const JOB_HEADER = 'tenfold-job';

/**
 * Record header of a job that may be in the log more than once under the same nonce: for how long
 * that is remembered, milliseconds.
 */
export const ONCE_HEADER = 'tenfold-once';
/**
 * Record header with the time at which its endpoint took it, in milliseconds since 1970. The job
 * keeps this time.
 */
export const ACCEPTED_HEADER = 'tenfold-accepted';
/** Record header with whose job it is; absent for jobs of the namespace. */
export const OWNER_HEADER = 'tenfold-owner';
/** Record header with the address that is called when the job has ended. */
export const CALLBACK_HEADER = 'tenfold-callback';

/** When the job of the record was accepted. */
export function acceptedAtOf({
  headers,
  timestamp,
}: {
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: number;
}): number {
  const said = Number(headers[ACCEPTED_HEADER] ?? '');
  return said > 0 ? said : timestamp;
}

const PATTERN = /^(0|[1-9][0-9]{0,4})-(0|[1-9][0-9]{0,15})-([0-9a-f]{16})$/;

export function formatJobId({ partition, offset, nonce }: JobId): string {
  return `${partition}-${offset}-${nonce}`;
}

/** Undefined when the text is no job's id. */
export function parseJobId(text: string): JobId | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, partition = '', offset = '', nonce = ''] = match;
  const id = { partition: Number(partition), offset: Number(offset), nonce };
  return Number.isSafeInteger(id.offset) ? id : undefined;
}
