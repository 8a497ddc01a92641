// A server built as the OpenFaaS Node template builds its own: Express with three body parsers in
// front of an event and context handler.
import express from 'express';
import { order } from './payload.mjs';

const handler = async (event, context) => context.status(200).succeed(event.method === 'GET' ? order : event.body);

const app = express();
app.disable('x-powered-by');
app.use((request, _response, next) => {
  request.headers['content-type'] ??= 'text/plain';
  next();
});
app.use(express.text({ type: 'text/*' }), express.json(), express.urlencoded({ extended: true }));
app.use(async (request, response) => {
  let status = 200;
  const context = {
    status: code => {
      status = code;
      return context;
    },
    succeed: value => response.set({}).status(status).send(JSON.stringify(value)),
  };
  const { body, headers, method, query, path } = request;
  await handler({ body, headers, method, query, path }, context);
});
app.listen(Number(process.env.PORT), '127.0.0.1');
