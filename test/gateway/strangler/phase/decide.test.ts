// Promotion and back-out as a pure decision, and as it happens by itself under
// a clock of the test's own.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Findings } from '../../../../gateway/strangler/compare/findings.ts';
import { decide, type PromotionEvidence, type PromotionRules } from '../../../../gateway/strangler/phase/decide.ts';
import { createFeatureControl } from '../../../../gateway/strangler/phase/feature-control.ts';
import { FeatureRecord } from '../../../../gateway/strangler/phase/feature-record.ts';
import { PHASES, type PhaseState, phaseStateAt } from '../../../../gateway/strangler/phase/phase-state.ts';
import { createMemorySwitches } from '../../../../gateway/strangler/phase/switches.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const rules: PromotionRules = {
  maxMismatch: 0.001,
  maxErrorRate: 0.01,
  maxMasked: 0.05,
  maxUncompared: 0.05,
  minimum: 1000,
  window: 600_000,
  steps: [1, 10, 50, 100],
};
const good: PromotionEvidence = {
  requests: 1000,
  failed: 0,
  compared: 1000,
  mismatched: 0,
  masked: 0,
  measured: 1000,
  uncompared: 0,
  elapsed: 600_000,
};

describe('the decision', () => {
  const rows: {
    name: string;
    now: PhaseState;
    evidence?: Partial<PromotionEvidence>;
    verdict: string;
    to?: PhaseState;
  }[] = [
    { name: 'shadow went well', now: phaseStateAt('shadow', 0), verdict: 'advance', to: phaseStateAt('canary', 1) },
    { name: 'the next step', now: phaseStateAt('canary', 1), verdict: 'advance', to: phaseStateAt('canary', 10) },
    {
      name: 'a share that is no step',
      now: phaseStateAt('canary', 20),
      verdict: 'advance',
      to: phaseStateAt('canary', 50),
    },
    { name: 'the last step', now: phaseStateAt('canary', 100), verdict: 'advance', to: phaseStateAt('live', 100) },
    { name: 'too few requests', now: phaseStateAt('canary', 1), evidence: { requests: 999 }, verdict: 'stay' },
    { name: 'too few comparisons', now: phaseStateAt('shadow', 0), evidence: { compared: 999 }, verdict: 'stay' },
    { name: 'too early', now: phaseStateAt('canary', 1), evidence: { elapsed: 599_999 }, verdict: 'stay' },
    {
      name: 'just enough differences',
      now: phaseStateAt('shadow', 0),
      evidence: { mismatched: 1 },
      verdict: 'advance',
    },
    { name: 'too many differences', now: phaseStateAt('shadow', 0), evidence: { mismatched: 2 }, verdict: 'stay' },
    { name: 'some noise', now: phaseStateAt('shadow', 0), evidence: { masked: 50 }, verdict: 'advance' },
    { name: 'too much noise', now: phaseStateAt('shadow', 0), evidence: { masked: 51 }, verdict: 'stay' },
    {
      name: 'noise that was not measured often enough',
      now: phaseStateAt('shadow', 0),
      evidence: { masked: 1, measured: 999 },
      verdict: 'stay',
    },
    {
      name: 'no noise, and none measured',
      now: phaseStateAt('shadow', 0),
      evidence: { masked: 0, measured: 0 },
      verdict: 'advance',
    },
    { name: 'some not compared', now: phaseStateAt('shadow', 0), evidence: { uncompared: 52 }, verdict: 'advance' },
    { name: 'too many not compared', now: phaseStateAt('shadow', 0), evidence: { uncompared: 53 }, verdict: 'stay' },
    { name: 'failures in shadow', now: phaseStateAt('shadow', 0), evidence: { failed: 11 }, verdict: 'stay' },
    {
      name: 'legacy is too far behind',
      now: phaseStateAt('shadow', 0),
      evidence: { behind: 'Legacy is 45s behind.' },
      verdict: 'stay',
    },
    {
      name: 'failures while legacy is too far behind',
      now: phaseStateAt('canary', 50),
      evidence: { failed: 11, behind: 'Legacy is 45s behind.' },
      verdict: 'back-out',
    },
    { name: 'just enough failures', now: phaseStateAt('canary', 1), evidence: { failed: 10 }, verdict: 'advance' },
    { name: 'too many failures', now: phaseStateAt('canary', 1), evidence: { failed: 11 }, verdict: 'back-out' },
    {
      name: 'failures long before the minimum',
      now: phaseStateAt('canary', 50),
      evidence: { requests: 11, failed: 11, elapsed: 1 },
      verdict: 'back-out',
    },
    {
      name: 'too few failures to know',
      now: phaseStateAt('canary', 50),
      evidence: { requests: 10, failed: 10 },
      verdict: 'stay',
    },
    { name: 'failures when live', now: phaseStateAt('live', 100), evidence: { failed: 11 }, verdict: 'back-out' },
    { name: 'live and well', now: phaseStateAt('live', 100), verdict: 'stay' },
    { name: 'legacy', now: phaseStateAt('legacy', 0), verdict: 'stay' },
    { name: 'retired', now: phaseStateAt('retired', 100), evidence: { failed: 1000 }, verdict: 'stay' },
  ];
  for (const { name, now, evidence, verdict, to } of rows) {
    it(`${name}: ${verdict}`, () => {
      const decision = decide(now, { ...good, ...evidence }, rules);
      assert.equal(decision.verdict, verdict, decision.because);
      if (to) assert.deepEqual(decision.to, to);
      if (verdict === 'back-out') assert.equal(decision.to.phase, 'legacy');
    });
  }

  it('tells the figures', () => {
    const { because } = decide(phaseStateAt('shadow', 0), { ...good, mismatched: 5, failed: 3 }, rules);
    assert.match(because, /5 of 1000 answers differed \(0\.5%, at most 0\.1%\)\. 3 of 1000 requests failed/);
  });

  it('says what it waits for when legacy is behind', () => {
    const { because } = decide(phaseStateAt('canary', 1), { ...good, behind: 'Legacy is 45s behind.' }, rules);
    assert.match(because, /^Waits for legacy\. Legacy is 45s behind\. 0 of 1000 requests failed/);
  });

  const counts = fc.nat(5000);
  const anyEvidence = fc
    .tuple(counts, counts, counts, counts, fc.nat(1_000_000))
    .map(([requests, failed, compared, mismatched, elapsed]): PromotionEvidence => {
      return {
        requests,
        failed: Math.min(failed, requests),
        compared,
        mismatched: Math.min(mismatched, compared),
        masked: 0,
        measured: compared,
        uncompared: 0,
        elapsed,
      };
    });
  const anyStanding = fc.tuple(fc.constantFrom(...PHASES), fc.nat(100)).map(each => phaseStateAt(...each));

  it('only ever takes one step on, or goes back to legacy; never to retired', () => {
    fc.assert(
      fc.property(anyStanding, anyEvidence, (now, evidence) => {
        const { verdict, to } = decide(now, evidence, rules);
        if (verdict === 'stay') assert.deepEqual(to, now);
        else if (verdict === 'back-out') assert.deepEqual(to, phaseStateAt('legacy', 0));
        else assert.ok(to.percent > now.percent || to.phase === 'live');
        assert.ok(to.phase !== 'retired' || now.phase === 'retired');
      }),
    );
  });

  it('never advances on fewer requests than the minimum, nor on a share of failures above the limit', () => {
    fc.assert(
      fc.property(anyStanding, anyEvidence, (now, evidence) => {
        if (decide(now, evidence, rules).verdict !== 'advance') return;
        assert.ok((now.phase === 'shadow' ? evidence.compared : evidence.requests) >= rules.minimum);
        assert.ok(evidence.failed <= rules.maxErrorRate * evidence.requests);
        assert.ok(evidence.elapsed >= rules.window);
      }),
    );
  });
});

