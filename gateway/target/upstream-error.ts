// What a failed exchange with an upstream means for the client: a code of ours, without any address in it.
import { TenfoldError } from '../../core/errors.ts';

/**
 * Errors of ours pass; everything else that a transport reports becomes `bad-gateway` with a reason that names no host. `sent`: the request had begun
 * to go out.
 */
export function toUpstreamError(error: unknown, target: string, sent = true): TenfoldError {
  if (error instanceof TenfoldError) return error;
  // A request that cannot be written is the fault of whoever made it, not of a target that is away.
  const undelivered = !sent && codeOf(error) !== 'EINVAL';
  return new TenfoldError('bad-gateway', `${capitalize(target)} ${reasonFor(error)}.`, { cause: error, undelivered });
}

function reasonFor(error: unknown): string {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return 'refuses connections';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'has a host name that cannot be resolved';
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'cannot be reached';
    case 'EADDRNOTALLOWED':
      return 'has an address that this installation may not connect to';
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'EMSGSIZE':
      return 'answered with too large a header';
    case 'EPROTO':
      return 'answered with something that is not valid HTTP';
    case 'EINVAL':
      return 'cannot be sent this request';
    default:
      return 'ended the connection without a complete answer';
  }
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
