// What is read out of the lines that functions write.
import assert from 'node:assert/strict';
import { formatFields, parseLogLine } from '../../cli/log-line.ts';

describe('log line', () => {
  it('of the SDK is taken apart', () => {
    const line = parseLogLine(
      '{"time":"2026-01-02T03:04:05.678Z","level":"warn","message":"slow","function":"orders","trace":"abc","span":"def","name":"Ada","tookMs":812}',
    );
    assert.deepEqual(line, {
      time: new Date('2026-01-02T03:04:05.678Z'),
      level: 'warn',
      message: 'slow',
      fields: { name: 'Ada', tookMs: 812 },
      stack: undefined,
      trace: 'abc',
      span: 'def',
    });
  });

  it('of pino is understood too', () => {
    const line = parseLogLine('{"level":50,"time":1767323045678,"pid":1,"hostname":"x","msg":"broken"}');
    assert.deepEqual(
      [line?.level, line?.message, line?.time?.getTime(), line?.fields],
      ['error', 'broken', 1767323045678, {}],
    );
  });

  it('carries a stack apart from the fields', () => {
    const line = parseLogLine('{"level":"error","message":"failed","stack":"Error: no\\n    at x"}');
    assert.equal(line?.stack, 'Error: no\n    at x');
    assert.deepEqual(line?.fields, {});
  });

  it('carries the stack of an error field apart, and other error fields as they are', () => {
    const line = parseLogLine(
      '{"level":"error","message":"failed","error":{"name":"Error","message":"no","stack":"Error: no\\n    at x"},"id":1}',
    );
    assert.equal(line?.stack, 'Error: no\n    at x');
    assert.deepEqual(line?.fields, { id: 1 });
    assert.deepEqual(parseLogLine('{"level":"error","message":"failed","error":"no"}')?.fields, { error: 'no' });
  });

  const raw = [
    { name: 'text', text: 'listening on 3000' },
    { name: 'JSON of another kind', text: '{"hello":"world"}' },
    { name: 'a level that does not exist', text: '{"level":"loud","message":"x"}' },
    { name: 'a message that is no text', text: '{"level":"info","message":{}}' },
    { name: 'broken JSON', text: '{"level":"info","message":"x"' },
    { name: 'a JSON list', text: '["info"]' },
    { name: 'nothing', text: '' },
  ];
  for (const { name, text } of raw) it(`is raw when it is ${name}`, () => assert.equal(parseLogLine(text), undefined));

  it('fields are bare where that is clear, and JSON otherwise', () => {
    const text = formatFields({ id: 17, to: 'a-b', note: 'two words', empty: '', order: { a: [1] }, none: null });
    assert.equal(text, 'id=17 to=a-b note="two words" empty="" order={"a":[1]} none=null');
  });
});
