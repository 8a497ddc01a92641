// Turns a failed exchange with an upstream into an error code of ours. Its message is for people
// inside; clients get one without any name.
import type { AnswerReason } from '../../core/answer-reasons.ts';
import { TenfoldError } from '../../core/errors.ts';
import { tlsReasonOf } from './tls-reason.ts';
import { codeOf, isUnsendable } from './transport-error.ts';

/**
 * Errors of ours pass; everything else that a transport reports becomes `bad-gateway` with a
 * reason. `sent`: the request had begun to go out.
 */
export function toUpstreamError(error: unknown, target: string, sent = true): TenfoldError {
  if (error instanceof TenfoldError) return error;
  // A request that cannot be sent is the fault of its maker, not of a target that is away.
  const unsendable = !sent && isUnsendable(codeOf(error));
  const reason = tlsReasonOf(error) ?? reasonFor(codeOf(error));
  const words = IN_WORDS[reason];
  // Clients learn nothing of certificates behind the gateway.
  const outside = reason.startsWith('tls.') ? IN_WORDS['upstream.reset'] : words;
  return new TenfoldError('bad-gateway', `${capitalize(target)} ${words}.`, {
    cause: error,
    publicMessage: `The service behind this route ${outside}.`,
    undelivered: !sent && !unsendable,
    unsendable,
    reason,
  });
}

type UpstreamReason = Extract<AnswerReason, `upstream.${string}` | `tls.${string}`>;

const IN_WORDS = {
  'upstream.refused': 'refuses connections',
  'upstream.unresolved': 'has a host name that cannot be resolved',
  'upstream.unreachable': 'cannot be reached',
  'upstream.connect-timeout': 'cannot be reached',
  'upstream.address-forbidden': 'has an address that this installation may not connect to',
  'upstream.header-too-large': 'answered with too large a header',
  'upstream.invalid': 'answered with something that is not valid HTTP',
  'upstream.unsendable': 'cannot be sent this request',
  'upstream.reset': 'ended the connection without a complete answer',
  'tls.expired': 'has a certificate that has expired',
  'tls.not-yet-valid': 'has a certificate that is not valid yet',
  'tls.unknown-issuer': 'has a certificate of an issuer that is not trusted',
  'tls.host-name': 'has a certificate for another host name',
  'tls.certificate': 'has a certificate that cannot be used',
  'tls.handshake': 'does not speak TLS as we do',
} as const satisfies Partial<Record<UpstreamReason, string>>;

function reasonFor(code: string | undefined): keyof typeof IN_WORDS {
  switch (code) {
    case 'ECONNREFUSED':
      return 'upstream.refused';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'upstream.unresolved';
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return 'upstream.connect-timeout';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'upstream.unreachable';
    case 'EADDRNOTALLOWED':
      return 'upstream.address-forbidden';
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'EMSGSIZE':
      return 'upstream.header-too-large';
    case 'EPROTO':
      return 'upstream.invalid';
    default:
      return isUnsendable(code) ? 'upstream.unsendable' : 'upstream.reset';
  }
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
