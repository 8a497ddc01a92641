// Credentials for a registry: from variables, or from `docker login`.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TenfoldError } from '../../core/errors.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const HELPER_WITHIN_MS = 30_000;
/** Docker's name for its own registry. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

/** Undefined for a registry that nothing is known of: it is asked as anybody. */
export async function credentialsFor(registry: string, env: Environment): Promise<Credentials | undefined> {
  const { TENFOLD_REGISTRY_USERNAME: username, TENFOLD_REGISTRY_PASSWORD: password } = env;
  if (username && password) return { username, password };
  const file = join(env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'), 'config.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const config = parse(file, text);
  const keys = registry === 'docker.io' ? [DOCKER_HUB_KEY, registry] : [registry, `https://${registry}`];
  for (const key of keys) {
    const helper = textAt(config, 'credHelpers', key) ?? textAt(config, 'credsStore');
    const given = helper === undefined ? undefined : await askHelper(helper, key, env);
    if (given) return given;
    const auth = textAt(config, 'auths', key, 'auth');
    const [user, ...secret] = auth === undefined ? [] : Buffer.from(auth, 'base64').toString('utf8').split(':');
    if (user) return { username: user, password: secret.join(':') };
  }
  return undefined;
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TenfoldError(
      'bad-request',
      `${file} is no JSON: log in again with "docker login", or set TENFOLD_REGISTRY_USERNAME and TENFOLD_REGISTRY_PASSWORD.`,
      { cause },
    );
  }
}

/** A program `docker-credential-NAME` that is asked on its standard input, and answers in JSON. */
function askHelper(name: string, server: string, env: Environment): Promise<Credentials | undefined> {
  return new Promise(resolve => {
    const options = { timeout: HELPER_WITHIN_MS, env: { ...env } };
    const child = execFile(`docker-credential-${name}`, ['get'], options, (error, stdout) => {
      // The helper gives the same answer when it has no credentials and when it fails; the registry
      // then reports the missing ones.
      if (error) return resolve(undefined);
      try {
        const answer: unknown = JSON.parse(stdout);
        const [username, password] = [textAt(answer, 'Username'), textAt(answer, 'Secret')];
        resolve(username === undefined || password === undefined ? undefined : { username, password });
      } catch {
        resolve(undefined);
      }
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(server);
  });
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return typeof at === 'string' && at !== '' ? at : undefined;
}
