// What Topics, Subscriptions and Queues compile to, and what is refused rather than ignored.
import assert from 'node:assert/strict';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { type Abilities, compileEvents } from '../../../worker/plan/compile.ts';

const compile = (text: string, abilities: Abilities = { storage: true, kafka: false }) => {
  const documents = text.trim().split('\n');
  const yaml = documents.map(document => `apiVersion: tenfold.dev/v1alpha1\n${document.replaceAll('; ', '\n')}`);
  const { resources, problems } = loadText('app.yaml', yaml.join('\n---\n'));
  assert.deepEqual(problems, []);
  return compileEvents(createResourceSet(resources), abilities);
};
const topic = (spec: string) => `kind: Topic; metadata: { name: orders }; spec: ${spec}`;
const wall = (spec: string) => `kind: Subscription; metadata: { name: wall }; spec: ${spec}`;
const queue = (spec: string) => `kind: Queue; metadata: { name: import }; spec: ${spec}`;
const trends = (spec: string) => `kind: View; metadata: { name: trends }; spec: ${spec}`;
const shop = (sync: string) =>
  `kind: Strangler; metadata: { name: shop }; spec: { legacy: { url: "http://l.example" }, features: [{ name: orders, match: { path: "/o/*" }, to: { url: "http://n.example" }, sync: ${sync} }] }`;
const findings = (text: string, abilities?: Abilities) =>
  compile(text, abilities).findings.map(({ severity, path }) => `${severity} ${path.join('.')}`);

describe('the topics of the event plan', () => {
  it('has a topic for each Topic, with its partitions and retention', () => {
    const { topics } = compile(topic('{ partitions: 3, retention: 1h, retentionSize: 1Mi, deletionPolicy: Delete }'));
    assert.deepEqual(topics, [
      {
        name: 'default.orders',
        settings: { partitions: 3, retentionMs: 3_600_000, retentionBytes: 1_048_576 },
        deleteWithResource: true,
      },
    ]);
  });

  it('deletes no topic where an operator does', () => {
    const text = topic('{ deletionPolicy: Delete }');
    const { topics } = compile(text, { storage: true, kafka: true, operated: true });
    assert.deepEqual(
      topics.map(({ deleteWithResource }) => deleteWithResource),
      [false],
    );
  });

  const overKafka = { storage: true, kafka: true };

  it('makes no topic of others, and says that it is theirs', () => {
    const {
      topics,
      external,
      findings: found,
    } = compile(topic('{ external: true, kafka: { topic: theirs } }'), overKafka);
    assert.deepEqual([topics, external, found], [[], ['theirs'], []]);
  });

  const other = (spec: string) => `kind: Topic; metadata: { name: other }; spec: ${spec}`;
  for (const [name, text, found] of [
    [
      'one topic of Kafka that is ours and not ours',
      `${topic('{ external: true, kafka: { topic: t } }')}\n${other('{ kafka: { topic: t } }')}`,
      ['error spec.kafka'],
    ],
    [
      'one that is written in two ways',
      `${topic('{ kafka: { topic: t } }')}\n${other('{ kafka: { topic: t, contentMode: structured } }')}`,
      ['error spec.kafka'],
    ],
    ['one of which both say the same', `${topic('{ kafka: { topic: t } }')}\n${other('{ kafka: { topic: t } }')}`, []],
    [
      'structured events of Avro',
      topic(
        '{ encoding: { format: avro, registry: { url: "http://r.example" } }, kafka: { contentMode: structured } }',
      ),
      ['error spec.kafka.contentMode'],
    ],
  ] as const)
    it(`over Kafka: ${name}`, () => assert.deepEqual(findings(text, overKafka), found));

  const underPrefix = { storage: true, kafka: true, topicPrefix: 'shop.' };
  for (const [name, spec, found] of [
    ['a topic of another namespace', '{ kafka: { topic: shop.billing.orders } }', ['error spec.kafka.topic']],
    [
      'one of another namespace as if it were of others',
      '{ external: true, kafka: { topic: shop.billing.orders } }',
      ['error spec.kafka.topic'],
    ],
    [
      'what a consumer of another namespace has parked',
      '{ kafka: { topic: shop.subscription.billing.wall.parked } }',
      ['error spec.kafka.topic'],
    ],
    ['the jobs of another namespace', '{ kafka: { topic: shop.queue.billing.mails } }', ['error spec.kafka.topic']],
    ['what the platform keeps of all topics', '{ kafka: { topic: shop.topic.epochs } }', ['error spec.kafka.topic']],
    ['a topic of its own namespace', '{ kafka: { topic: shop.default.orders } }', []],
    ['a topic without the prefix', '{ kafka: { topic: billing.payments } }', []],
    ['a topic of others that no namespace can have', '{ external: true, kafka: { topic: shop.orders } }', []],
  ] as const)
    it(`over Kafka with a prefix: ${name}`, () => assert.deepEqual(findings(topic(spec), underPrefix), found));

  it('over Kafka with a prefix: an external Topic whose own name leads to another namespace', () => {
    const text = 'kind: Topic; metadata: { name: billing.orders, namespace: shop }; spec: { external: true }';
    assert.deepEqual(findings(text, underPrefix), ['error spec.kafka.topic']);
  });

  it('over Kafka with a prefix: one topic by two names of which one is given and the other is not', () => {
    const text = `${topic('{ kafka: { topic: shop.default.other } }')}\n${other('{}')}`;
    assert.deepEqual(findings(text, underPrefix), ['error spec.kafka']);
  });

  it('asks Kafka for the copies that a Topic names', () => {
    const { topics } = compile(topic('{ kafka: { replicas: 3, minInsyncReplicas: 2 } }'), {
      storage: true,
      kafka: true,
    });
    const [{ settings } = { settings: undefined }] = topics;
    assert.deepEqual([settings?.replicas, settings?.minInsyncReplicas], [3, 2]);
  });
});

