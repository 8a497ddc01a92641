// The files of a certificate from the options, looked at before anything is started.
import { resolve } from 'node:path';
import { type CertificateFiles, readCertificate } from '../../server/certificate.ts';
import { CommandError } from '../command-error.ts';
import type { ApplicationOptions } from './application-options.ts';

export function certificateOf(
  { tlsCert, tlsKey }: Pick<ApplicationOptions, 'tlsCert' | 'tlsKey'>,
  cwd: string,
): CertificateFiles | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CommandError('usage', 'A certificate needs its key, and a key its certificate.', {
      hint: 'pass both --tls-cert FILE and --tls-key FILE.',
    });
  }
  const files = { cert: resolve(cwd, tlsCert), key: resolve(cwd, tlsKey) };
  try {
    readCertificate(files);
    return files;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof Error && 'syscall' in cause) throw new CommandError('file-unreadable', message, { cause });
    throw new CommandError('bad-certificate', `The certificate cannot be used: ${message}.`, { cause });
  }
}
