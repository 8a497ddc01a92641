// Several gateways judge a feature as one would that had seen everything, and none moves it
// while another may know more.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Figures, PeerGateways } from '../../../../gateway/strangler/evidence/peer-gateways.ts';
import { decide, type PromotionRules } from '../../../../gateway/strangler/phase/decide.ts';
import { createEvidenceBoard } from '../../../fakes/evidence-board.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const RULES: PromotionRules = {
  ...{ maxMismatch: 0.01, maxErrorRate: 0.01, maxMasked: 0.05, maxUncompared: 0.05 },
  ...{ minimum: 100, window: 60_000, steps: [10, 100] },
};
const NONE = { requests: 0, failed: 0, compared: 0, measured: 0, uncompared: 0, mismatched: 0, masked: 0 };
const NAMES = ['requests', 'failed', 'compared', 'measured', 'uncompared', 'mismatched', 'masked'] as const;
const some = (count: number, more: Partial<Figures> = {}): Figures => ({
  ...NONE,
  requests: count,
  compared: count,
  measured: count,
  ...more,
});

describe('gateways that serve one feature', () => {
  const about = 'shadow';
  const phaseState = { phase: 'shadow', percent: 0 } as const;
  const setUp = (count: number) => {
    const world = createFakeWorld();
    const board = createEvidenceBoard();
    const gateways = Array.from({ length: count }, () => new PeerGateways(world, board, 'default/shop/orders'));
    const tell = (index: number, figures: Figures, what = about) =>
      gateways[index]?.exchange(what, { figures }, 1_000, RULES.window);
    const sum = (index: number, own: Figures) => gateways[index]?.sum(about, own) ?? assert.fail();
    const judge = (index: number, own: Figures) => {
      const { figures, unknown } = sum(index, own);
      return decide(
        phaseState,
        { ...figures, elapsed: RULES.window, ...(unknown !== undefined && { unknown }) },
        RULES,
      );
    };
    return { world, board, gateways, tell, sum, judge };
  };
  const tellAll = async ({ tell, gateways }: ReturnType<typeof setUp>, figures: readonly Figures[]) => {
    for (let round = 0; round < 2; round++) {
      for (const index of gateways.keys()) await tell(index, figures[index] ?? NONE);
    }
  };

  it('decide as one that has seen all of it', async () => {
    const count = fc.nat(200);
    const one = fc.record({
      compared: count,
      requests: count,
      failed: fc.nat(3),
      mismatched: fc.nat(3),
      masked: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 5 }), async drawn => {
        const figures = drawn.map(each => ({ ...NONE, ...each, measured: each.compared }));
        const set = setUp(figures.length);
        await tellAll(set, figures);
        const all: Record<keyof Figures, number> = { ...NONE };
        for (const each of figures) for (const name of NAMES) all[name] += each[name];
        const expected = decide(phaseState, { ...all, elapsed: RULES.window }, RULES);
        for (const [index, own] of figures.entries()) assert.deepEqual(set.judge(index, own), expected);
      }),
    );
  });

  it('do not move on what one of them alone has seen to be good', async () => {
    const set = setUp(2);
    await tellAll(set, [some(500), some(50, { mismatched: 40 })]);
    const { verdict, because } = set.judge(0, some(500));
    assert.equal(verdict, 'stay');
    assert.match(because, /^Too many differences\. 40 of 550 answers differed/);
  });

  it('wait for one that is away, which one that was closed is not', async () => {
    const set = setUp(2);
    await tellAll(set, [some(500), some(50)]);
    await set.tell(0, some(500));
    assert.equal(set.judge(0, some(500)).verdict, 'advance');
    await set.world.pass(11_000);
    await set.tell(0, some(500));
    const { verdict, because } = set.judge(0, some(500));
    assert.equal(verdict, 'stay');
    assert.match(because, /^Waits for other gateways\. The gateway \S+ has told nothing for 11 seconds\./);
    set.gateways[1]?.close();
    await set.tell(0, some(500));
    assert.equal(set.judge(0, some(500)).verdict, 'advance');
    // What it saw counts all the same.
    assert.deepEqual(set.sum(0, some(500)).figures, some(550));
  });

  it('wait while the store is away, and before they have asked it', async () => {
    const set = setUp(1);
    assert.match(
      set.judge(0, some(500)).because,
      /^Waits for other gateways\. The evidence of other gateways is not known/,
    );
    await set.tell(0, some(500));
    assert.equal(set.judge(0, some(500)).verdict, 'advance');
    set.board.away = true;
    await set.tell(0, some(500));
    assert.match(set.judge(0, some(500)).because, /^Waits for other gateways\./);
  });

  it('wait for one where the feature stands elsewhere, and count none of its figures', async () => {
    const set = setUp(2);
    await tellAll(set, [some(500), some(500)]);
    await set.tell(1, some(500, { mismatched: 500 }), 'canary');
    await set.tell(0, some(500));
    assert.match(
      set.judge(0, some(500)).because,
      /^Waits for other gateways\. The gateway \S+ has this feature elsewhere/,
    );
    assert.deepEqual(set.sum(0, some(500)).figures, some(500));
  });

  it('back out on what all of them have seen, also while one is away', async () => {
    const set = setUp(2);
    await tellAll(set, [some(100, { failed: 1 }), some(100, { failed: 2 })]);
    set.board.away = true;
    const { figures } = set.sum(0, some(100, { failed: 1 }));
    const evidence = { ...figures, elapsed: 1, unknown: 'away' };
    assert.equal(decide({ phase: 'canary', percent: 10 }, evidence, RULES).verdict, 'back-out');
  });
});