describe('the consumers of the event plan', () => {
  it('has a dispatcher for each Subscription, that begins where it says', () => {
    const { consumers } = compile(
      `${topic('{}')}\n${wall('{ topic: orders, to: { url: "http://a.example" }, from: "2026-01-01T00:00:00Z", maxAge: 1h }')}`,
    );
    const [{ role, settings, fingerprint } = assert.fail('no consumer')] = consumers;
    assert.equal(role, 'events');
    assert.equal(settings.group, 'subscription.default.wall');
    assert.equal(settings.topic, 'default.orders');
    assert.deepEqual(settings.from, { time: 1_767_225_600_000 });
    assert.equal(settings.maxAge, 3_600_000);
    assert.ok(fingerprint);
  });

  it('starts a Subscription anew when it changes, or the partitions of its Topic', () => {
    const of = (partitions: number, concurrency: number) =>
      compile(
        `${topic(`{ partitions: ${partitions} }`)}\n${wall(`{ topic: orders, to: { url: "http://a.example" }, concurrency: ${concurrency} }`)}`,
      ).consumers[0]?.fingerprint;
    assert.equal(of(2, 4), of(2, 4));
    assert.notEqual(of(2, 4), of(3, 4));
    assert.notEqual(of(2, 4), of(2, 5));
  });

  it('keeps jobs as long as they wait, and frees what is settled and not asked for any more', () => {
    const { topics, consumers, trimmed } = compile(
      queue('{ to: { url: "http://a.example" }, result: { ttl: 2h }, callbacks: { secret: hooks } }'),
    );
    assert.deepEqual(
      topics.map(({ name, settings }) => [name, settings.retentionMs]),
      [
        ['queue.default.import', undefined],
        ['callbacks.default.import', undefined],
      ],
    );
    assert.deepEqual(
      consumers.map(({ role }) => role),
      ['events', 'callbacks'],
    );
    assert.deepEqual(
      trimmed.map(({ topic, keepMs }) => [topic, keepMs]),
      [
        ['queue.default.import', 7_200_000],
        ['callbacks.default.import', 0],
      ],
    );
  });

  it('asks filters and delivery times of the events', () => {
    const { consumers } = compile(
      `${topic('{}')}\n${wall(`{ topic: orders, to: { url: "http://a.example" }, filter: "\${event.type == 'A'}", deliverAt: "\${event.time}" }`)}`,
    );
    const record = {
      offset: 0,
      timestamp: 0,
      key: null,
      value: Buffer.alloc(0),
      headers: { ce_specversion: '1.0', ce_id: '1', ce_source: '/', ce_type: 'A', ce_time: '2026-01-01T00:00:00Z' },
    };
    assert.equal(consumers[0]?.settings.filter?.(record), true);
    assert.equal(consumers[0]?.settings.dueAt?.(record), 1_767_225_600_000);
  });

  const rows: readonly [name: string, text: string, found: readonly string[]][] = [
    ['a topic of others', topic('{ external: true }'), ['error spec.external']],
    [
      'what only a schema registry can do',
      topic('{ encoding: { format: avro, registry: { url: "http://registry.example" } } }'),
      ['error spec.encoding.format'],
    ],
    [
      'data that is checked by a registry',
      topic('{ encoding: { registry: { url: "http://registry.example" } } }'),
      ['error spec.encoding.registry'],
    ],
    ['structured events', topic('{ kafka: { contentMode: structured } }'), ['warning spec.kafka.contentMode']],
    ['replicas', topic('{ kafka: { replicas: 3 } }'), ['warning spec.kafka.replicas']],
    [
      'a body that is too large to be kept with the state of a job',
      `kind: FanOut; metadata: { name: large }; spec: { "on": { http: { maxBody: 4Mi } }, split: "\${event.data}", worker: { url: "http://a.example" } }`,
      ['error spec.on.http.maxBody'],
    ],
    [
      'what a View does not do yet',
      `${topic('{}')}\n${trends('{ from: [orders], ranking: { member: "${event.data.id}" }, query: { cache: { ttl: 1s } }, onExhausted: hold }')}`,
      ['error spec.onExhausted'],
    ],
  ];
  for (const [name, text, found] of rows) {
    it(`names ${name} on the embedded log`, () => assert.deepEqual(findings(text), found));
  }
});

