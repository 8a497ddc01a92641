// Fastify with an answer kept in a Map by URL: what a team writes by hand in front of a service.
import fastify from 'fastify';

const body = JSON.stringify({ menu: Array.from({ length: 8 }, (_, id) => ({ id, name: 'V60', price: 450 })) });
const kept = new Map([['/shop/menu', { etag: '"menu-1"', body }]]);
const app = fastify();
app.get('/shop/menu', (request, reply) => {
  const answer = kept.get(request.url);
  reply.header('etag', answer.etag).header('cache-control', 'max-age=60').type('application/json').send(answer.body);
});
app.get('/orders/1', async () => '');
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
