// The catalogue of Topics in the admin API: what each is for, whose it is, the shape of its events,
// and who sends and reads them.
import type { JsonObject, JsonValue } from '../../resources/kinds/fields/json.ts';

export interface TopicEntry {
  readonly namespace: string;
  readonly name: string;
  /** The annotation `kubernetes.io/description`, else the description of the schema. */
  readonly description?: string;
  /** The annotation or label `tenfold.dev/owner`. */
  readonly owner?: string;
  /** The annotation or label `tenfold.dev/lifecycle`. */
  readonly lifecycle?: string;
  /** Set for a topic of somebody else, whose other senders and readers nobody here knows. */
  readonly external?: true;
  /** Of the data of each event, as written, with its `x-sensitive` marks. */
  readonly schema?: JsonObject;
  /** Which changes of the schema are let in. */
  readonly compatibility: 'none' | 'backward' | 'forward' | 'full';
  /** Fields that are masked for whoever looks at events, such as `card` or `guests[].phone`. */
  readonly sensitive: readonly string[];
  /** Set where there are more of them than are listed. */
  readonly moreSensitive?: true;
  /** Set where a schema registry has the schema of the data. */
  readonly registry?: { readonly format: 'json' | 'avro' | 'protobuf'; readonly subject?: string };
  /** Data of sample events: the `examples` of the schema. */
  readonly samples: readonly JsonValue[];
  readonly producers: readonly TopicProducer[];
  readonly consumers: readonly TopicConsumer[];
}

export interface TopicProducer {
  /**
   * A kind of resource, `Schedule` for a schedule of the Topic itself, or `Postgres` for its
   * source, whose name is that of the table.
   */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The owner of the resource, where it says so. */
  readonly owner?: string;
  /** The pattern of a schedule. */
  readonly cron?: string;
}

export interface TopicConsumer {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The owner of the resource, where it says so. */
  readonly owner?: string;
  /** The expression that selects the events that it takes. */
  readonly filter?: string;
  /** What it leads to, such as `Function/shop/ship` or `Queue/shop/labels`. */
  readonly to: readonly string[];
}
