// The cause of a failure: sealed by a function, opened by the platform, and by nobody else.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { boundedCause, type Cause, causeText, openCauses, type PlacedCause, sealCauses } from '../../core/cause.ts';
import { type Failure, failureText, publicFailure } from '../../core/failure.ts';
import { type Fact, factOf, toFactRecord } from '../../core/fan-outs/facts.ts';
import {
  decodeFailedRow,
  decodeFanOutJob,
  encodeFailedRow,
  encodeFanOutJob,
  type FanOutJob,
} from '../../core/fan-outs/job.ts';
import { parseJobId } from '../../core/jobs/job-id.ts';
import { decodeJobRow, encodeJobRow, type JobRow } from '../../core/jobs/job-row.ts';
import { decodeDeadRecord, encodeLetter } from '../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { decodeParkingLogRecord, encodeParkingLogRecord } from '../../worker/parking-log/parking-log-codec.ts';

const key = Buffer.alloc(32, 7);
const cause: Cause = {
  name: 'RangeError',
  message: 'no price for boom',
  at: 'menu.ts:12:9',
  trace: '4bf92f3577b34da6a3ce929d0e0e4736',
  version: '1a2b3c4d',
};

describe('a sealed cause', () => {
  it('comes out as it went in, with the place of its event', () => {
    const all = [{ cause }, { of: 3, cause: { name: 'Error', message: '' } }];
    assert.deepEqual(openCauses(key, sealCauses(key, all)), all);
  });

  it('comes out within its limits, whatever a function throws', () => {
    const anything = fc.record({
      name: fc.string({ unit: 'binary', maxLength: 3_000 }),
      message: fc.string({ unit: 'binary', maxLength: 20_000 }),
      at: fc.string({ maxLength: 3_000 }),
    });
    fc.assert(
      fc.property(anything, thrown => {
        const sealed = sealCauses(key, [{ cause: thrown }]);
        assert.match(sealed, /^1\.[\w-]+$/);
        assert.ok(sealed.length <= 5_600, String(sealed.length));
        const [found] = openCauses(key, sealed);
        const bounded = boundedCause(thrown);
        assert.ok(found);
        assert.equal(found.cause.name, bounded.name.toWellFormed());
        const said = found.cause.message.replace(/… \(\d+ more characters\)$/, '');
        assert.ok(thrown.message.toWellFormed().startsWith(said.replace(/\uFFFD$/, '')));
      }),
    );
  });

  it('says how much of a text was left out', () => {
    const [found] = openCauses(key, sealCauses(key, [{ cause: { ...cause, message: 'x'.repeat(1_234) } }]));
    assert.equal(found?.cause.message, `${'x'.repeat(1_000)}… (234 more characters)`);
  });

  it('leaves out the last of too many', () => {
    const many = Array.from({ length: 100 }, (_, of): PlacedCause => ({ of, cause }));
    const found = openCauses(key, sealCauses(key, many));
    assert.ok(found.length > 10 && found.length < 100, String(found.length));
    assert.deepEqual(found, many.slice(0, found.length));
  });

  it('tells nothing without its key, and not the same twice', () => {
    const sealed = sealCauses(key, [{ cause }]);
    assert.notEqual(sealed, sealCauses(key, [{ cause }]));
    assert.doesNotMatch(Buffer.from(sealed.slice(2), 'base64url').toString('latin1'), /price|menu|Error/);
    assert.deepEqual(openCauses(Buffer.alloc(32, 8), sealed), []);
  });

  it('is none once a single letter of it has changed', () => {
    const sealed = sealCauses(key, [{ cause }]);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...'aZ0_'), (at, letter) => {
        const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1);
        // The last letters of base64url have bits that mean nothing.
        const same = Buffer.from(changed.slice(2), 'base64url').equals(Buffer.from(sealed.slice(2), 'base64url'));
        if (same && changed.startsWith('1.')) return;
        assert.deepEqual(openCauses(key, changed), []);
      }),
    );
  });

  const none: Record<string, string> = {
    'an empty text': '',
    'a text that is not sealed': 'no price for boom',
    'a later version': sealCauses(key, [{ cause }]).replace('1.', '2.'),
    'a text that is too long': `1.${'a'.repeat(100_000)}`,
    'a text that is too short': '1.abcd',
  };
  for (const [name, text] of Object.entries(none)) {
    it(`is none in ${name}`, () => assert.deepEqual(openCauses(key, text), []));
  }

  it('is none with a key that is none', () => {
    assert.deepEqual(openCauses(randomBytes(16), sealCauses(key, [{ cause }])), []);
  });
});

