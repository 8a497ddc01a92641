// What is bundled into the image of the platform has the clients of all services, which are loaded
// only when they are configured.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HOME } from '../../scripts/images/application-files.ts';
import { ownFiles } from '../../scripts/images/build-images.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { startProcess } from '../processes/start-process.ts';

const NOWHERE = '127.0.0.1:1';

describe('the platform of the image', () => {
  let root: string;

  before(async () => {
    root = tempFolder();
    const { files } = await ownFiles('platform');
    for (const { path, content } of files) {
      if (content === undefined || !path.startsWith(HOME)) continue;
      mkdirSync(dirname(root + path), { recursive: true });
      writeFileSync(root + path, content);
    }
  });
  after(removeTempFolders);

  it('opens Kafka, Redis, Elasticsearch and S3, and waits for those that do not answer', async () => {
    const running = await startProcess({
      role: 'gateway',
      directory: tempFolder({ 'app.yaml': '' }),
      main: join(root, HOME, 'dist/cli/main.js'),
      services: {
        kafka: NOWHERE,
        redis: `redis://${NOWHERE}`,
        elasticsearch: `http://${NOWHERE}`,
        s3: `http://key:secret@${NOWHERE}/bucket`,
        prefix: 'image',
      },
      env: { TENFOLD_PUBLIC_PORT: '0', TENFOLD_INTERNAL_PORT: '0', TENFOLD_ADMIN_PORT: '0' },
    });
    try {
      const { reasons }: { reasons: string[] } = JSON.parse(await (await running.admin('/readyz')).text());
      for (const service of ['Kafka', 'Redis', 'Elasticsearch', 'S3'])
        assert.ok(
          reasons.some(reason => reason.startsWith(`${service} (`) && reason.includes('ECONNREFUSED')),
          `${service}: ${reasons.join('\n')}`,
        );
    } finally {
      await running.end('SIGKILL');
    }
  });
});
