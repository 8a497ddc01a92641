// Looks at the files of a certificate before anything is started.
import { type CertificateFiles, readCertificate } from '../../server/listeners/certificate.ts';
import { CommandError } from '../command-error.ts';

export function assertCertificate(files: CertificateFiles): void {
  try {
    readCertificate(files);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof Error && 'syscall' in cause) throw new CommandError('file-unreadable', message, { cause });
    throw new CommandError('bad-certificate', `The certificate cannot be used: ${message}.`, { cause });
  }
}
