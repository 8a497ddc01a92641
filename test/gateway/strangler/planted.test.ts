// Differences planted amid noise of many kinds, through the comparison, the learned rates and the decision as they are in the gateway.
import assert from 'node:assert/strict';
import { type CompareSettings, compareAnswers } from '../../../gateway/strangler/compare-answers.ts';
import { decide, type PromotionRules } from '../../../gateway/strangler/decide.ts';
import { compilePlaces } from '../../../gateway/strangler/ignored-places.ts';
import { standingAt } from '../../../gateway/strangler/standing.ts';
import { createTally } from '../../../gateway/strangler/tally.ts';
import { type Body, plantedScenes, type Scene, seededRandom, soundScenes } from './planted.ts';

/** Each scene at least once. */
const PLANTED = 200;
const REQUESTS = 300;
const SETTINGS: CompareSettings = {
  status: true,
  body: 'auto',
  places: compilePlaces([]),
  tolerance: undefined,
  normalize: undefined,
  headers: ['content-type'],
};
/** An operator who has looked at the noise and allows any. */
const RULES: PromotionRules = {
  maxMismatch: 0.001,
  maxErrorRate: 0.01,
  maxMasked: 1,
  maxUncompared: 0.05,
  minimum: 250,
  window: 60_000,
  steps: [100],
};

function run({ legacy, fresh }: Scene, seed: number, settings = SETTINGS) {
  const random = seededRandom(seed);
  const tally = createTally(RULES.window);
  for (let request = 0; request < REQUESTS; request++) {
    const [first, other, again] = [legacy, fresh, legacy].map(answer => toAnswer(answer(random, request)));
    if (!first || !other || !again) throw new Error('three sides were asked');
    const about = { method: 'GET', path: '/orders', pattern: '/orders', traceId: 'a', now: 1 };
    tally.compared(compareAnswers(first, other, settings), compareAnswers(first, again, settings), about, request);
    tally.answered('new', false, 1, request);
  }
  const evidence = { ...tally.sums(REQUESTS), elapsed: RULES.window };
  return { report: tally.shadow(), verdict: decide(standingAt('shadow', 0), evidence, RULES).verdict };
}

function toAnswer({ contentType, text }: Body) {
  return { status: 200, fields: ['content-type', contentType], body: Buffer.from(text) };
}

/** The list is declared to have no order, as an operator who sees it among the noise does. */
function settingsFor({ noise }: { readonly noise: string }): CompareSettings {
  if (noise !== 'a list in any order') return SETTINGS;
  return { ...SETTINGS, places: compilePlaces([], [{ list: '/items', by: '/sku' }]) };
}

describe('planted differences', () => {
  it('are found, and never promoted', () => {
    const missed: string[] = [];
    const scenes = plantedScenes();
    for (let seed = 1; seed <= PLANTED; seed++) {
      const scene = scenes[seed % scenes.length];
      assert.ok(scene);
      const { report, verdict } = run(scene, seed, settingsFor(scene));
      assert.equal(verdict, 'stay', `${scene.name}, seed ${seed} was promoted`);
      if (report.mismatched === 0 || report.examples.length === 0) missed.push(`${scene.name}, seed ${seed}`);
    }
    assert.ok(missed.length <= PLANTED / 100, `missed ${missed.length}:\n${missed.join('\n')}`);
  });

  it('are none where there is only noise', () => {
    let compared = 0;
    let mismatched = 0;
    for (const scene of soundScenes()) {
      for (let seed = 1; seed <= 10; seed++) {
        const { report, verdict } = run(scene, seed, settingsFor(scene));
        compared += report.compared;
        mismatched += report.mismatched;
        assert.equal(verdict, 'advance', `${scene.name}, seed ${seed}: ${JSON.stringify(report.places)}`);
      }
    }
    assert.ok(mismatched <= compared / 1000, `${mismatched} of ${compared}`);
  });
});
