// Resources with a FanOut for each way in which one is begun, divided, worked and ended.
const resource = (kind: string, name: string, spec: string) => `---
apiVersion: tenfold.dev/v1alpha1
kind: ${kind}
metadata: { name: ${name} }
spec: ${spec}
`;
const NUMBERS = '"${event.data.numbers}"';
/** One FanOut for each way, with workers at this address. */
export const yamlOf = (url: string) => {
  const worker = `{ url: "${url}", retry: { attempts: 1 } }`;
  return [
    resource('Topic', 'orders', '{ partitions: 2 }'),
    resource('FanOut', 'by-topic', `{ "on": { topic: orders }, split: ${NUMBERS}, worker: ${worker} }`),
    resource('FanOut', 'by-function', `{ split: { function: split }, maxItems: 10, worker: ${worker} }`),
    resource('FanOut', 'outer', `{ split: "\${event.data.lists}", worker: { fanOut: inner } }`),
    resource('FanOut', 'inner', `{ split: "\${event.data}", worker: ${worker}, gather: { function: sum } }`),
    resource(
      'FanOut',
      'batched',
      `{ split: ${NUMBERS}, worker: { url: "${url}/batch", batch: { size: 3 }, retry: { attempts: 1 } } }`,
    ),
    resource('FanOut', 'two', `{ split: ${NUMBERS}, worker: ${worker}, complete: { when: quorum, quorum: 2 } }`),
    resource('FanOut', 'short', `{ split: ${NUMBERS}, worker: ${worker}, complete: { deadline: 3s, tolerate: 1 } }`),
    resource('FanOut', 'some', `{ split: ${NUMBERS}, worker: ${worker}, complete: { when: deadline, deadline: 3s } }`),
    resource('FanOut', 'narrow', `{ split: ${NUMBERS}, worker: { url: "${url}/slow", perJob: 2, concurrency: 50 } }`),
    resource('Queue', 'jobs', '{ to: { fanOut: by-function } }'),
  ].join('');
};
