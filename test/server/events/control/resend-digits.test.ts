// An event that is sent again keeps every digit of its numbers, in whatever form its record holds
// it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { topicOf } from '../../../../core/names.ts';
import { realWorld } from '../../../../core/world.ts';
import { loadText } from '../../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../../resources/resource-set.ts';
import { createResendControl } from '../../../../server/events/control/resend-control.ts';
import { toTopicEvent } from '../../../../server/events/topics/topic-event.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { openInlineLog } from '../../../drivers/event-log/sqlite/open-inline-log.ts';

const TOPIC = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 1, schema: { type: object, properties: { id: { type: integer } } } }
`;
const DATA = '{"id":9007199254740993}';
const JSON_TYPE = { 'content-type': 'application/json' };
const ATTRIBUTES = { ce_specversion: '1.0', ce_id: '1', ce_source: '/shop', ce_type: 'Ordered' };
const FORMS = {
  'in binary mode': { value: DATA, headers: { ...ATTRIBUTES, ...JSON_TYPE } },
  'in structured mode': {
    value: `{"specversion":"1.0","id":"1","source":"/shop","type":"Ordered","data":${DATA}}`,
    headers: { 'content-type': 'application/cloudevents+json' },
  },
  'without attributes': { value: DATA, headers: JSON_TYPE },
};

describe('an event with a number beyond 2^53 that is sent again', () => {
  after(() => removeTempFolders());

  for (const [form, { value, headers }] of Object.entries(FORMS))
    it(`keeps its digits, and is shown with them: ${form}`, async () => {
      const log = await openInlineLog(join(tempFolder(), 'log.db'));
      const name = topicOf('default', 'orders');
      await log.ensureTopic(name, { partitions: 1 });
      await log.append(name, [{ key: null, partition: 0, value: Buffer.from(value), headers }]);
      const set = createResourceSet(loadText('app.yaml', TOPIC).resources);
      const control = createResendControl({
        world: realWorld,
        log,
        consumers: () => [],
        views: { views: [] },
        pipelines: { pipelines: [] },
        resources: () => set,
      });
      const place = '0-0';
      await control.send({ namespace: 'default', topic: 'orders', place, eventId: 'again' });
      const [first, second] = (await log.read(name, 0, 0, { maxRecords: 10, maxBytes: 1_000_000 })).records;
      assert.ok(first && second);
      assert.equal(Buffer.from(second.value).toString(), DATA);
      for (const record of [first, second]) assert.equal(toTopicEvent(record, 0, 1000, undefined).text, DATA);
      await log.close();
    });
});