describe('the Views and syncs of the event plan', () => {
  describe('of a View', () => {
    const table = '{ key: "${event.data.id}" }';
    const view = (spec: string, name = 'orders') => {
      const plan = compile(`${topic('{}').replace('name: orders', `name: ${name}`)}\n${trends(spec)}`);
      assert.deepEqual(plan.findings, []);
      return { plan, view: plan.views[0] ?? assert.fail('no view') };
    };

    it('reads each of its topics once', () => {
      const found = view(`{ from: [orders, orders], table: ${table} }`);
      assert.deepEqual(found.view.sources, [{ name: 'orders', topic: 'default.orders' }]);
    });

    it('begins a new generation when what it keeps changes, and not when only its questions do', () => {
      const of = (spec: string, name?: string) => view(spec, name).view.definition;
      const first = of(`{ from: [orders], table: ${table} }`);
      assert.equal(of(`{ from: [orders], table: ${table}, query: { maxLimit: 7 } }`), first);
      assert.notEqual(of(`{ from: [orders], table: ${table}, filter: "\${event.type == 'A'}" }`), first);
      assert.notEqual(of(`{ from: [orders], table: { key: "\${event.id}" } }`), first);
      assert.notEqual(of(`{ from: [others], table: ${table} }`, 'others'), first);
      const totals = (call: string) =>
        of(`{ from: [orders], aggregate: { by: "\${event.id}", values: { it: ${call} } } }`);
      assert.notEqual(totals('sum(event.data.n)'), totals('max(event.data.n)'));
    });
  });

  it('refuses whatever must be kept where nothing can be', () => {
    const text = `${topic('{}')}\n${queue('{ to: { url: "http://a.example" } }')}`;
    assert.deepEqual(findings(text, { storage: false, kafka: false }), ['error kind', 'error kind']);
    const [finding] = compile(text, { storage: false, folder: '/data', kafka: false }).findings;
    assert.equal(
      finding?.message,
      'Events cannot be kept: the folder /data cannot be written. Give this user the right to, or start with --data DIR and a folder that can.',
    );
  });

  it('has a consumer for each sync of a Strangler, that leaves out what has been in its legacy system', () => {
    const { consumers } = compile(
      `${topic('{}')}\n${shop('{ topic: orders, to: { url: "http://l.example" }, maxLag: 5s }')}`,
    );
    const [{ role, sync, settings, resource } = assert.fail('no consumer')] = consumers;
    assert.equal(role, 'sync');
    assert.equal(resource.metadata.name, 'shop.orders');
    assert.equal(settings.group, 'strangler.default.shop.orders');
    assert.deepEqual(
      [settings.topic, settings.order, settings.onExhausted, settings.from],
      ['default.orders', 'key', 'hold', 'earliest'],
    );
    assert.deepEqual([sync?.origin, sync?.maxLagMs], ['default/shop', 5000]);
    const filter = settings.filter ?? assert.fail('no filter');
    const passes = (origin: string | undefined) => {
      const headers = { ce_specversion: '1.0', ...(origin === undefined ? {} : { ce_tenfoldorigin: origin }) };
      return filter({ key: 'k', value: Buffer.from('{}'), headers, offset: 0, timestamp: 0 });
    };
    const origins = [undefined, 'crm', 'other/shop', 'shop', 'crm,default/shop'];
    assert.deepEqual(origins.map(passes), [true, true, true, false, false]);
    assert.equal(sync?.kept.returned, 2);
    const isTaken = (only: string) =>
      filter({ key: 'k', value: Buffer.from('{}'), headers: { 'tenfold-for': only }, offset: 0, timestamp: 0 });
    const addressees = ['Strangler/default/shop.orders', 'Subscription/default/shop.orders'];
    assert.deepEqual(addressees.map(isTaken), [true, false]);
  });

  it('refuses a sync that cannot be', () => {
    const at = 'error spec.features.0.sync';
    const to = (target: string) => `${topic('{}')}\n${shop(`{ topic: orders, to: ${target} }`)}`;
    assert.deepEqual(findings(to('{ topic: orders }')), [`${at}.to.topic`]);
    assert.ok(
      findings(`${to('{ view: trends }')}\n${trends('{ from: [orders], table: { key: "${event.id}" } }')}`).includes(
        `${at}.to.view`,
      ),
    );
    assert.deepEqual(findings(to('[{ url: "http://l.example", weight: 1 }, { topic: orders, weight: 1 }]')), [
      `${at}.to.1.topic`,
    ]);
    assert.ok(findings(to('{ url: "http://l.example" }'), { storage: false, kafka: false }).includes(at));
  });
});