const ABOUT = { method: 'GET', path: '/a', pattern: '/a', trace: 'a', now: 1 };

describe('promotion by itself', () => {
  function start(declared: PhaseState) {
    const world = createFakeWorld();
    const switches = createMemorySwitches();
    const record = new FeatureRecord({ world, switches, key: 'a/b/c', declared, windowMs: rules.window, question: '' });
    const logged: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
    const control = createFeatureControl({
      record,
      log: (_level, message, fields) => logged.push({ message, fields }),
      monotonic: () => world.monotonic(),
      strangler: 'shop',
      feature: 'orders',
      rules,
      peers: undefined,
      sync: undefined,
      moved: () => {},
      percent: 10,
    });
    record.watch(30_000, () => control.judge());
    const traffic = async (minutes: number, perMinute: number, failed: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        for (let index = 0; index < perMinute; index++) {
          if (record.phaseState.phase === 'shadow')
            record.tally.compared(new Findings(), undefined, ABOUT, world.monotonic());
          record.tally.answered('new', index < failed, 5, world.monotonic());
        }
        await world.pass(60_000);
      }
    };
    return { record, logged, traffic, switches };
  }

  it('goes from shadow to live in steps of at least a window each, and logs each with its evidence', async () => {
    const { record, logged, traffic, switches } = start(phaseStateAt('shadow', 0));
    await traffic(9, 200, 0);
    assert.equal(record.phaseState.phase, 'shadow');
    await traffic(60, 200, 0);
    assert.deepEqual(
      record.moves.map(({ to, by }) => `${by} ${to.phase} ${to.percent}`),
      [
        'promotion canary 1',
        'promotion canary 10',
        'promotion canary 50',
        'promotion canary 100',
        'promotion live 100',
      ],
    );
    const times = record.moves.map(({ at }) => at);
    for (const [index, at] of times.entries()) if (index > 0) assert.ok(at - (times[index - 1] ?? 0) >= rules.window);
    assert.partialDeepStrictEqual(logged[0]?.fields, { by: 'promotion', evidence: { mismatched: 0 } });
    assert.equal(switches.read('a/b/c')?.to.phase, 'live');
  });

  it('waits where too little happens', async () => {
    const { record, traffic } = start(phaseStateAt('shadow', 0));
    await traffic(120, 50, 0);
    assert.equal(record.phaseState.phase, 'shadow');
  });

  it('forgets what is older than the window', async () => {
    const { record, traffic } = start(phaseStateAt('canary', 10));
    await traffic(2, 10, 3);
    await traffic(30, 200, 0);
    assert.notEqual(record.phaseState.phase, 'legacy');
    assert.ok(record.moves.length > 0);
  });

  it('backs out when failures pile up, and stays there', async () => {
    const { record, traffic } = start(phaseStateAt('canary', 10));
    await traffic(1, 200, 20);
    assert.equal(record.phaseState.phase, 'legacy');
    assert.equal(record.switched?.by, 'back-out');
    await traffic(60, 0, 0);
    assert.equal(record.phaseState.phase, 'legacy');
  });
});
