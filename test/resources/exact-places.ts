// The places of the kinds that have an expression, and what each makes of data.
import assert from 'node:assert/strict';
import { compileExpression } from '../../core/cel/expression.ts';
import { compileTemplate } from '../../core/cel/template.ts';
import { compileValue } from '../../core/cel/value.ts';
import { asSent } from '../../core/cloudevents/as-sent.ts';
import { defaultEventLimits } from '../../core/cloudevents/cloud-event.ts';
import { decodeBinary } from '../../core/cloudevents/decode-binary.ts';
import { compileEventValidator } from '../../core/cloudevents/event-validator.ts';
import { exactFromRecord } from '../../core/cloudevents/record.ts';
import { parseExactly, toExactText } from '../../core/units/whole-numbers.ts';
import { VIEW_ROWS } from '../../core/views/view-layout.ts';
import { compileAnswer } from '../../gateway/aggregate/answer-template.ts';
import { readValue } from '../../gateway/aggregate/part-value.ts';
import { seenByNormalizer } from '../../gateway/strangler/compare/compare-answers.ts';
import { compilePath } from '../../gateway/upstream/path-template.ts';
import { toTextOf } from '../../gateway/views/answer-text.ts';
import { viewSpec } from '../../resources/kinds/view.ts';
import { aggregateScope, scopeOf } from '../../resources/references/scopes.ts';
import { compileAggregate } from '../../worker/aggregates/compile-aggregate.ts';
import { toArchive } from '../../worker/archive/pipeline-archives.ts';
import { createExpressionSplitter } from '../../worker/fan-outs/splitter.ts';
import { compileEventTime } from '../../worker/pipelines/event-time.ts';
import { toInternal } from '../../worker/pipelines/flow/item-codec.ts';
import { filterStep, flatMapStep, mapStep } from '../../worker/pipelines/flow/steps.ts';
import { decodeOpenEvent, encodeOpenEvent } from '../../worker/pipelines/join/open-event.ts';
import { compileKey } from '../../worker/pipelines/window/window-plan.ts';
import { compileDueAt, compileFilter, compileShare } from '../../worker/plan/record-expressions.ts';
import { createRowMaker } from '../../worker/tables/table-rows.ts';
import { toProjected } from '../../worker/views/projection/projected-events.ts';
import { compileShape } from '../../worker/views/shapes/compile-shape.ts';
import { HEADERS, holds, ID, isIt, itemOf, type Place, recordOf, requestOf } from './exact-data.ts';

function step(make: (text: string, origin: string) => ReturnType<typeof mapStep>, text: string): Place {
  return async json => {
    const never = new AbortController().signal;
    const refuse = (_: unknown, error: unknown) => {
      throw error;
    };
    const leftOut = { filtered: 0, deduplicated: 0, unjoined: 0 };
    const tools = { leftOut, call: assert.fail, rows: assert.fail, isFirst: assert.fail };
    const run = { outlets: [], refuse, tools, leftOut, attempt: 1, signal: never };
    const items = await make(text, 'p')([itemOf(json)], run);
    return items.map(item =>
      Buffer.from(toInternal(item, 'k', { topic: 't', partition: 0, offset: 0, index: 0 }).value),
    );
  };
}

/** The records of a View and the changes of rows that they lead to, where `stored` is there. */
function view(spec: object): Place {
  return async json => {
    const shape = compileShape({ spec: viewSpec.parse({ from: ['orders'], ...spec }) } as never);
    assert.ok(shape);
    const made = await shape.project(recordOf(json), undefined as never);
    const records = made.map(({ key, value, headers = {} }) => ({ offset: 1, timestamp: 0, key, value, headers }));
    const rows = async (_scope: string, name: string, keys: readonly string[]) =>
      keys.map(row => (name === VIEW_ROWS ? { key: row, value: Buffer.from(json), version: '1' } : undefined));
    const store = { now: () => 0, rows, changeDocuments: async () => [] };
    const changes = await shape.toChanges(records, 'scope', store as never);
    return [...made.map(({ key, value }) => `${key} ${Buffer.from(value)}`), toExactText(changes.map(textsIn))];
  };
}

