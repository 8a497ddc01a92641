// A service of tests is had by its URL, else in a container, else as a program, else not at all; in
// containers where Docker answers and has the image.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from '../eventually.ts';
import { docker, type ImageState, imageOf, imageState } from './containers.ts';
import { elasticsearch } from './elasticsearch.ts';
import { kafka } from './kafka.ts';
import { answers, redis } from './redis.ts';
import { registry } from './registry.ts';
import { s3 } from './s3.ts';
import { type ServiceKind, startService, wayTo } from './service.ts';

const KINDS = [redis, s3, elasticsearch, kafka, registry];
const VARIABLE = 'TENFOLD_TEST_OF_SERVICES';
const image = imageOf({ service: 'redis' });

const kind = (isInstalled: boolean): ServiceKind => ({ ...redis, variable: VARIABLE, isInstalled: () => isInstalled });
const by = (service: ServiceKind, state: ImageState) => {
  const way = wayTo(service, () => state);
  return [way.by, way.by === 'url' ? way.url : way.why];
};

describe('the way to a service of tests', () => {
  afterEach(() => {
    delete process.env[VARIABLE];
  });

  it('is the URL that the environment names, whatever else there is', () => {
    process.env[VARIABLE] = 'redis://elsewhere:6379';
    for (const state of ['there', 'missing', 'away'] as const)
      assert.deepEqual(by(kind(true), state), ['url', 'redis://elsewhere:6379']);
  });

  const unnamed = `${VARIABLE} does not say where it runs`;
  const rows: [ImageState, boolean, string, string][] = [
    ['there', true, 'container', `Redis runs in a container of ${image}`],
    ['there', false, 'container', `Redis runs in a container of ${image}`],
    ['missing', true, 'program', `Redis runs as a program: ${unnamed}, Docker has no image ${image}`],
    ['away', true, 'program', `Redis runs as a program: ${unnamed}, Docker does not answer`],
    [
      'missing',
      false,
      'none',
      `${unnamed}, Docker has no image ${image}, and it is not installed (make install-services)`,
    ],
    ['away', false, 'none', `${unnamed}, Docker does not answer, and it is not installed (make install-services)`],
  ];
  for (const [state, isInstalled, way, why] of rows)
    it(`is ${way} where the image is ${state} and the program ${isInstalled ? 'installed' : 'missing'}`, () => {
      assert.deepEqual(by(kind(isInstalled), state), [way, why]);
    });

  it('asks for no container of what has no image', () => {
    const stateOf = () => assert.fail('asked');
    assert.equal(wayTo({ ...registry, isInstalled: () => true }, stateOf).by, 'program');
  });

  it('names images that docker-compose.yaml has', () => {
    for (const { container } of KINDS) if (container) assert.match(imageOf(container), /^[\w./-]+:[\w.]+$/);
  });

  it('goes past a Docker that is away at once', () => {
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'unix:///tmp/tenfold-no-docker';
    try {
      assert.equal(imageState(image), 'away');
      assert.equal(wayTo(kind(true)).by, 'program');
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
  });

  it('fails to start what cannot be had, and says why', async () => {
    await assert.rejects(startService(kind(false), { by: 'none', why: 'there is none' }), {
      message: 'Redis cannot be started: there is none.',
    });
  });
});

if (imageState(image) === 'there')
  describe('a service of tests in a container of Docker', () => {
    const containersAt = (url: string) =>
      docker('ps', '--all', '--quiet', '--filter', `publish=${new URL(url).port}`) ?? assert.fail('no Docker');
    const isUp = (url: string) => answers(Number(new URL(url).port));
    const children: ChildProcess[] = [];
    after(() => {
      for (const child of children) child.kill('SIGKILL');
    });

    it('answers at its URL, and is gone when it is stopped', async () => {
      const { url, stop } = await startService(kind(false));
      assert.ok(await isUp(url));
      assert.notEqual(containersAt(url), '');
      await stop();
      assert.ok(!(await isUp(url)));
      assert.equal(containersAt(url), '');
    });

    it('is gone when whoever started it has been killed', async () => {
      const start = `import { redis } from './redis.ts'; import { startService } from './service.ts';
        console.log((await startService({ ...redis, variable: '${VARIABLE}' })).url);`;
      const child = spawn(process.execPath, ['--conditions=tenfold-source', '--input-type=module', '--eval', start], {
        cwd: import.meta.dirname,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      const [url] = await once(createInterface(child.stdout), 'line');
      assert.ok(await isUp(url));
      child.kill('SIGKILL');
      await eventually(() => containersAt(url) === '', 'the container is gone');
    });

    it('does not start from an image that Docker has not', () => {
      assert.equal(imageState('tenfold/no-such-image:1'), 'missing');
    });

    it('says what a container said that did not start', async () => {
      const broken = { ...redis.container!, command: ['redis-server', '--no-such-setting', 'yes'] };
      await assert.rejects(startService({ ...kind(false), container: broken }), /no-such-setting/);
    });
  });
else
  process.stderr.write(
    `\n!! Services of tests were not tried in containers: Docker does not answer, or has no image ${image}.\n\n`,
  );