describe('a cause for people', () => {
  it('is one line', () => {
    assert.equal(
      causeText({ ...cause, message: 'no price\n\tfor \u001b[31mboom' }),
      'RangeError: no price for [31mboom at menu.ts:12:9 (version 1a2b3c4d, trace 4bf92f3577b34da6a3ce929d0e0e4736)',
    );
    assert.equal(causeText({ name: 'Error', message: '' }), 'Error');
  });

  it('is what an operator reads of a failure, and no part of what a caller gets', () => {
    const failure = { status: 500, message: 'Something went wrong on our side', cause };
    assert.equal(failureText(failure), causeText(cause));
    assert.equal(failureText({ message: 'It answered 500.' }), 'It answered 500.');
    assert.deepEqual(publicFailure(failure), { status: 500, message: 'Something went wrong on our side' });
    assert.deepEqual(publicFailure({ message: 'lost', cause }), { message: 'lost' });
  });
});

const failures: Record<string, Failure> = {
  'with a cause': { status: 500, message: 'Something went wrong on our side', cause },
  'of an earlier release, without a cause': { status: 500, message: 'Something went wrong on our side' },
};
/** Releases before causes show all of these members to callers. */
const ERROR_MEMBERS = /"error":\{"status":500,"message":"Something went wrong on our side"\}/;
const letter = { partition: 0, offset: 7, generation: 0, attempts: 2, reason: 'exhausted' } as const;
const record = { offset: 7, timestamp: 1, key: 'k', value: Buffer.from('{}'), headers: { ce_id: 'e' } };

for (const [name, error] of Object.entries(failures)) {
  describe(`a stored failure ${name}`, () => {
    const id = parseJobId('0-7-0123456789abcdef');
    const same = (text: string, found: unknown, was: unknown) => {
      assert.match(text, ERROR_MEMBERS);
      assert.deepEqual(found, was);
    };

    it('is the same in the row of a job', () => {
      const row: JobRow = { state: 'failed', attempts: 2, acceptedAt: 1, owner: '', error };
      const value = encodeJobRow(row);
      same(Buffer.from(value).toString(), decodeJobRow(value, id ?? assert.fail()), row);
    });

    it('is the same in what is kept of a FanOut', () => {
      const job = { id: '0-1-a', acceptedAt: 1, state: 'failed', generation: 0, error } as FanOutJob;
      same(encodeFanOutJob(job), decodeFanOutJob(Buffer.from(encodeFanOutJob(job))), job);
      const row = { error, letter, at: 1, generation: 0 };
      const value = Buffer.from(encodeFailedRow(row));
      same(value.toString(), decodeFailedRow({ key: 'k', value }), row);
      const fact: Fact = { kind: 'failed', index: 3, error, letter };
      const told = toFactRecord('a', 0, fact);
      same(JSON.stringify(told.headers).replaceAll('\\', ''), factOf(told), fact);
    });

    it('is the same in the parking log and among dead letters', () => {
      const signed = { claim: 1, seq: 1, generation: 0, attempts: 1, event: 7 };
      const park = { type: 'park', ...signed, at: 1, wait: 1, error, record } as const;
      const parked = encodeParkingLogRecord(park, 0);
      const read = decodeParkingLogRecord({ ...parked, offset: 1, timestamp: 1 });
      same(Buffer.from(parked.value).toString(), read && 'error' in read && read.error, error);
      const dead = { ...letter, error, at: 1, held: false, record };
      const written = encodeLetter(dead);
      const decoded = decodeDeadRecord(0, { ...written, offset: 1, timestamp: 1 });
      const kept = decoded?.type === 'letter' ? decoded.letter.error : undefined;
      same(JSON.stringify(written.headers).replaceAll('\\', ''), kept, error);
    });
  });
}
