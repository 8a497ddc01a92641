// A schema registry for tests that speaks Confluent's protocol: Apicurio, from the cache that
// `install-registry` fills, with its schemas in memory.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../cluster/free-ports.ts';
import { findJava } from './find-java.ts';
import { startNative } from './native-process.ts';
import type { ServiceKind } from './service.ts';

const HOME = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tenfold/services/registry-3.3.3');
const API = '/apis/ccompat/v7';

export const registry: ServiceKind = {
  name: 'schema registry',
  variable: 'TENFOLD_TEST_REGISTRY',
  isInstalled: () => existsSync(join(HOME, 'complete')),
  start: () => startRegistry(),
};

export async function startRegistry(given?: number): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = given ?? (await freePorts(1))[0] ?? 0;
  const url = `http://127.0.0.1:${port}${API}`;
  const { stop } = await startNative({
    name: 'registry',
    command: findJava(17),
    args: folder => [
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      `-Djava.io.tmpdir=${folder}`,
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${port}`,
      // Else that of management is the same for all.
      '-Dquarkus.management.host=127.0.0.1',
      '-Dquarkus.management.port=0',
      '-Dquarkus.http.access-log.enabled=false',
      '-Dapicurio.storage.kind=sql',
      '-Dapicurio.storage.sql.kind=h2',
      '-jar',
      join(HOME, 'quarkus-run.jar'),
    ],
    async isReady() {
      const answer = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(2 * 60_000) }).catch(() => undefined);
      return answer?.ok === true;
    },
    // Five seconds where nothing else runs.
  });
  return { url, stop };
}

export interface GivenSchema {
  readonly schema: string;
  readonly schemaType?: 'AVRO' | 'PROTOBUF' | 'JSON';
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[];
}

/** As a producer of another team registers it; answers with its number. */
export async function registerSchema(url: string, subject: string, schema: GivenSchema): Promise<number> {
  const answer = await fetch(`${url}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(schema),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The registry answers ${answer.status}: ${text}`);
  return (JSON.parse(text) as { id: number }).id;
}
