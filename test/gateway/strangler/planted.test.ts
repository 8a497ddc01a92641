// Differences planted amid noise of many kinds, through the comparison, the learned rates and the
// decision as they are in the gateway.
import assert from 'node:assert/strict';
import {
  type ComparableAnswer,
  type CompareSettings,
  compareAnswers,
  seenByNormalizer,
} from '../../../gateway/strangler/compare/compare-answers.ts';
import { compilePlaces } from '../../../gateway/strangler/compare/ignored-places.ts';
import { PeerGateways } from '../../../gateway/strangler/evidence/peer-gateways.ts';
import { createTally } from '../../../gateway/strangler/evidence/tally.ts';
import { decide, type PromotionRules } from '../../../gateway/strangler/phase/decide.ts';
import { phaseStateAt } from '../../../gateway/strangler/phase/phase-state.ts';
import { createEvidenceBoard } from '../../fakes/evidence-board.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { type Body, plantedScenes, type Scene, seededRandom, soundScenes } from './planted.ts';

/** Each scene at least once. */
const PLANTED = 200;
/** Of those that also go through a function, or through several gateways. */
const PLANTED_WIDER = Number(process.env['TENFOLD_PLANTED'] ?? 32);
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

type Tally = ReturnType<typeof createTally>;
type Mapping = (answer: ComparableAnswer) => ComparableAnswer;

const unmapped: Mapping = answer => answer;

/** As a function does that takes JSON and leaves everything else to be compared as it is. */
const withMore: Mapping = answer => {
  const { body } = seenByNormalizer(answer);
  return typeof body === 'object' ? { ...answer, mapped: { value: { ...body, made: true } } } : answer;
};

/** `tallies`: of the gateways that the requests are spread over. */
function spread(
  { legacy, fresh }: Scene,
  seed: number,
  settings: CompareSettings,
  tallies: readonly Tally[],
  requests = REQUESTS,
  map: Mapping = unmapped,
) {
  const random = seededRandom(seed);
  for (let request = 0; request < requests; request++) {
    const [first, other, again] = [legacy, fresh, legacy].map(answer => map(toAnswer(answer(random, request))));
    const tally = tallies[Math.floor(random() * tallies.length)];
    if (!first || !other || !again || !tally) throw new Error('three sides were asked');
    const about = { method: 'GET', path: '/orders', pattern: '/orders', trace: 'a', now: 1 };
    tally.compared(compareAnswers(first, other, settings), compareAnswers(first, again, settings), about, request);
    tally.answered('new', false, 1, request);
  }
}

function run(scene: Scene, seed: number, settings: CompareSettings, map?: Mapping) {
  const tally = createTally(RULES.window);
  spread(scene, seed, settings, [tally], REQUESTS, map);
  const evidence = { ...tally.sums(REQUESTS), elapsed: RULES.window };
  return { report: tally.shadow(), verdict: decide(phaseStateAt('shadow', 0), evidence, RULES).verdict };
}

