// Lends a streamed body to a user that destroys its streams: the stream itself stays whole as long
// as nothing was read of it.
import { Readable } from 'node:stream';

export function lendBody(source: Readable): Readable {
  let begun = false;
  const begin = () => {
    begun = true;
    source.on('data', chunk => {
      if (!lent.push(chunk)) source.pause();
    });
    source.on('end', () => lent.push(null));
    source.on('error', error => lent.destroy(error));
    source.on('close', () => {
      if (!source.readableEnded) lent.destroy();
    });
  };
  const lent = new Readable({
    highWaterMark: 65_536,
    read() {
      if (!begun) begin();
      else source.resume();
    },
    destroy(error, done) {
      if (begun && !source.readableEnded) source.destroy();
      done(error);
    },
  });
  return lent;
}
