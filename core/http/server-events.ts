// Reads server-sent events (HTML, section 9.2) from the text of an answer.

export interface ServerEvent {
  /** To be shown as `Last-Event-ID` to go on after this event. */
  readonly id: string;
  /** Empty for a sign of life, which has nothing but its id. */
  readonly event: string;
  readonly data: string;
}

/** `chunks` may end anywhere. Lines end with line feeds, as the admin API writes them. */
export async function* readServerEvents(chunks: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let rest = '';
  let id = '';
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map(toField));
      id = fields.get('id') ?? id;
      yield { id, event: fields.get('event') ?? '', data: fields.get('data') ?? '' };
    }
  }
}

function toField(line: string): [string, string] {
  const at = line.indexOf(': ');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 2)];
}
