// Express with the same: an answer kept in a Map by URL.
import express from 'express';

const body = JSON.stringify({ menu: Array.from({ length: 8 }, (_, id) => ({ id, name: 'V60', price: 450 })) });
const kept = new Map([['/shop/menu', { etag: '"menu-1"', body }]]);
const app = express();
app.get('/shop/menu', (request, response) => {
  const answer = kept.get(request.url);
  response.set({ etag: answer.etag, 'cache-control': 'max-age=60' }).type('json').send(answer.body);
});
app.listen(Number(process.env.PORT), '127.0.0.1');
