// The same by routes.
import { http } from 'tenfold';
import { order } from './payload.mjs';

// biome-ignore lint/style/noDefaultExport: a function's module has one
export default http({
  'GET /orders/:id': () => order,
  'POST /orders/:id': request => request.json(),
});
