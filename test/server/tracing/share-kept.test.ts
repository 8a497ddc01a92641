// Processes tell each other which traces are kept, so that each exports what it has of them.
import assert from 'node:assert/strict';
import { parseTraceparent } from '../../../core/trace-context.ts';
import { realWorld } from '../../../core/world.ts';
import { type SharedKept, shareKept } from '../../../server/tracing/share-kept.ts';
import { recordSpans } from '../../core/tracing/record-spans.ts';
import { eventually } from '../../eventually.ts';
import { createHintHub } from '../../fakes/hint-hub.ts';

const traceOf = (index: number) => (index + 1).toString(16).padStart(32, '0');
const parentOf = (index: number) => parseTraceparent(`00-${traceOf(index)}-${'b'.repeat(16)}-00`);

describe('kept traces of many processes', () => {
  const hub = createHintHub();
  const shared: SharedKept[] = [];

  function join() {
    let own: SharedKept | undefined;
    const recorded = recordSpans({
      sampling: { ratio: 0, parentBased: true },
      maxWaiting: 10_000,
      kept: trace => own?.tell(trace),
    });
    own = shareKept(realWorld, hub.join(), recorded.tracer);
    shared.push(own);
    return recorded;
  }
  const wait = ({ tracer }: ReturnType<typeof join>, index: number) => {
    const span = tracer.begin(parentOf(index), 'producer', 'send');
    span.part.waitForOthers();
    span.finish();
  };
  after(() => {
    for (const each of shared) each.close();
  });

  it('are exported by all that have a part, and nobody tells what it was told', async () => {
    const [gateway, other, worker] = [join(), join(), join()];
    for (let index = 0; index < 2500; index++) wait(index % 2 === 0 ? gateway : other, index);
    for (let index = 0; index < 2000; index++)
      worker.tracer.begin(parentOf(index), 'consumer', 'process').fail('TargetFailed').finish();
    const count = () => gateway.spans.length + other.spans.length;
    await eventually(
      () => count() === 2000,
      () => `${count()} spans`,
    );
    assert.equal(worker.spans.length, 2000);
    const ids = new Set([...gateway.spans, ...other.spans].map(({ traceId }) => traceId));
    assert.deepEqual([ids.has(traceOf(1999)), ids.has(traceOf(2000))], [true, false]);
    const heard = hub.told.flatMap(message => message.replace('traces kept: ', '').split(' '));
    assert.equal(heard.length, 2000);
  });

  it('are no reason to take anything that is none', () => {
    const { tracer } = join();
    hub.join().tell('traces kept', 'not-a-trace  zz');
    assert.equal(tracer.counts.kept, 0);
  });
});
