// A page of the documentation about a database, on a whole platform: its statements are run in a
// Postgres, and its resources are in force.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Platform, startPlatform } from '../../server/platform.ts';
import { readBlocks, runLines } from './page-blocks.ts';
import { root } from './platform-process.ts';

export interface PostgresPageOptions {
  readonly page: string;
  /** Of the server; the page gets a database of its own. */
  readonly url: string;
  /** That the page makes. */
  readonly role: string;
  /** Files with code that the page has behind its resources, such as `receipt.ts`. */
  readonly files?: readonly string[];
}

export interface PostgresPage {
  /** What the page has behind its first statements and resources. */
  readonly page: ReturnType<typeof readBlocks>;
  readonly directory: string;
  readonly platform: Platform;
  /** In its database. */
  readonly client: Client;
  ask<T>(path: string): Promise<T>;
  /** Runs the next lines of the page, which write the Secret, for this server. */
  writeSecret(): Promise<void>;
  close(): Promise<void>;
}

let number = 0;

export async function openPostgresPage({
  page: file,
  url,
  role,
  files = [],
}: PostgresPageOptions): Promise<PostgresPage> {
  const page = readBlocks(file);
  const name = `page_${process.pid}_${++number}`;
  const connect = async (database: string) => {
    const made = new Client(Object.assign(new URL(url), { pathname: database }).href);
    made.on('error', () => undefined);
    await made.connect();
    return made;
  };
  const server = await connect('postgres');
  await server.query(`CREATE DATABASE ${name}`);
  const client = await connect(name);
  await client.query(page.next('sql'));
  mkdirSync(join(root, '.cache'), { recursive: true });
  const directory = mkdtempSync(join(root, '.cache', 'page-'));
  writeFileSync(join(directory, 'app.yaml'), page.next('yaml'));
  for (const code of files) writeFileSync(join(directory, code), page.next(code.slice(code.lastIndexOf('.') + 1)));
  const ports = { public: 0, internal: 0, admin: 0 };
  const platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
  assert.deepEqual(platform.view.catalog.problems, []);
  return {
    page,
    directory,
    platform,
    client,
    async ask(path) {
      const headers = { authorization: `Bearer ${platform.adminToken}` };
      const answer = await fetch(`${platform.addresses.admin}/api${path}`, { headers });
      assert.equal(answer.status, 200, path);
      return JSON.parse(await answer.text());
    },
    async writeSecret() {
      await runLines([page.next('sh').replace('127.0.0.1:5432/shop', `${new URL(url).host}/${name}`)], directory);
    },
    async close() {
      await platform.close(1000);
      await client.query(`DROP OWNED BY ${role}`);
      await client.end();
      await server.query(`DROP DATABASE ${name}`);
      await server.query(`DROP ROLE ${role}`);
      await server.end();
      rmSync(directory, { recursive: true });
    },
  };
}
