// The page that the guests see: orders come onto it as they are placed, and leave it when they are
// served. It follows the View of the wall, and asks for nothing again.

/** Names of guests and drinks are texts of the page, never markup. */
const SCRIPT = `
const list = document.querySelector('#orders');
const state = document.querySelector('#state');
let orders = [];

function take(isAll, { items, removed = [] }) {
  const gone = new Set([...removed, ...items.map(({ key }) => key)]);
  orders = isAll ? [] : orders.filter(({ key }) => !gone.has(key));
  for (const { at = orders.length, ...order } of items) orders.splice(at, 0, order);
  list.replaceChildren(...orders.map(toLine));
}

function toLine({ value: { toMake } }) {
  const line = document.createElement('li');
  const drinks = toMake.map(({ name }) => name).join(', ');
  line.textContent = toMake[0].guest + ' at ' + toMake[0].table + ': ' + drinks;
  return line;
}

function follow() {
  const stream = new EventSource('orders?index=takenAt&limit=50');
  stream.addEventListener('rows', ({ data }) => take(true, JSON.parse(data)));
  stream.addEventListener('change', ({ data }) => take(false, JSON.parse(data)));
  stream.addEventListener('open', () => { state.textContent = 'live'; });
  stream.addEventListener('error', () => {
    state.textContent = 'connecting';
    // A browser gives up where the answer is no stream, such as 503 for too many followers.
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 5000);
  });
}

follow();
`;

export const LIVE_WALL = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Orders of the coffee shop</title>
<style>
  body { font: 1.5rem/1.6 system-ui, sans-serif; margin: 2rem auto; max-width: 60ch; padding: 0 1rem; }
</style>
<h1>To be made</h1>
<ol id="orders" aria-live="polite"></ol>
<p id="state" role="status">connecting</p>
<script>${SCRIPT}</script>
</html>
`;
