// Whoever asks /readyz may send requests as soon as it says so: not before
// the public listener listens.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { openStorage, type Storage } from '../../../server/storage/open-storage.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { freePorts } from '../../cluster/free-ports.ts';
import { eventually } from '../../eventually.ts';

const APP = `
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: {}
`;

describe('A platform that starts', () => {
  let platform: Platform | undefined;
  let kept: Storage | undefined;

  after(async () => {
    await platform?.close(1000);
    await kept?.close();
    removeTempFolders();
  });

  it('says that it is ready when its public listener listens, and names that endpoint until then', async () => {
    kept = await openStorage(realWorld, tempFolder({}));
    assert.ok(kept);
    const { log } = kept;
    const [port = 0, admin = 0] = await freePorts(2);
    const listens = () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      );
    const readiness = async () => {
      const answer = await fetch(`http://127.0.0.1:${admin}/readyz`);
      const said: { ready: boolean; reasons: string[] } = JSON.parse(await answer.text());
      return said;
    };
    const asked = Promise.withResolvers<void>();
    // The resources are there, and the start waits for the topic, for some seconds at most.
    const slow: typeof log = Object.create(log, {
      ensureTopic: {
        value: (...settings: Parameters<typeof log.ensureTopic>) =>
          asked.promise.then(() => log.ensureTopic(...settings)),
      },
    });
    const early = async () => {
      const { reasons } = await readiness();
      // It may have come meanwhile, on a machine that is slow.
      const isOpen = await listens();
      asked.resolve();
      return { reasons, isOpen };
    };
    const answers: ReturnType<typeof early>[] = [];
    platform = await startPlatform({
      directory: tempFolder({ 'app.yaml': APP }),
      watch: false,
      storage: { ...kept, log: slow },
      host: '127.0.0.1',
      ports: { public: port, internal: 0, admin },
      events: { accepted: () => void answers.push(early()) },
    });
    const [first] = await Promise.all(answers);
    assert.ok(first, 'its resources are accepted');
    if (!first.isOpen)
      assert.ok(first.reasons.includes('The public listener does not listen yet.'), first.reasons.join(' '));
    await eventually(async () => (await readiness()).ready, 'it is ready');
    assert.equal(await listens(), true);
  });
});
