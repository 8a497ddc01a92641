// The function as @google-cloud/functions-framework takes it.
import { http } from '@google-cloud/functions-framework';
import { order } from './payload.mjs';

http('bench', (request, response) => {
  response.json(request.method === 'GET' ? order : request.body);
});