/** The same requests, each of which one of several gateways has seen. What each of them decides. */
async function runOver(gateways: number, scene: Scene, seed: number, settings: CompareSettings, requests = REQUESTS) {
  const [world, board] = [createFakeWorld(), createEvidenceBoard()];
  const tallies = Array.from({ length: gateways }, () => createTally(RULES.window));
  const peers = tallies.map(() => new PeerGateways(world, board, 'default/shop/orders'));
  spread(scene, seed, settings, tallies, requests);
  // All have told, then all have heard, then all have told what they think now.
  for (let round = 0; round < 3; round++) {
    for (const [index, tally] of tallies.entries()) {
      const own = { figures: tally.sums(REQUESTS), rates: tally.rates() };
      await peers[index]?.exchange('shadow', own, 1_000, RULES.window);
      tally.hear(peers[index]?.rates('shadow') ?? []);
    }
  }
  return tallies.map((tally, index) => {
    const { figures, unknown } = peers[index]?.sum('shadow', tally.sums(REQUESTS)) ?? assert.fail();
    assert.equal(unknown, undefined);
    return { figures, ...decide(phaseStateAt('shadow', 0), { ...figures, elapsed: RULES.window }, RULES) };
  });
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

  it('are found, and never promoted, in what a function makes of answers', () => {
    const missed: string[] = [];
    const scenes = plantedScenes();
    for (let seed = 1; seed <= PLANTED_WIDER; seed++) {
      const scene = scenes[seed % scenes.length];
      assert.ok(scene);
      const { report, verdict } = run(scene, seed, settingsFor(scene), withMore);
      assert.equal(verdict, 'stay', `${scene.name}, seed ${seed} was promoted`);
      if (report.mismatched === 0 || report.examples.length === 0) missed.push(`${scene.name}, seed ${seed}`);
    }
    assert.ok(missed.length <= PLANTED_WIDER / 100, `missed ${missed.length}:\n${missed.join('\n')}`);
  });

  it('are none in what a function makes of answers where there is only noise', () => {
    for (const scene of soundScenes()) {
      const { report, verdict } = run(scene, 1, settingsFor(scene), withMore);
      assert.equal(verdict, 'advance', `${scene.name}: ${JSON.stringify(report.places)}`);
    }
  });

  it('that each of eight gateways alone would take for noise are found by all of them together', async () => {
    const [sound] = soundScenes().filter(({ noise }) => noise === 'a field that is A or B');
    assert.ok(sound);
    const draw = sound.legacy;
    const fresh: Scene['fresh'] = (random, request) => {
      const { contentType, text } = draw(random, request);
      return { contentType, text: random() < 1 / 5 ? text.replace(/"variant":"."/, '"variant":"C"') : text };
    };
    const scene = { ...sound, fresh };
    const [gateways, requests] = [8, 2_400];
    for (let seed = 1; seed <= 3; seed++) {
      const tallies = Array.from({ length: gateways }, () => createTally(RULES.window));
      spread(scene, seed, SETTINGS, tallies, requests);
      const alone = tallies.reduce((sum, tally) => sum + tally.sums(requests).mismatched, 0);
      for (const { verdict, figures } of await runOver(gateways, scene, seed, SETTINGS, requests)) {
        assert.equal(verdict, 'stay');
        // A fifth of them is wrong: 480, of which half are said to be noise by what legacy
        // did with the same request.
        assert.ok(alone < 120 && figures.mismatched > 180, `${alone} by each alone, ${figures.mismatched} together`);
      }
    }
  });

  for (const gateways of [3]) {
    it(`are found by ${gateways} gateways that share the requests, as by one, and never promoted`, async () => {
      const missed: string[] = [];
      const scenes = plantedScenes();
      for (let seed = 1; seed <= PLANTED_WIDER; seed++) {
        const scene = scenes[seed % scenes.length];
        assert.ok(scene);
        for (const { verdict, figures } of await runOver(gateways, scene, seed, settingsFor(scene))) {
          assert.equal(verdict, 'stay', `${scene.name}, seed ${seed} was promoted`);
          if (figures.mismatched === 0) missed.push(`${scene.name}, seed ${seed}`);
        }
      }
      assert.ok(missed.length <= (gateways * PLANTED_WIDER) / 100, `missed ${missed.length}:\n${missed.join('\n')}`);
    });

    it(`are none to ${gateways} gateways where there is only noise`, async () => {
      let [compared, mismatched] = [0, 0];
      for (const scene of soundScenes()) {
        for (let seed = 1; seed <= 5; seed++) {
          for (const { verdict, figures, because } of await runOver(gateways, scene, seed, settingsFor(scene))) {
            compared += figures.compared;
            mismatched += figures.mismatched;
            assert.equal(verdict, 'advance', `${scene.name}, seed ${seed}: ${because}`);
          }
        }
      }
      assert.ok(mismatched <= compared / 1000, `${mismatched} of ${compared}`);
    });
  }
});