function textsIn(change: object): unknown {
  return Object.values(change).map(each => (each instanceof Uint8Array ? Buffer.from(each).toString() : each));
}

function aggregate(text: string): Place {
  return json => {
    const { ask, create } = compileAggregate('x', text);
    const kept = create();
    kept.add(ask?.(exactFromRecord(recordOf(json))), 0);
    return [toExactText(kept.result()), toExactText(create(parseExactly(toExactText(kept.save()))).result())];
  };
}

const key: Place = json => {
  const validator = compileEventValidator({ key: ID, maxSize: 1e6 }, scopeOf('event'));
  const headers = Object.entries(HEADERS).flatMap(([name, value]) => [name.replace('_', '-'), value]);
  const body = Buffer.from(json);
  const sent = validator.admit(decodeBinary(headers, body, defaultEventLimits), body, {});
  const { event, body: again } = asSent(exactFromRecord(recordOf(json)), undefined);
  const made = validator.admit(event, again, {});
  return [sent.key, made.key, Buffer.from(made.value)];
};
const folder: Place = json => {
  const pipeline = { metadata: { namespace: 'n', name: 'p' }, spec: { time: { of: '${event.time}' } } } as never;
  const { toEvents } = toArchive(pipeline, { id: 'archive', archive: { folders: { id: ID } } } as never, 't');
  return toEvents(recordOf(json)).map(({ folders = '' }) => decodeURIComponent(folders));
};
const schedule: Place = (_, n) => {
  const data = compileValue({ id: `\${${n}}` }, scopeOf('event')).evaluate({});
  const { event, body } = asSent({ specversion: '1.0', id: 'e', source: '/s', type: 't', data }, undefined);
  return body ?? event;
};
const share: Place = (json, n) => {
  const { by, weight } = compileShare({ by: ID, weight: ID, max: 1 });
  assert.ok([String(n), undefined].includes(by(recordOf(json))));
  return weight?.(recordOf(json));
};
const condition: Place = (json, n) => holds(compileFilter(isIt(n))(recordOf(json)));
const dueAt: Place = json => compileDueAt('${timestamp(event.data.id)}')(recordOf(json));
const eventKey: Place = json => compileKey(ID)(itemOf(json).event);
const mapping = step(mapStep, '${{"id": event.data.id, "all": event.data}}');
const flattening = step(flatMapStep, '${[event.data.id, event.data]}');
const filtering: Place = async (json, n) =>
  assert.equal((await (step(filterStep, isIt(n))(json, n) as Promise<[]>)).length, 1);
const template: Place = json =>
  compileTemplate('a ${request.body.id} b', scopeOf('request'), { expected: 'string' }).evaluate(requestOf(json));
const path: Place = json =>
  compilePath('/${request.body.id}?q=${request.body.id}', scopeOf('graphql')).evaluate(requestOf(json));
const rule: Place = (json, n) =>
  holds(compileTemplate(isIt(n, 'request.body.id'), scopeOf('request'), { whole: true }).evaluate(requestOf(json)));
const body: Place = json => {
  const parent = readValue({ status: 200, fields: [], body: Buffer.from(json) } as never, {
    headers: false,
    body: true,
  }).body;
  return toExactText(
    compileValue({ a: '${parent}', b: '${request.body.id}' }, scopeOf('graphql')).evaluate({
      ...requestOf(json),
      parent,
    }),
  );
};
const part = (json: string) => ({
  ...requestOf(json),
  order: readValue({ status: 200, fields: [], body: Buffer.from(json) } as never, { headers: false, body: true }),
});
const answer: Place = json =>
  compileAnswer({ a: '${order.body}', b: 'is ${order.body.id}' }, aggregateScope(['order'])).render(
    part(json),
    () => false,
  );
