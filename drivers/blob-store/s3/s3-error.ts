// Says in the port's words what an S3 server or the connection to it answered.
import type { S3ServiceException } from '@aws-sdk/client-s3';
import { TenfoldError } from '../../../core/errors.ts';

/** An answer of S3 that is no success. */
interface Refusal {
  readonly name: string;
  readonly status: number;
  readonly message: string;
}

const UNUSABLE: Readonly<Record<string, string>> = {
  NoSuchBucket: 'There is no such bucket',
  PermanentRedirect: 'The bucket is in another region or at another address',
  AuthorizationHeaderMalformed: 'The bucket is in another region',
  InvalidAccessKeyId: 'The server does not know this access key',
  XAdminUserNotFound: 'The server does not know this access key',
  SignatureDoesNotMatch: 'The server does not accept the secret key',
  InvalidBucketName: 'The name of the bucket is not valid',
};
const MISSING = new Set(['NoSuchKey', 'NotFound', 'NoSuchUpload']);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'CredentialsProviderError']);
/** The clock of one side is wrong, which says nothing of the bucket and may be over soon. */
const SKEWED = new Set(['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture']);
const CORRUPT = new Set(['BadDigest', 'InvalidDigest', 'XAmzContentSHA256Mismatch']);
const BUSY = new Set(['SlowDown', 'ServiceUnavailable', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded']);
const INVALID = new Set(['KeyTooLongError', 'MetadataTooLarge', 'EntityTooLarge', 'InvalidArgument']);

/** Undefined: nobody answered. */
export function s3RefusalOf(error: unknown): Refusal | undefined {
  if (!isServiceError(error)) return undefined;
  const status = error.$metadata.httpStatusCode;
  return status === undefined ? undefined : { name: error.name, status, message: error.message };
}

/** Not the bucket, nor whoever asks. Without a body, as for HEAD, the SDK says `NotFound`. */
export const isMissing = (error: unknown): boolean => MISSING.has(s3RefusalOf(error)?.name ?? '');

/** A condition of the request does not hold for the stored object. */
export const isUnmet = (error: unknown): boolean => s3RefusalOf(error)?.status === 412;

/** Others write the same object right now. */
export const isContested = (error: unknown): boolean => {
  const refusal = s3RefusalOf(error);
  return refusal?.status === 409 && /Conditional|OperationAborted/.test(refusal.name);
};

export const isBeyondEnd = (error: unknown): boolean => s3RefusalOf(error)?.status === 416;

/** That the SDK made. */
export const attemptsOf = (error: unknown): number => (isServiceError(error) ? (error.$metadata.attempts ?? 1) : 1);

/** `where`: bucket and server. */
export function toBlobError(error: unknown, where: string): TenfoldError {
  if (error instanceof TenfoldError) return error;
  const refusal = s3RefusalOf(error);
  const text = error instanceof Error ? error.message || error.name : String(error);
  const fail = (code: TenfoldError['code'], message: string) => new TenfoldError(code, message, { cause: error });
  if (refusal === undefined) {
    if (error instanceof Error && EXPIRED.has(error.name))
      return fail('store-unavailable', `There are no valid credentials for ${where}: ${text}`);
    return fail('store-unavailable', `${where} cannot be reached, or the connection was lost on the way: ${text}`);
  }
  const { name, status } = refusal;
  const answer = `${name} (${status})${refusal.message === '' || refusal.message === 'UnknownError' ? '' : `: ${text}`}`;
  const unusable = UNUSABLE[name];
  if (unusable) return fail('storage-unusable', `${unusable}: ${where} answers ${answer}`);
  if (EXPIRED.has(name)) return fail('store-unavailable', `The credentials for ${where} have expired: ${answer}`);
  if (SKEWED.has(name))
    return fail(
      'store-unavailable',
      `${where} refuses requests, as its clock and that of this machine differ: ${answer}`,
    );
  if (CORRUPT.has(name))
    return fail('data-corrupt', `What arrived at ${where} is not what was sent, and is not kept: ${answer}`);
  if (BUSY.has(name) || status === 429 || status === 503)
    return fail('store-unavailable', `${where} asks to be left alone for a moment: ${answer}`);
  if (status === 401 || status === 403)
    return fail('storage-unusable', `${where} does not allow what is needed of it: ${answer}`);
  if (INVALID.has(name)) return fail('invalid-input', `${where} does not take it: ${answer}`);
  if (name === 'ObjectParentIsFile' || name === 'ExistingObjectIsDirectory' || name === 'XMinioParentIsObject')
    return fail('invalid-input', `${where} cannot keep an object and others below its key: ${answer}`);
  return fail('store-unavailable', `${where} answers ${answer}`);
}

function isServiceError(error: unknown): error is S3ServiceException {
  return error instanceof Error && '$metadata' in error && typeof error.$metadata === 'object';
}
