// `npm run demo [-- [--distributed] [SAMPLE]]`: starts each sample application on free ports, in
// one process or in many, drives it over HTTP, and checks the answers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKey } from '../cli/keys/actions.ts';
import { findKeyStore } from '../cli/keys/key-store.ts';
import type { InternalListener } from '../cli/platform/internal-listener.ts';
import { postBatch } from '../cli/publish/post.ts';
import { demo as clickstream } from '../functions/clickstream/demo.ts';
import { prepare as prepareClickstream } from '../functions/clickstream/prepare.ts';
import { demo as coffeeShop } from '../functions/coffee-shop/demo.ts';
import { prepare as prepareShop } from '../functions/coffee-shop/prepare.ts';
import { demo as contentImport } from '../functions/content-import/demo.ts';
import { prepare as prepareImport } from '../functions/content-import/prepare.ts';
import { demo as legacyMigration } from '../functions/legacy-migration/demo.ts';
import { prepare as prepareLegacy } from '../functions/legacy-migration/prepare.ts';
import { demo as mediaLibrary } from '../functions/media-library/demo.ts';
import { prepare as prepareMedia } from '../functions/media-library/prepare.ts';
import { demo as social } from '../functions/social/demo.ts';
import { prepare as prepareSocial } from '../functions/social/prepare.ts';
import { startPlatform } from '../server/platform.ts';
import { type Driven, type Services, startDistributed, startServices } from './distributed.ts';

/** The services that the application needs beside the platform have been started. */
interface Prepared {
  /** The folder for the platform to run. */
  readonly directory: string;
  drive(platform: Driven, say: (line: string) => void): Promise<void>;
  close(): Promise<void>;
}

interface Sample {
  readonly folder: string;
  /** The patterns among the ten that it shows. */
  readonly patterns: string;
  /** The process whose admin port it asks, where there are many: a worker by default. */
  readonly admin?: 'gateway';
  prepare(): Promise<Prepared>;
}

const adminOf = ({ addresses, adminToken }: Driven) => ({ url: addresses.admin, token: adminToken });

/** The number of articles in the search index. */
const ARTICLES = 3_000;

const samples: readonly Sample[] = [
  {
    folder: 'coffee-shop',
    patterns: '1, 2, 3, 4, 5',
    async prepare() {
      const { directory, issuer, close } = await prepareShop();
      try {
        const partnerKey = await createPartnerKey(directory, 'bakery');
        return {
          directory,
          close,
          drive: (platform, say) =>
            coffeeShop({
              address: platform.addresses.public,
              admin: adminOf(platform),
              issuer,
              partnerKey,
              directory,
              say,
            }),
        };
      } catch (error) {
        await close();
        throw error;
      }
    },
  },
  {
    folder: 'legacy-migration',
    patterns: '6',
    admin: 'gateway',
    async prepare() {
      const prepared = await prepareLegacy();
      return {
        ...prepared,
        drive: (platform, say) =>
          legacyMigration({ address: platform.addresses.public, admin: adminOf(platform), say }),
      };
    },
  },
  {
    folder: 'content-import',
    patterns: '7',
    async prepare() {
      const prepared = await prepareImport(ARTICLES);
      return {
        ...prepared,
        drive: (platform, say) =>
          contentImport({
            address: platform.addresses.public,
            admin: adminOf(platform),
            relational: prepared.relational,
            articles: ARTICLES,
            say,
          }),
      };
    },
  },
  {
    folder: 'social',
    patterns: '8',
    async prepare() {
      const prepared = await prepareSocial();
      return {
        ...prepared,
        drive: (platform, say) => {
          const listener = internalListenerOf(platform);
          return social({
            address: platform.addresses.public,
            publish: (topic, events) => publishAll(listener, topic, events),
            say,
          });
        },
      };
    },
  },
  {
    folder: 'clickstream',
    patterns: '9',
    async prepare() {
      const prepared = await prepareClickstream();
      return {
        ...prepared,
        drive: (platform, say) => {
          const listener = internalListenerOf(platform);
          return clickstream({
            address: platform.addresses.public,
            admin: adminOf(platform),
            publish: (topic, events) => publishAll(listener, topic, events),
            say,
          });
        },
      };
    },
  },
  {
    folder: 'media-library',
    patterns: '10',
    async prepare() {
      const prepared = await prepareMedia();
      return {
        ...prepared,
        drive: (platform, say) => mediaLibrary({ address: platform.addresses.public, admin: adminOf(platform), say }),
      };
    },
  },
];

const say = (line: string) => process.stdout.write(`${line}\n`);

const words = process.argv.slice(2);
const only = words.find(word => !word.startsWith('--'));
const services = words.includes('--distributed') ? await startServices() : undefined;
if (services) say('Kafka, Redis, Elasticsearch and S3 run; each sample in two gateways and two workers');

for (const sample of samples.filter(({ folder }) => only === undefined || folder === only)) {
  say(`\n${sample.folder} (pattern ${sample.patterns})`);
  try {
    await run(sample, services);
    say('  all as it should be');
  } catch (error) {
    process.exitCode = 1;
    say(`  NOT as it should be: ${error instanceof Error ? error.message : String(error)}`);
  }
}
await services?.stop();

async function run(sample: Sample, shared: Services | undefined): Promise<void> {
  const prepared = await sample.prepare();
  try {
    const platform = shared
      ? await startDistributed(prepared.directory, shared, sample.folder, sample.admin ?? 'worker')
      : await startInOne(prepared.directory);
    try {
      await prepared.drive(platform.driven, line => say(`  ${line}`));
    } finally {
      await platform.close();
    }
  } finally {
    await prepared.close();
  }
}

async function startInOne(directory: string): Promise<{ readonly driven: Driven; close(): Promise<void> }> {
  const platform = await startPlatform({
    directory,
    // One of them deploys something while it runs.
    watch: true,
    host: '127.0.0.1',
    ports: { public: 0, internal: 0, admin: 0 },
    events: {
      refused: problems => {
        for (const { file, line, message } of problems) say(`  ${file}:${line} ${message}`);
      },
      functionFailed: ({ name, message }) => say(`  ${name}: ${message}`),
    },
  });
  // The command line finds it in the same way: a running platform writes it into its folder.
  const state: { internalKey: string } = JSON.parse(readFileSync(join(directory, '.tenfold', 'platform.json'), 'utf8'));
  return { driven: { ...platform, internalKey: state.internalKey }, close: () => platform.close(5_000) };
}

/** As `tenfold keys create` does. */
async function createPartnerKey(directory: string, consumer: string): Promise<string> {
  const store = await findKeyStore({ dir: directory, namespace: undefined, api: undefined }, { cwd: directory });
  const { data } = createKey(store, consumer, false, 'table');
  if (data === undefined) throw new Error('no key was made');
  return data;
}

function internalListenerOf({ addresses, internalKey }: Driven): InternalListener {
  return { url: addresses.internal, key: internalKey };
}

/** As `tenfold publish --batch` does. */
async function publishAll(listener: InternalListener, topic: string, events: Iterable<object>): Promise<void> {
  const entries = [...events].map((event, place) => ({ place: `event ${place}`, id: '', text: JSON.stringify(event) }));
  for (let from = 0; from < entries.length; from += 500) {
    const outcomes = await postBatch(listener, topic, entries.slice(from, from + 500));
    const refused = outcomes.find(outcome => !outcome.taken);
    if (refused) throw new Error(`an event for ${topic} was not taken: ${refused.why}`);
  }
}
