// `tenfold eval`: values and faults of expressions, by the same evaluation as in the platform.
import assert from 'node:assert/strict';
import { run } from '../../../cli/run.ts';
import { MAX_SOURCE_LENGTH, MAX_UNITS } from '../../../core/cel/limits.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

async function evaluate(words: readonly string[], more: Parameters<typeof fakeTerminal>[0] = {}) {
  const terminal = fakeTerminal(more);
  const code = await run(['eval', ...words], terminal);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}

async function evaluated(...words: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await evaluate(words);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

const event = '{"total": 120, "items": [{"id": "a"}, {"id": "b"}]}';

describe('eval', () => {
  afterEach(removeTempFolders);

  const values: [name: string, words: string[], value: unknown][] = [
    ['a filter', ['${event.data.total > 100}', '--event', event], true],
    ['an expression without braces', ['event.data.items.map(i, i.id)', '--event', event], ['a', 'b']],
    ['text with expressions', ['order of ${event.data.total}', '--event', event], 'order of 120'],
    ['data that is no object', ['event.data + 1', '--event', '7'], 8],
    [
      'attributes of a whole event',
      ['event.type + event.region', '--event', '{"specversion":"1.0","id":"1","source":"/s","type":"T","region":"eu"}'],
      'Teu',
    ],
    [
      'a row that an event changes',
      ['(row == null ? 0 : row.total) + event.data.total', '--event', event, '--row', '{"total":5}'],
      125,
    ],
    ['no row', ['row == null ? event.data.total : 0', '--event', event, '--row', 'null'], 120],
    ['a row of an aggregate', ['row.orders > 1', '--row', '{"orders":2}'], true],
    ['an expression without variables', ['math.round(2.5)'], 3],
    [
      'a request, as a gateway shows it',
      [
        'request.method + request.path + request.query.a + request.cookies.sid + request.headers["x-one"] + params.id + claims.sub + consumer',
        '--request',
        '{"method":"post","path":"/x?a=1&a=2","headers":{"X-One":"h","cookie":"sid=7"},"params":{"id":"p"},"claims":{"sub":"s"},"consumer":"c"}',
      ],
      'POST/x1, 27hpsc',
    ],
    [
      'query parameters and cookies by name',
      ['request.query.q + request.cookies.b', '--request', '{"query":{"q":"a&b"},"cookies":{"b":"2"}}'],
      'a&b2',
    ],
    ['the host of a request', ['request.host', '--request', '{"headers":{"Host":"shop.example"}}'], 'shop.example'],
    [
      'an answer',
      ['answer.status >= 500 && answer.headers.a == "b"', '--answer', '{"status":503,"headers":{"A":"b"}}'],
      true,
    ],
    [
      'parts of an Aggregate beside the request',
      ['menu.body.name + request.path', '--part', 'menu={"body":{"name":"m"}}', '--request', '{"path":"/p"}'],
      'm/p',
    ],
    ['a field of GraphQL', ['args.id + parent.id', '--args', '{"id":"1"}', '--parent', '{"id":"2"}'], '12'],
  ];
  for (const [name, words, value] of values)
    it(`gives the value of ${name}`, async () => assert.deepEqual(await evaluated(...words), value));

  it('reads expression and values from files and from standard input', async () => {
    const cwd = tempFolder({ 'filter.cel': '${event.data.total\n  > 100}\n', 'event.json': event });
    const fromFiles = await evaluate(['@filter.cel', '--event', '@event.json'], { cwd });
    assert.deepEqual(fromFiles, { code: 0, stdout: 'true\n', stderr: '' });
    const stdin = (async function* () {
      yield event;
    })();
    const fromInput = await evaluate(['event.data.total', '--event', '-'], { stdin });
    assert.deepEqual(fromInput, { code: 0, stdout: '120\n', stderr: '' });
  });

  it('shows the place of a fault, also in the second line, and without braces', async () => {
    const { code, stdout, stderr } = await evaluate(['first\n${event.dta.total}', '--event', event]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^expression:2:9 error: .*Did you mean "data"\?/);
    assert.match(stderr, /> 2 \| \$\{event\.dta\.total\}\n {4}\| {9}\^/);
    const alone = await evaluate(['event.dta', '--event', event]);
    assert.match(alone.stderr, /^expression:1:7 error/);
  });

  it('names the members that are there where one is missing', async () => {
    const { code, stdout, stderr } = await evaluate(['${event.data.totl * 2.0}', '--event', event]);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /error: The expression .*, at "event\.data\.totl": a member does not exist/);
    assert.match(stderr, /Next: "event\.data" has total, items\. Did you mean "total"\?/);
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`m${index}`, 0])));
    const { stderr: cut } = await evaluate(['event.data.gone', '--event', many]);
    assert.match(cut, /m19 and 5 more\./);
  });

  it('says what to give when it was given nothing', async () => {
    const { code, stderr } = await evaluate(['${event.data}']);
    assert.equal(code, 1);
    assert.match(stderr, /There is no variable "event" here\.\n> 1 .*\n.*\nNext: give what it reads with --event/);
  });

  it('has the limits of the platform', async () => {
    const long = await evaluate([`"${'x'.repeat(MAX_SOURCE_LENGTH)}"`]);
    assert.equal(long.code, 1);
    assert.match(long.stderr, new RegExp(`more than ${MAX_SOURCE_LENGTH} characters`));
    const list = JSON.stringify(Array.from({ length: Math.ceil(Math.sqrt(MAX_UNITS)) + 1 }, () => 1));
    const busy = await evaluate(['event.data.all(a, event.data.all(b, b > 0))', '--event', list]);
    assert.equal(busy.code, 1);
    assert.match(busy.stderr, /more work than one evaluation may do/);
  });

  it('refuses a type that the place cannot take', async () => {
    const { code, stderr } = await evaluate(['${event.id}', '--event', event, '--expect', 'bool']);
    assert.equal(code, 1);
    assert.match(stderr, /expected: true or false|true or false/);
  });

  const refused: [name: string, words: string[], code: number, message: RegExp][] = [
    ['what is no JSON', ['event', '--event', '{x'], 1, /--event is no JSON/],
    ['an event without an id', ['event', '--event', '{"specversion":"1.0"}'], 1, /id is required.*--event|--event.*id/],
    ['an unknown member of a request', ['request', '--request', '{"pth":"/"}'], 1, /--request .*"pth"/],
    ['a status that is none', ['answer', '--answer', '{"status":1}'], 1, /status of --answer/],
    ['places that exclude each other', ['event', '--event', '{}', '--request', '{}'], 2, /different places/],
    ['two things from standard input', ['-', '--event', '-'], 2, /cannot both be standard input/],
    ['a part with a name that is taken', ['1', '--part', 'request={}'], 2, /"request"/],
    ['a part without a name', ['1', '--part', '{}'], 2, /no part such as/],
    ['a file that is not there', ['event', '--event', '@gone.json'], 3, /gone\.json cannot be read/],
  ];
  for (const [name, words, code, message] of refused) {
    it(`refuses ${name}`, async () => {
      const result = await evaluate(words);
      assert.equal(result.code, code, result.stderr);
      assert.equal(result.stdout, '');
      assert.match(result.stderr, message);
    });
  }
});