const partText: Place = json => compilePath('/${order.body.id}', aggregateScope(['order'])).evaluate(part(json));
const partRule: Place = (json, n) =>
  holds(compileTemplate(isIt(n, 'order.body.id'), aggregateScope(['order']), { whole: true }).evaluate(part(json)));
const normalized: Place = json =>
  toExactText(
    compileExpression('answer.body', scopeOf('answer')).evaluate({
      answer: seenByNormalizer({ status: 200, fields: [], body: Buffer.from(json) } as never),
    }),
  );

const time: Place = json => compileEventTime('${timestamp(event.data.id)}')(itemOf(json).event);
const waiting: Place = json => {
  const { event, place } = itemOf(json);
  const open = { side: 0, key: 'k', time: 1, company: 'alone', place, bytes: 1, timestamp: 1, headers: {}, event };
  const text = encodeOpenEvent({ ...open, row: 'r', unsaved: false } as never);
  return [text, toExactText(decodeOpenEvent('r', text).event)];
};

const tableRow = (columns: Readonly<Record<string, string>>, json: string, isDelete?: string) =>
  createRowMaker({ key: ['k'], columns, delete: isDelete } as never)(exactFromRecord(recordOf(json)));
const tableColumn: Place = json => tableRow({ k: ID, all: '${event.data}' }, json).json;
const tableDelete: Place = (json, n) => holds(tableRow({ k: '${"a"}' }, json, isIt(n)).kind === 'delete');

const table = (more: object) => view({ table: { key: ID, ...more } });
const aggregates: Record<string, Place> = Object.fromEntries(
  ['sum', 'avg', 'min', 'max', 'first', 'last', 'distinct'].map(name => [name, aggregate(`${name}(event.data.id)`)]),
);

/** Of a step of a Pipeline. */
const ofSteps: Readonly<Record<string, Place | readonly Place[]>> = {
  filter: filtering,
  map: mapping,
  flatMap: flattening,
  'dedupe.by': eventKey,
  'join.key': eventKey,
  'joinTopic.key': eventKey,
  'joinTopic.otherKey': eventKey,
  'joinTopic.otherTime': time,
  'window.by': eventKey,
  'window.aggregate.*': Object.values(aggregates),
};
/** Of one of its sinks. */
const ofSinks: Readonly<Record<string, Place>> = {
  'archive.folders.*': folder,
  key: key,
  'postgres.columns.*': tableColumn,
  'postgres.delete': tableDelete,
};
const under = <T>(path: string, some: Readonly<Record<string, T>>) =>
  Object.fromEntries(Object.entries(some).map(([name, place]) => [`${path}${name}`, place]));

