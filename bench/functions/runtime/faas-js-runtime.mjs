// The function as faas-js-runtime (Knative func's Node runtime) takes it.
import runtime from 'faas-js-runtime';
import { order } from './payload.mjs';

const handle = async (context, body) => (context.method === 'GET' ? order : body);
await runtime.start(handle, { port: Number(process.env.PORT), logLevel: 'silent' });
