// Values of options that are more than text.
import assert from 'node:assert/strict';
import { parseDurationOption, parsePort } from '../../cli/option-values.ts';

describe('option values', () => {
  const ports = [
    { text: '0', port: 0 },
    { text: '65535', port: 65_535 },
    { text: '65536' },
    { text: '-1' },
    { text: '80a' },
    { text: '1e3' },
    { text: '' },
  ];
  for (const { text, port } of ports) {
    it(`${JSON.stringify(text)} is ${port === undefined ? 'no port' : `port ${port}`}`, () => {
      if (port === undefined) assert.throws(() => parsePort(text), /It is no port/);
      else assert.equal(parsePort(text), port);
    });
  }

  it('a timeout is a duration of at most 15 minutes', () => {
    assert.equal(parseDurationOption('1m30s'), 90_000);
    assert.throws(() => parseDurationOption('0s'), /no duration/);
    assert.throws(() => parseDurationOption('5'), /no duration/);
    assert.throws(() => parseDurationOption('16m'), /longest is 15m/);
  });
});