export const places: Readonly<Record<string, Place | readonly Place[]>> = {
  'Topic.key': key,
  'Topic.schedules[].data': schedule,
  'Api.auth.allow': rule,
  'Api.rateLimit.by': template,
  'Api.graphql.resolvers.*.path': path,
  'Api.graphql.resolvers.*.body': body,
  'Api.routes[].rateLimit.by': template,
  'Api.routes[].auth.allow': rule,
  'Api.routes[].request.path': template,
  'Api.routes[].request.host': template,
  'Api.routes[].request.headers.set.*': template,
  'Api.routes[].request.headers.add.*': template,
  'Api.routes[].response.headers.set.*': template,
  'Api.routes[].response.headers.add.*': template,
  'Api.routes[].event.type': template,
  'Api.routes[].event.source': template,
  'Api.routes[].event.subject': template,
  'Aggregate.parts.*.path': partText,
  'Aggregate.parts.*.headers.*': partText,
  'Aggregate.parts.*.body': body,
  'Aggregate.parts.*.when': partRule,
  'Aggregate.response.body': answer,
  'Aggregate.response.headers.*': partText,
  'Subscription.filter': condition,
  'Subscription.share.by': share,
  'Subscription.share.weight': share,
  'Subscription.deliverAt': dueAt,
  'Subscription.idempotency.key': eventKey,
  'Strangler.features[].path': template,
  'Strangler.features[].headers.set.*': template,
  'Strangler.features[].headers.add.*': template,
  'Strangler.features[].shadow.compare.normalize': normalized,
  'Queue.key': key,
  'Queue.share.by': share,
  'Queue.share.weight': share,
  'Queue.deliverAt': dueAt,
  'Queue.schedules[].data': schedule,
  'View.filter': (json, n) => view({ filter: isIt(n), table: { key: ID } })(json, n),
  'View.table.key': table({}),
  'View.table.value': [
    table({ value: { id: ID, all: '${event.data}' } }),
    table({ value: { id: ID }, merge: true }),
    table({ value: { next: '${row.id + 1}', old: '${row}' } }),
    table({ merge: true }),
    table({ indexes: ['id'] }),
  ],
  'View.table.delete': (json, n) => table({ delete: isIt(n) })(json, n),
  'View.ranking.member': view({ ranking: { member: ID, score: '${1}', limit: 10 } }),
  'View.ranking.score': view({ ranking: { member: '${"a"}', score: ID, limit: 10 } }),
  'View.ranking.delete': (json, n) =>
    view({ ranking: { member: ID, score: '${1}', limit: 10, delete: isIt(n) } })(json, n),
  'View.ranking.value': view({ ranking: { member: ID, score: '${1}', limit: 10, value: { id: ID } } }),
  'View.feed.owner': view({ feed: { owner: '${[string(event.data.id)]}', id: ID } }),
  'View.feed.followers.author': eventKey,
  'View.feed.id': view({ feed: { owner: '${"a"}', id: ID } }),
  'View.feed.delete': (json, n) => view({ feed: { owner: '${"a"}', id: ID, delete: isIt(n) } })(json, n),
  'View.feed.value': view({ feed: { owner: '${"a"}', id: ID, value: { id: ID } } }),
  'View.search.id': view({ search: { id: ID, document: { a: 'b' }, fields: { a: { type: 'keyword' } } } }),
  'View.search.document': view({ search: { id: '${"a"}', fields: { id: { type: 'number' } } } }),
  'View.search.delete': (json, n) =>
    view({ search: { id: ID, fields: { id: { type: 'number' } }, delete: isIt(n) } })(json, n),
  'View.aggregate.by': view({ aggregate: { by: ID, values: { n: 'count()' } } }),
  'View.aggregate.values.*': view({
    aggregate: { by: '${"a"}', values: { a: 'first(event.data.id)', b: 'max(event.data.id)' } },
  }),
  'View.aggregate.having': (json, n) =>
    view({ aggregate: { by: '${"a"}', values: { a: 'last(event.data.id)' }, having: isIt(n, 'row.a') } })(json, n),
  'Pipeline.time.of': time,
  ...under('Pipeline.steps[].', ofSteps),
  'Pipeline.steps[].branch[].when': filtering,
  ...under('Pipeline.steps[].branch[].steps[].', ofSteps),
  ...under('Pipeline.steps[].branch[].to[].', ofSinks),
  ...under('Pipeline.to[].', ofSinks),
  'FanOut.split': async json => {
    const open = createExpressionSplitter('${[event.data.id, event.data]}').open(
      { record: recordOf(json) } as never,
      'j',
    );
    return toExactText((await open(undefined, new AbortController().signal)).items);
  },
  'FanOut.schedules[].data': schedule,
};

/** Copies without an expression. */
export const copies: Readonly<Record<string, Place>> = {
  'an event that waits in a join': waiting,
  'the chosen members of a row': json => toTextOf(['id'])(Buffer.from(json)),
  'what a function of a View answers': json => {
    const headers = ['content-type', 'application/json'];
    const events = toProjected(
      { status: 200, headers, body: Buffer.from(`[${json}]`) },
      exactFromRecord(recordOf('1')),
    );
    return toExactText(events);
  },
};
