// The certificate of the public listener: read from two files, and read again when they change, as
// cert-manager and others renew them.
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { World } from '../../core/world.ts';
import type { Certificate } from '../../gateway/listeners/listener-server.ts';
import type { GatewayLogEntry } from '../platform-events.ts';

export interface CertificateFiles {
  /** PEM, with the certificates between it and a root. */
  readonly cert: string;
  readonly key: string;
}

/**
 * How often the files are read. Polling of the content sees what events miss: Kubernetes renews by
 * moving links of folders.
 */
const INTERVAL_MS = 10_000;

/** Throws when a file cannot be read, or the two do not belong together. */
export function readCertificate(files: CertificateFiles): Certificate {
  const certificate = { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') };
  createSecureContext(certificate);
  return certificate;
}

/**
 * `current` is the certificate in use. A certificate in the files that cannot be used is reported
 * once for each reason; the one before stays.
 */
export function followCertificate(
  world: World,
  files: CertificateFiles,
  current: Certificate,
  renew: (certificate: Certificate) => void,
  log: (entry: GatewayLogEntry) => void,
): { close(): void } {
  let known = current;
  let told: string | undefined;
  const look = () => {
    try {
      const found = readCertificate(files);
      told = undefined;
      if (found.cert === known.cert && found.key === known.key) return;
      renew(found);
      known = found;
      log({ level: 'info', message: 'the certificate of the public listener was renewed', fields: {} });
    } catch (error) {
      const reason = String(error);
      const message = 'the certificate in the files cannot be used; the one before stays';
      if (told !== reason) log({ level: 'error', message, fields: { reason } });
      told = reason;
    } finally {
      timer = world.after(INTERVAL_MS, look);
    }
  };
  let timer = world.after(INTERVAL_MS, look);
  return { close: () => timer.cancel() };
}
