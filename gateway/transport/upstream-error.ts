// Turns a failed exchange with an upstream into an error code of ours. Its message is for people
// inside; clients get one without any name.
import { TenfoldError } from '../../core/errors.ts';
import { codeOf, isUnsendable } from './transport-error.ts';

/**
 * Errors of ours pass; everything else that a transport reports becomes `bad-gateway` with a
 * reason. `sent`: the request had begun to go out.
 */
export function toUpstreamError(error: unknown, target: string, sent = true): TenfoldError {
  if (error instanceof TenfoldError) return error;
  // A request that cannot be sent is the fault of its maker, not of a target that is away.
  const unsendable = !sent && isUnsendable(codeOf(error));
  const reason = reasonFor(codeOf(error));
  return new TenfoldError('bad-gateway', `${capitalize(target)} ${reason}.`, {
    cause: error,
    publicMessage: `The service behind this route ${reason}.`,
    undelivered: !sent && !unsendable,
    unsendable,
  });
}

function reasonFor(code: string | undefined): string {
  switch (code) {
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
    default:
      return isUnsendable(code) ? 'cannot be sent this request' : 'ended the connection without a complete answer';
  }
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
