// All targets.
import type { FuzzTarget } from '../fuzz-target.ts';
import { addresses } from './addresses.ts';
import { causes } from './causes.ts';
import { celTemplate } from './cel.ts';
import { eventBatch, eventBinary, eventStructured } from './cloud-events.ts';
import { avroData, json, markup, protobufData, yaml } from './documents.ts';
import { fields } from './fields.ts';
import { graphql } from './graphql.ts';
import { http1Answer } from './http1-answer.ts';
import { kafkaAnswers } from './kafka-answers.ts';
import { positions } from './positions.ts';
import { inflating, recordBatch } from './record-batch.ts';
import { requestHead } from './request-head.ts';
import { units } from './units.ts';

export const targets: readonly FuzzTarget[] = [
  requestHead,
  http1Answer,
  eventBinary,
  eventStructured,
  eventBatch,
  recordBatch,
  inflating,
  kafkaAnswers,
  celTemplate,
  units,
  fields,
  addresses,
  graphql,
  causes,
  positions,
  yaml,
  json,
  markup,
  avroData,
  protobufData,
];
