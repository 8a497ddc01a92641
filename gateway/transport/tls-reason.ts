// Says why TLS with an upstream failed: by the codes of OpenSSL's checks of certificates
// (X509_V_ERR_…), and by those of Node.
import type { AnswerReason } from '../../core/answer-reasons.ts';
import { codeOf } from './transport-error.ts';

type TlsReason = Extract<AnswerReason, `tls.${string}`>;

const REASONS: ReadonlyMap<string, TlsReason> = new Map<string, TlsReason>([
  ['CERT_HAS_EXPIRED', 'tls.expired'],
  ['CERT_NOT_YET_VALID', 'tls.not-yet-valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls.host-name'],
  ['HOSTNAME_MISMATCH', 'tls.host-name'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls.unknown-issuer'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls.unknown-issuer'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls.unknown-issuer'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls.unknown-issuer'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls.unknown-issuer'],
  ['CERT_UNTRUSTED', 'tls.unknown-issuer'],
  ['CERT_REVOKED', 'tls.certificate'],
  ['CERT_REJECTED', 'tls.certificate'],
  ['CERT_SIGNATURE_FAILURE', 'tls.certificate'],
  ['CERT_CHAIN_TOO_LONG', 'tls.certificate'],
  ['PATH_LENGTH_EXCEEDED', 'tls.certificate'],
  ['INVALID_CA', 'tls.certificate'],
  ['INVALID_PURPOSE', 'tls.certificate'],
]);

/** Undefined for a failure that is not about TLS. */
export function tlsReasonOf(error: unknown): TlsReason | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const known = REASONS.get(code);
  if (known !== undefined) return known;
  if (code.startsWith('ERR_SSL_')) return 'tls.handshake';
  // OpenSSL's errors while a socket writes have the code of the system, and say where they are of.
  const isOfOpenSsl = error instanceof Error && 'library' in error;
  return code === 'EPROTO' && isOfOpenSsl ? 'tls.handshake' : undefined;
}
