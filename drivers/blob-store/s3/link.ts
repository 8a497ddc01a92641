// The connection to S3: each call bounded in time, retried while that may help, and its ups and
// downs told in one line each.
import type { S3, S3ClientConfig } from '@aws-sdk/client-s3';
import { TenfoldError } from '../../../core/errors.ts';
import { parseHttpDate } from '../../../core/http/http-date.ts';
import { callerAgent } from '../../../core/http/keep-alive.ts';
import { loadOptional } from '../../../core/packages/optional-package.ts';
import type { World } from '../../../core/world.ts';
import { isBeyondEnd, isContested, isMissing, isUnmet, s3RefusalOf, toBlobError } from './s3-error.ts';

export interface S3Connection {
  readonly bucket: string;
  /** A URL like `http://minio:9000`; left out for AWS. */
  readonly endpoint?: string | undefined;
  /** Left out: as the AWS SDK finds it in the environment or the profile, else `us-east-1`. */
  readonly region?: string | undefined;
  /** The bucket in the path instead of the host name; default where an endpoint is given. */
  readonly pathStyle?: boolean | undefined;
  /**
   * Left out: found as by every AWS SDK: environment, profile, single sign-on, web identity
   * (IRSA), container, instance.
   */
  readonly credentials?:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string | undefined }
    | undefined;
}

export interface S3LinkOptions {
  readonly world: World;
  readonly connection: S3Connection;
  /** The longest time of a call with all its attempts, milliseconds. */
  readonly requestTimeoutMs: number;
  readonly log: (line: string) => void;
}

export interface CallOptions {
  /** Instead of the usual limit, milliseconds. */
  readonly withinMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface S3Link {
  readonly bucket: string;
  /** Bucket and server, for messages. */
  readonly where: string;
  readonly requestTimeoutMs: number;
  /**
   * Rejects with errors of the port, but where the answer is one that callers reckon with
   * (`isMissing` and its like).
   */
  call<T>(
    ask: (s3: S3, options: { readonly abortSignal: AbortSignal }) => Promise<T>,
    options?: CallOptions,
  ): Promise<T>;
  /**
   * The time of the server's last answer by its own clock, milliseconds since 1970 (RFC 9110
   * §6.6.1), at most a second too early. It is undefined when the server does not say.
   */
  readonly answeredAt: number | undefined;
  close(): void;
}

const ATTEMPTS = 4;
const MAX_SOCKETS = 512;

/** The SDK takes 0.1 s of CPU and 35 MB: only those who use it load it. */
export async function openS3Link({ world, connection, requestTimeoutMs, log }: S3LinkOptions): Promise<S3Link> {
  const { S3 } = await loadOptional('@aws-sdk/client-s3', 'Keeping objects in S3', () => import('./sdk.ts'));
  const { bucket, endpoint } = connection;
  const where = `Bucket '${bucket}'${endpoint === undefined ? '' : ` at ${endpoint}`}`;
  const attemptMs = Math.max(100, Math.floor(requestTimeoutMs / 2));
  // Once: the SDK asks for it with each call.
  const region = connection.region ?? (await new S3({}).config.region().catch(() => 'us-east-1'));
  const s3 = new S3({
    ...configOf(connection),
    region,
    maxAttempts: ATTEMPTS,
    // It would cost each longer body a connection of its own.
    expectContinueHeader: false,
    // Checked while it is read (`read-body.ts`), also over several connections.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: Math.min(attemptMs, 5000),
      socketTimeout: attemptMs,
      httpAgent: { ...callerAgent, maxSockets: MAX_SOCKETS },
      httpsAgent: { ...callerAgent, maxSockets: MAX_SOCKETS },
    },
  });
  askForChecksums(s3);
  let answeredAt: number | undefined;
  watchDates(s3, date => {
    answeredAt = date;
  });
  let closed = false;
  let downSince: number | undefined;

  const wasAnswered = () => {
    if (downSince === undefined) return;
    log(`${where} answers again after ${Math.round((world.monotonic() - downSince) / 1000)} s.`);
    downSince = undefined;
  };
  const wasNotAnswered = (error: TenfoldError) => {
    if (downSince !== undefined) return;
    downSince = world.monotonic();
    log(`${error.message.replace(/\.$/, '')}. It is tried again whenever it is needed.`);
  };

  return {
    bucket,
    where,
    requestTimeoutMs,
    get answeredAt() {
      return answeredAt;
    },
    async call(ask, { withinMs = requestTimeoutMs, signal } = {}) {
      if (closed) throw new TenfoldError('store-unavailable', 'The blob store is closed.');
      signal?.throwIfAborted();
      const ending = new AbortController();
      const abort = () => ending.abort(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      let late = false;
      const timer = world.after(withinMs, () => {
        late = true;
        ending.abort();
      });
      try {
        const answer = await ask(s3, { abortSignal: ending.signal });
        wasAnswered();
        return answer;
      } catch (error) {
        signal?.throwIfAborted();
        if (isMissing(error) || isUnmet(error) || isContested(error) || isBeyondEnd(error)) {
          wasAnswered();
          throw error;
        }
        const told = late
          ? new TenfoldError('store-unavailable', `${where} has not answered within ${withinMs} ms.`, { cause: error })
          : toBlobError(error, where);
        const status = s3RefusalOf(error)?.status;
        if (status !== undefined && status < 500) wasAnswered();
        else wasNotAnswered(told);
        throw told;
      } finally {
        timer.cancel();
        signal?.removeEventListener('abort', abort);
      }
    },
    close() {
      closed = true;
      s3.destroy();
    },
  };
}

/**
 * Asked for by its own option, the SDK would check the checksum, but could not
 * over connections that break.
 */
function askForChecksums(s3: S3): void {
  s3.middlewareStack.add(
    (next, { commandName }) =>
      args => {
        const { request } = args;
        if (commandName === 'GetObjectCommand' && hasHeaders(request))
          request.headers['x-amz-checksum-mode'] = 'ENABLED';
        return next(args);
      },
    { step: 'build', name: 'askForChecksums' },
  );
}

function watchDates(s3: S3, told: (date: number | undefined) => void): void {
  s3.middlewareStack.add(
    next => async args => {
      const result = await next(args);
      const { response } = result;
      if (hasHeaders(response)) told(parseHttpDate(response.headers['date'] ?? ''));
      return result;
    },
    { step: 'deserialize', name: 'watchDates' },
  );
}

function hasHeaders(request: unknown): request is { readonly headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}

function configOf({ endpoint, pathStyle, credentials }: S3Connection): S3ClientConfig {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials ?? {};
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: pathStyle ?? endpoint !== undefined,
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
  };
}
