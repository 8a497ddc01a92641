// Workflow files: they run what others wrote only as it was looked at, with the rights that they
// need, and nothing that a stranger wrote.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly needs?: unknown;
  readonly permissions?: unknown;
  readonly 'timeout-minutes'?: unknown;
  readonly steps?: readonly Step[];
}

const FOLDER = new URL('../../.github/workflows/', import.meta.url);
const makefile = readFileSync(new URL('../../Makefile', import.meta.url), 'utf8');
const files = readdirSync(FOLDER).map(name => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));

for (const { name, text } of files) {
  const workflow = parse(text);
  const jobs: readonly (readonly [string, Job])[] = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps ?? []);

  describe(`Workflow ${name}`, () => {
    it('names each action by the commit that was looked at, with its version beside it', () => {
      const used = text.split('\n').filter(line => line.includes('uses:'));
      assert.ok(used.length > 0);
      for (const line of used) assert.match(line, /uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it('has no rights but those that each job names, and an end', () => {
      assert.deepEqual(workflow.permissions, {});
      for (const [job, { permissions, 'timeout-minutes': minutes }] of jobs) {
        assert.equal(typeof permissions, 'object', `${job} names its permissions`);
        assert.equal(typeof minutes, 'number', `${job} says when it ends`);
      }
    });

    it('leaves no token behind for what it runs', () => {
      for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
        assert.equal(step.with?.['persist-credentials'], false);
    });

    it('runs nothing with rights for what strangers propose, and puts nothing of theirs into a shell', () => {
      assert.ok(!Object.keys(workflow.on).includes('pull_request_target'));
      for (const { run } of steps) assert.doesNotMatch(run ?? '', /\$\{\{/);
    });

    it('has the steps of a shell end where one of several commands in a line fails', () => {
      for (const { run } of steps.filter(({ run }) => run?.includes(' | ')))
        assert.equal(workflow.defaults?.run?.shell, 'bash', `${run} needs pipefail, which is in no other shell`);
    });

    it('gives the identity that signs to a release alone', () => {
      const signing = jobs.filter(([, { permissions }]) => JSON.stringify(permissions).includes('id-token'));
      if (signing.length > 0) assert.deepEqual(workflow.on, { release: { types: ['published'] } });
    });

    it('runs targets that there are', () => {
      for (const { run } of steps) {
        for (const [, target] of (run ?? '').matchAll(/\bmake ([\w-]+)/g))
          assert.match(makefile, new RegExp(`^${target}:`, 'm'));
      }
    });
  });
}

describe('A release', () => {
  const { jobs } = parse(readFileSync(new URL('release.yml', FOLDER), 'utf8'));
  const scriptOf = (job: string): string => jobs[job].steps.map(({ run = '' }: Step) => run).join('\n');

  it('signs each image by its digest, and says in a signed list what is in it', () => {
    for (const command of ['cosign sign ', 'cosign attest ']) {
      const [line = ''] = scriptOf('sign').match(new RegExp(`^ *${command}.*$`, 'm')) ?? [];
      assert.match(line, /@\$digest"$/);
    }
    assert.match(scriptOf('sign'), /--type cyclonedx --predicate "dist\/images\/\$name\.cdx\.json"/);
  });

  it('builds images with SBOM and provenance for each architecture that is signed', () => {
    const bake = readFileSync(new URL('../../scripts/images/docker-bake.hcl', import.meta.url), 'utf8');
    assert.match(bake, /attest += \["type=sbom", "type=provenance,mode=max"\]/);
    const built: readonly { architecture: string }[] = jobs.images.strategy.matrix.include;
    for (const { architecture } of built) assert.match(scriptOf('sign'), new RegExp(`"\\$image-${architecture}"`));
    const platforms = /platforms += \[(.*)\]/.exec(bake)?.[1] ?? '';
    assert.equal(platforms, built.map(({ architecture }) => `"linux/${architecture}"`).join(', '));
  });

  it('publishes the npm packages with provenance and no token, once all else is signed', () => {
    assert.equal(jobs.images.needs, undefined);
    assert.equal(jobs.sign.needs, 'images');
    assert.equal(jobs.package.needs, 'sign');
    assert.match(scriptOf('package'), /^\s*npm publish .*--provenance /m);
    // Those that others need come first.
    assert.match(scriptOf('package'), /for package in "\$RUNNER_TEMP"\/\{tenfold,create-tenfold\}-\*\.tgz; do/);
    assert.match(scriptOf('package'), /^npm sbom --omit=dev --sbom-format=cyclonedx /m);
    assert.doesNotMatch(readFileSync(new URL('release.yml', FOLDER), 'utf8'), /NPM_TOKEN|NODE_AUTH_TOKEN|secrets\./);
  });

  it('is checked by those who use it as the workflow signs it', () => {
    const security = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8');
    assert.match(security, /\.github\/workflows\/release\.yml@refs\/tags\/v/);
    for (const command of [
      'cosign verify ',
      'cosign verify-attestation ',
      'npm audit signatures',
      'cosign verify-blob-attestation ',
    ])
      assert.ok(security.includes(command), `SECURITY.md shows ${command}`);
    for (const file of ['tenfold.cdx.json', '.sigstore.json']) {
      assert.ok(scriptOf('package').includes(file));
      assert.ok(security.includes(file), `SECURITY.md says what ${file} is`);
    }
  });
});
