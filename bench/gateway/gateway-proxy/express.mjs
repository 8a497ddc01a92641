// Express with http-proxy-middleware: 50 prefixes, connections to the upstream kept alive.
import { Agent } from 'node:http';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

const app = express();
app.disable('x-powered-by');
const agent = new Agent({ keepAlive: true });
for (let index = 0; index < 50; index++) {
  const target = `${process.env.UPSTREAM}/r${index}`;
  app.use(`/shop/r${index}`, createProxyMiddleware({ target, agent, changeOrigin: true, xfwd: true }));
}
app.listen(Number(process.env.PORT), '127.0.0.1');
