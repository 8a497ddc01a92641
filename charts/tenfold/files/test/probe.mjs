// Sends events through a running platform until one of them comes back: Api → Topic → Subscription
// → here. Ends with 0 when one does.
import { randomUUID } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';

const { EVENTS_URL = '', PORT = '8080', SECONDS = '120' } = process.env;
const sent = new Set();
let last = 'nothing was sent';

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const id = readId(Buffer.concat(chunks).toString());
    // Only when it is answered: what was delivered should not be tried again.
    response.writeHead(204).end(() => {
      if (sent.has(id)) end(0, `An event came through: ${id}`);
    });
  });
});
server.listen(Number(PORT), () => void send());
setTimeout(() => end(1, `No event came through within ${SECONDS} s. Sent: ${sent.size}; the last answer: ${last}`), Number(SECONDS) * 1000);

/** Once a second, since what it goes through may have been made a moment ago. */
function send() {
  const id = randomUUID();
  const body = JSON.stringify({ id });
  const client = EVENTS_URL.startsWith('https:') ? https : http;
  // The certificate is for the name that clients use, and this calls the Service by its own.
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, timeout: 5000, rejectUnauthorized: false };
  const request = client.request(EVENTS_URL, options, answer => {
    const chunks = [];
    answer.on('data', chunk => chunks.push(chunk));
    answer.on('end', () => {
      last = `${answer.statusCode} ${Buffer.concat(chunks).toString().slice(0, 500)}`;
    });
  });
  sent.add(id);
  request.on('timeout', () => request.destroy(new Error('no answer within 5 s')));
  request.on('error', error => {
    last = `${EVENTS_URL}: ${error.message}`;
  });
  request.end(body);
  setTimeout(send, 1000);
}

function readId(text) {
  try {
    return JSON.parse(text).id;
  } catch {
    return undefined;
  }
}

function end(code, message) {
  console.log(message);
  process.exit(code);
}
