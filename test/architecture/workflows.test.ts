// Workflow files: they run what others wrote only as it was looked at, with the rights that they need, and nothing that a stranger wrote.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
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

    it('runs targets that there are', () => {
      for (const { run } of steps) {
        for (const [, target] of (run ?? '').matchAll(/\bmake ([\w-]+)/g))
          assert.match(makefile, new RegExp(`^${target}:`, 'm'));
      }
    });
  });
}
