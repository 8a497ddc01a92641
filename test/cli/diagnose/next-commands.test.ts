// The command that each finding names is one that the command line takes, for all kinds of
// consumers and in any namespace.
import assert from 'node:assert/strict';
import { consumerKinds } from '../../../admin/consumer-name.ts';
import { findingsOfConsumer, findingsOfPipeline, findingsOfView } from '../../../admin/diagnosis/consumer-findings.ts';
import { exitCodes } from '../../../cli/exit-codes.ts';
import { pipeline, view } from '../../admin/diagnosis/well.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { startAdminRun } from '../events/admin-run.ts';

const NAMES: Readonly<Record<(typeof consumerKinds)[number], string>> = {
  Subscription: 'wall',
  Queue: 'imports',
  Strangler: 'shop.orders',
  FanOut: 'renditions/splits',
  View: 'sold',
  Pipeline: 'clicks',
};
const WRONG = [
  { state: 'resting' as const, deadLetters: 2, heldKeys: 1 },
  { state: 'paused' as const, pausedByCommand: true },
  { parkedKeys: 0, parkedEvents: 0, oldestAgeMs: 600_000 },
];

describe('the next command of a finding', () => {
  for (const namespace of ['default', 'shop'])
    it(`is one that there is, in namespace ${namespace}`, async () => {
      const consumers = consumerKinds.map(kind => fakeConsumer(NAMES[kind], { kind, namespace }));
      const findings = [
        // Nobody pauses Views and Pipelines.
        ...consumers.flatMap(one =>
          WRONG.filter(({ state }) => state !== 'paused' || !/View|Pipeline/.test(one.kind)).flatMap(more =>
            findingsOfConsumer({ ...one, ...more }, 0, 1),
          ),
        ),
        ...findingsOfView(
          { ...view, namespace, behind: 1, refused: 1, jumped: 1, asOf: new Date(0).toISOString() },
          1e9,
        ),
        ...findingsOfPipeline({ ...pipeline, namespace, parkedEvents: 1, deadLetters: 1, refused: 1, jumped: 1 }),
      ];
      const commands = new Set(findings.map(({ next }) => next).filter(next => next.startsWith('tenfold ')));
      assert.ok(commands.size > 15, String(commands.size));
      const admin = await startAdminRun({
        consumers: async () => consumers,
        pause: async () => {},
        resume: async () => {},
      });
      const refused: string[] = [];
      for (const command of commands) {
        const words = command.split(' ').slice(1);
        const { code, stderr } = await admin.run(
          words[0] === 'top' ? [...words, '--once', '--interval', '10ms'] : words,
        );
        if (code === exitCodes.usage.code || /There is no/.test(stderr)) refused.push(`${command}: ${stderr}`);
      }
      admin.close();
      assert.deepEqual(refused, []);
    });
});
