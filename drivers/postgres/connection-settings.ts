// Reads the address of a database out of a Secret, with all that the platform does not take from
// its own environment: user, password and TLS.
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { TenfoldError } from '../../core/errors.ts';

export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: ConnectionOptions | false;
  /** `host:port/database`, for people. */
  readonly shown: string;
}

const MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof MODES)[number];
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
/** Parameters that change nothing of what the platform does by itself. */
const KNOWN = new Set(['sslmode', 'application_name', 'connect_timeout', 'target_session_attrs']);

/** `entries`: of the Secret. The messages name no part of the address but host and parameters. */
export function connectionSettingsOf(
  secret: string,
  entries: Readonly<Record<string, string>> | undefined,
): ConnectionSettings {
  if (entries === undefined) throw unusable(`There is no Secret ${secret} with the address of the database.`);
  const text = (entries['url'] ?? entries['uri'])?.trim();
  if (text === undefined) throw unusable(`The Secret ${secret} has neither url nor uri.`);
  const isAddress = /^postgres(ql)?:\/\//.test(text) && URL.canParse(text);
  if (!isAddress) {
    throw unusable(`The url of Secret ${secret} is no address of Postgres, such as postgres://user:password@db/shop.`);
  }
  const url = new URL(text);
  const host = decode(url.hostname).replace(/^\[|\]$/g, '');
  const database = decode(url.pathname.slice(1));
  const user = decode(url.username) || entries['username'];
  if (host === '' || database === '' || user === undefined || user === '') {
    throw unusable(`The url of Secret ${secret} lacks its host, its user or the name of the database.`);
  }
  for (const name of url.searchParams.keys()) if (!KNOWN.has(name)) throw unusable(faultOf(secret, name));
  const port = url.port === '' ? 5432 : Number(url.port);
  return {
    host,
    port,
    user,
    password: decode(url.password) || (entries['password'] ?? ''),
    database,
    ssl: tlsOf(secret, host, url.searchParams.get('sslmode'), entries['ca']),
    shown: `${host}:${port}/${database}`,
  };
}

function faultOf(secret: string, name: string): string {
  const where = `The url of Secret ${secret} has the parameter "${name}"`;
  return name === 'replication'
    ? `${where}: logical replication is not supported. Write the changes into an outbox table, and remove it.`
    : `${where}, which has no effect here. Remove it.`;
}

/** A mode that goes back to plain text by itself is refused: nobody would notice. */
function tlsOf(secret: string, host: string, asked: string | null, ca: string | undefined): ConnectionSettings['ssl'] {
  const mode = asked ?? (LOOPBACK.test(host) ? 'disable' : 'verify-full');
  if (!isMode(mode)) {
    throw unusable(`The url of Secret ${secret} has sslmode=${mode}; it must be one of ${MODES.join(', ')}.`);
  }
  if (mode === 'disable') return false;
  if (mode === 'require') return { rejectUnauthorized: false };
  if (ca === undefined && mode === 'verify-ca') {
    throw unusable(`The url of Secret ${secret} has sslmode=verify-ca, which needs the key ca in the Secret.`);
  }
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    // Without it the certificate of a host that is an address is compared with "localhost".
    checkServerIdentity: (_name, certificate) =>
      mode === 'verify-ca' ? undefined : checkServerIdentity(host, certificate),
  };
}

function isMode(text: string): text is Mode {
  return (MODES as readonly string[]).includes(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unusable(message: string): TenfoldError {
  return new TenfoldError('storage-unusable', message);
}
