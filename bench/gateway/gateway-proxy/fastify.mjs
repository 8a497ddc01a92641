// Fastify with @fastify/http-proxy: 50 prefixes, logger off.
import proxy from '@fastify/http-proxy';
import fastify from 'fastify';

const app = fastify({ logger: false });
for (let index = 0; index < 50; index++) {
  app.register(proxy, { upstream: process.env.UPSTREAM, prefix: `/shop/r${index}`, rewritePrefix: `/r${index}` });
}
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
